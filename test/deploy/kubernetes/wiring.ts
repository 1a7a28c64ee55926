import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IPodSpec } from 'kubernetes-models/v1';
import { valueAt } from '../../../src/schema-tree/tree.ts';
import type { Cluster } from './models.ts';

/** docs/operating.md, "Alerts": some look back 2 minutes. */
const MOST_SECONDS_BETWEEN_SCRAPES = 30;

type Labels = Readonly<Record<string, string>>;

/** What no schema says of the objects of one overlay: whatever one of them names in another is there. Empty if all is well. */
export function wiringFaults(cluster: Cluster): readonly string[] {
  return [
    ...twice(cluster),
    ...cluster.deployments.flatMap((deployment) => [...selectorFaults(deployment), ...volumeFaults(deployment, cluster)]),
    ...cluster.deployments.flatMap(probePortFaults),
    ...cluster.services.flatMap((service) => serviceFaults(service, cluster)),
    ...cluster.disruptionBudgets.flatMap(({ spec }) => nobody('PodDisruptionBudget', spec?.selector?.matchLabels, cluster)),
    ...cluster.networkPolicies.flatMap((policy) => policyFaults(policy, cluster)),
    ...cluster.autoscalers.flatMap((autoscaler) => autoscalerFaults(autoscaler, cluster)),
    ...monitorFaults(cluster),
  ];
}

export function podOf(deployment: IDeployment): IPodSpec {
  const pod = deployment.spec?.template.spec;
  if (pod == null) throw new Error('a Deployment without a pod');
  return pod;
}

export function selected(labels: Labels | undefined, { deployments }: Cluster): readonly IDeployment[] {
  return deployments.filter(({ spec }) => labels !== undefined && isPart(labels, spec?.template.metadata?.labels));
}

function isPart(labels: Labels, whole: Labels | undefined): boolean {
  return Object.entries(labels).every(([key, value]) => whole?.[key] === value);
}

function nobody(what: string, labels: Labels | undefined, cluster: Cluster): readonly string[] {
  return selected(labels, cluster).length === 0 ? [`${what} selects no pod`] : [];
}

function twice({ all }: Cluster): readonly string[] {
  const names = all.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is there twice`);
}

function selectorFaults(deployment: IDeployment): readonly string[] {
  const { selector, template } = deployment.spec!;
  const all = [selector, ...(podOf(deployment).topologySpreadConstraints ?? []).map(({ labelSelector }) => labelSelector)];
  return all
    .filter((one) => !isPart(one?.matchLabels ?? { none: '' }, template.metadata?.labels))
    .map(() => 'its own pods are not selected');
}

function volumeFaults(deployment: IDeployment, { configMaps }: Cluster): readonly string[] {
  const { containers, volumes = [] } = podOf(deployment);
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  const names = volumes.map(({ name }) => name);
  const maps = volumes.flatMap(({ configMap }) => configMap?.name ?? []);
  return [
    ...mounts.filter(({ name }) => !names.includes(name)).map(({ name }) => `volume ${name} is not there`),
    ...names.filter((name) => !mounts.some((mount) => mount.name === name)).map((name) => `volume ${name} is not mounted`),
    // What is mounted by subPath never changes, so no reload sees it.
    ...mounts
      .filter((mount) => mount.subPath !== undefined || mount.readOnly !== true)
      .map(({ name }) => `volume ${name}: subPath, or not read-only`),
    ...maps.filter((map) => !configMaps.some(({ metadata }) => metadata?.name === map)).map((map) => `ConfigMap ${map} is not there`),
  ];
}

function portsOf(deployment: IDeployment | undefined): readonly (string | number | undefined)[] {
  return deployment === undefined
    ? []
    : podOf(deployment).containers.flatMap(({ ports = [] }) => ports.flatMap(({ name, containerPort }) => [name, containerPort]));
}

function probePortFaults(deployment: IDeployment): readonly string[] {
  const probes = podOf(deployment).containers.flatMap((one) => [one.startupProbe, one.readinessProbe, one.livenessProbe]);
  const ports = probes.flatMap((probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? []);
  return ports.filter((port) => !portsOf(deployment).includes(port)).map((port) => `a probe asks the port ${port}, which is not there`);
}

function serviceFaults({ metadata, spec }: Cluster['services'][number], cluster: Cluster): readonly string[] {
  const pods = selected(spec?.selector, cluster);
  const targets = (spec?.ports ?? []).map(({ targetPort, port }) => targetPort ?? port);
  return [
    ...(pods.length === 1 ? [] : [`Service ${metadata?.name} selects ${pods.length} deployments`]),
    ...targets.filter((port) => !portsOf(pods[0]).includes(port)).map((port) => `Service ${metadata?.name}: no port ${port}`),
  ];
}

function policyFaults({ metadata, spec }: Cluster['networkPolicies'][number], cluster: Cluster): readonly string[] {
  const what = `NetworkPolicy ${metadata?.name}`;
  const own = selected(spec?.podSelector.matchLabels, cluster);
  const peers = [...(spec?.ingress ?? []).flatMap(({ from = [] }) => from), ...(spec?.egress ?? []).flatMap(({ to = [] }) => to)];
  const near = peers.filter((peer) => peer.namespaceSelector === undefined && peer.podSelector?.matchLabels !== undefined);
  const inbound = (spec?.ingress ?? []).flatMap(({ ports = [] }) => ports.map(({ port }) => port));
  return [
    ...nobody(what, spec?.podSelector.matchLabels, cluster),
    ...near.flatMap(({ podSelector }) => nobody(`${what}, a peer`, podSelector?.matchLabels, cluster)),
    ...inbound.filter((port) => !portsOf(own[0]).includes(port)).map((port) => `${what}: no port ${port}`),
    ...(spec?.policyTypes?.length === 2 ? [] : [`${what} leaves a direction open`]),
  ];
}

function autoscalerFaults({ spec }: Cluster['autoscalers'][number], { deployments }: Cluster): readonly string[] {
  const scaled = deployments.find(({ metadata }) => metadata?.name === spec?.scaleTargetRef.name);
  if (scaled === undefined) return ['the autoscaler scales nothing'];
  return scaled.spec?.replicas === undefined ? [] : ['replicas and an autoscaler: each apply undoes what it did'];
}

/** Its job is the one that the alerts ask for, over the port of a Service that is there. */
function monitorFaults({ all, services }: Cluster): readonly string[] {
  return all
    .filter(({ kind }) => kind === 'ServiceMonitor')
    .flatMap((monitor) => {
      const labels = Object.entries(valueAt(monitor, ['spec', 'selector', 'matchLabels']) ?? { none: '' });
      const service = services.find(({ metadata }) => labels.every(([key, value]) => metadata?.labels?.[key] === value));
      if (service === undefined) return ['ServiceMonitor selects no Service'];
      const port = valueAt(monitor, ['spec', 'endpoints', 0, 'port']);
      const job = service.metadata?.labels?.[String(valueAt(monitor, ['spec', 'jobLabel']))];
      return [
        ...((service.spec?.ports ?? []).some(({ name }) => name === port) ? [] : [`ServiceMonitor: no port ${String(port)}`]),
        ...(Number.parseInt(String(valueAt(monitor, ['spec', 'endpoints', 0, 'interval'])), 10) <= MOST_SECONDS_BETWEEN_SCRAPES
          ? []
          : ['ServiceMonitor: scraped too seldom']),
        ...(job === 'chat-probe' ? [] : [`ServiceMonitor: job ${job}`]),
      ];
    });
}

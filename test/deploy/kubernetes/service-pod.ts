import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IContainer } from 'kubernetes-models/v1';
import type { Config } from '../../../src/config/config.ts';
import { ENVIRONMENT } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { isLoopback } from '../../../src/config/loopback.ts';
import { valueAt } from '../../../src/schema-tree/tree.ts';
import type { Cluster } from './models.ts';
import { podOf, selected } from './wiring.ts';

const MIB = 2 ** 20;
/** With ten thousand callers waiting the process has 420 MB, of which 90 MB are in use on the heap: docs/operating.md, bench/README.md. */
const BESIDE_HEAP_BYTES = 330e6;
/** For the last answers of a drain: docs/operating.md, "Signals and drain". */
const LAST_ANSWERS_S = 2;
const DOCKERFILE = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8').replaceAll('\\\n', ' ');

/** What would not fit between the pods and what runs in them; empty if all is well. */
export function podFaults(cluster: Cluster): readonly string[] {
  return cluster.deployments.flatMap((deployment) => [
    ...rightsFaults(deployment),
    ...variableFaults(deployment),
    ...(runsService(deployment) ? serviceFaults(deployment, cluster) : []),
  ]);
}

/** The one that runs the image's own command. */
export function runsService(deployment: IDeployment): boolean {
  return containerOf(deployment).command === undefined;
}

/** What the service in this pod goes by: the image's variables, the pod's, and the files that are mounted. */
export function loadedIn(deployment: IDeployment, cluster: Cluster) {
  const files = mountedFiles(deployment, cluster);
  const read = new Set<string>();
  const loaded = loadConfig(variablesOf(deployment), (path) => {
    read.add(path);
    const text = files.get(path);
    return text === undefined ? { ok: false, detail: 'ENOENT' } : { ok: true, text };
  });
  return { loaded, unread: [...files.keys()].filter((path) => !read.has(path)) };
}

function serviceFaults(deployment: IDeployment, cluster: Cluster): readonly string[] {
  const { loaded, unread } = loadedIn(deployment, cluster);
  if (!loaded.ok) return loaded.problems;
  return [
    ...(isOptional(deployment) ? [] : unread.map((path) => `${path} is mounted for nothing`)),
    ...listenerFaults(deployment, loaded.config),
    ...graceFaults(deployment, loaded.config),
    ...memoryFaults(containerOf(deployment)),
    ...rolloutFaults(deployment, cluster),
    ...[...loaded.config.targets.values()].flatMap(({ adapter }) =>
      (adapter.kind === 'gateway' ? adapter.urls : []).flatMap((url) => egressFaults(new URL(url), deployment, cluster)),
    ),
  ];
}

function containerOf(deployment: IDeployment): IContainer {
  const [container, ...more] = podOf(deployment).containers;
  if (container === undefined || more.length > 0) throw new Error('not just one container');
  return container;
}

function variablesOf(deployment: IDeployment): Readonly<Record<string, string>> {
  const given = (containerOf(deployment).env ?? []).map(({ name, value }) => [name, value ?? '']);
  const [, last = ''] = /^FROM (?![\s\S]*^FROM )[\s\S]*?^ENV (.*)$/m.exec(DOCKERFILE) ?? [];
  return {
    ...Object.fromEntries([...last.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])),
    ...Object.fromEntries(given),
  };
}

function mountedFiles(deployment: IDeployment, { configMaps }: Cluster): ReadonlyMap<string, string> {
  const { volumeMounts = [] } = containerOf(deployment);
  const files = (podOf(deployment).volumes ?? []).flatMap(({ name, configMap, secret }) => {
    const folder = volumeMounts.find((mount) => mount.name === name)?.mountPath ?? '';
    const texts = configMaps.find(({ metadata }) => metadata?.name === configMap?.name)?.data ?? {};
    const secrets = (secret?.items ?? []).map(({ key, path }) => [path, `secret-${key}-for-the-test`] as const);
    return [...Object.entries(texts), ...secrets].map(([file, text]) => [join(folder, file), text] as const);
  });
  return new Map(files);
}

function isOptional(deployment: IDeployment): boolean {
  return (podOf(deployment).volumes ?? []).some(({ secret }) => secret?.optional === true);
}

function rightsFaults(deployment: IDeployment): readonly string[] {
  const pod = podOf(deployment);
  const { securityContext } = containerOf(deployment);
  const modes = (pod.volumes ?? []).flatMap(({ secret }) => secret?.defaultMode ?? []);
  const right: Readonly<Record<string, boolean>> = {
    'runAsNonRoot, by number': pod.securityContext?.runAsNonRoot === true && (pod.securityContext.runAsUser ?? 0) > 0,
    'seccompProfile RuntimeDefault': pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
    readOnlyRootFilesystem: securityContext?.readOnlyRootFilesystem === true,
    'allowPrivilegeEscalation false': securityContext?.allowPrivilegeEscalation === false,
    'capabilities drop ALL, add none':
      securityContext?.capabilities?.drop?.includes('ALL') === true && securityContext.capabilities.add === undefined,
    'enableServiceLinks false': pod.enableServiceLinks === false,
    'automountServiceAccountToken false': pod.automountServiceAccountToken === false,
    'nothing of the node':
      [pod.hostNetwork, pod.hostPID, pod.hostIPC].every((own) => own !== true) &&
      (pod.volumes ?? []).every(({ hostPath }) => hostPath === undefined),
    'secrets for the group alone': modes.every((mode) => mode === 0o440 && pod.securityContext?.fsGroup !== undefined),
  };
  return Object.keys(right)
    .filter((name) => !right[name])
    .map((name) => `not: ${name}`);
}

function variableFaults(deployment: IDeployment): readonly string[] {
  const known = new Set(['NODE_OPTIONS', ...ENVIRONMENT.map(({ name }) => name)]);
  const { env = [], envFrom } = containerOf(deployment);
  return [
    ...env.filter(({ name }) => !known.has(name)).map(({ name }) => `no variable ${name}`),
    ...env
      .filter(({ name, valueFrom }) => /(?:TOKEN|SECRET|PASSWORD)$/.test(name) || valueFrom !== undefined)
      .map(({ name }) => `${name}: secrets come from files`),
    ...(envFrom === undefined ? [] : ['envFrom: secrets come from files']),
  ];
}

function listenerFaults(deployment: IDeployment, { server }: Config): readonly string[] {
  const { ports = [], readinessProbe, livenessProbe, startupProbe } = containerOf(deployment);
  const scheme = server.tls === null ? undefined : 'HTTPS';
  const paths = [startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet?.path);
  return [
    ...(ports.some(({ containerPort }) => containerPort === server.port) ? [] : [`it listens on ${server.port}`]),
    ...(isLoopback(server.host) ? ['it listens on loopback'] : []),
    ...(paths.join() === '/livez,/readyz,/livez' ? [] : [`probes: ${paths.join()}`]),
    ...([startupProbe, readinessProbe, livenessProbe].every((probe) => probe?.httpGet?.scheme === scheme)
      ? []
      : ['the scheme of the probes']),
  ];
}

function graceFaults(deployment: IDeployment, { server }: Config): readonly string[] {
  const [sleep, seconds] = containerOf(deployment).lifecycle?.preStop?.exec?.command ?? [];
  const needed = Number(seconds) + server.drainMs / 1_000 + LAST_ANSWERS_S;
  const granted = podOf(deployment).terminationGracePeriodSeconds ?? 30;
  return sleep === 'sleep' && granted >= needed ? [] : [`killed after ${granted} s, and needs ${needed} s`];
}

function memoryFaults({ env = [], resources }: IContainer): readonly string[] {
  const options = env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '';
  const command = DOCKERFILE.split('\n').findLast((line) => line.startsWith('CMD ')) ?? '';
  const heap = Number(/--max-old-space-size=(\d+)/.exec(`${options} ${command}`)?.[1]) * MIB;
  const limit = bytesOf(resources?.limits?.['memory']);
  return limit - heap >= BESIDE_HEAP_BYTES ? [] : [`memory: a limit of ${limit} for a heap of ${heap}`];
}

function bytesOf(quantity: string | number | undefined): number {
  const [, digits, unit = ''] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  return Number(digits) * (unit === 'Gi' ? 1_024 : 1) * MIB;
}

function rolloutFaults({ metadata, spec }: IDeployment, { autoscalers }: Cluster): readonly string[] {
  const scaled = autoscalers.find((one) => one.spec?.scaleTargetRef.name === metadata?.name);
  const least = scaled?.spec?.minReplicas ?? spec?.replicas ?? 1;
  return [
    ...(least >= 2 ? [] : [`${least} replica`]),
    ...(spec?.strategy?.rollingUpdate?.maxUnavailable === 0 ? [] : ['a roll-out takes one away before the next is ready']),
  ];
}

/** A gateway that no policy lets it reach. Of one outside only the port can be looked at: its address is not known here. */
function egressFaults(url: URL, deployment: IDeployment, cluster: Cluster): readonly string[] {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const service = cluster.services.find(({ metadata }) => metadata?.name === url.hostname);
  const pods = service === undefined ? [] : selected(service.spec?.selector, cluster);
  const rules = cluster.networkPolicies
    .filter((policy) => selected(policy.spec?.podSelector.matchLabels, cluster).includes(deployment))
    .flatMap(({ spec }) => spec?.egress ?? []);
  const reached = rules.some(
    ({ to = [], ports = [] }) =>
      ports.some((one) => one.port === port && one.protocol === 'TCP') &&
      to.some((peer) =>
        service === undefined
          ? peer.ipBlock !== undefined
          : pods.some((pod) =>
              selected(valueAt(peer, ['podSelector', 'matchLabels']) as Record<string, string> | undefined, cluster).includes(pod),
            ),
      ),
  );
  return reached ? [] : [`no policy lets it reach ${url.host}`];
}

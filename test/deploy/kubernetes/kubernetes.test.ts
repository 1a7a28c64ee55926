import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configWarnings } from '../../../src/config/warnings.ts';
import { BASE } from '../../../tools/kubernetes/base.ts';
import { DEMO } from '../../../tools/kubernetes/demo.ts';
import { textOf } from '../../../tools/kubernetes/manifest.ts';
import { PRODUCTION } from '../../../tools/kubernetes/production.ts';
import { stubApi } from '../../http/stub-api.ts';
import { kustomized, type Resource } from '../../support/kustomize.ts';
import { FILES, text } from '../../support/pages.ts';
import { sharedService } from '../../support/service.ts';
import { byKind, schemaFaults } from './models.ts';
import { loadedIn, podFaults, runsService } from './service-pod.ts';
import { podOf, wiringFaults } from './wiring.ts';

const OVERLAYS = ['demo', 'production'] as const;
const BUILT = new Map(OVERLAYS.map((name) => [name, kustomized(`overlays/${name}`)]));
const overlayOf = (name: (typeof OVERLAYS)[number]) => BUILT.get(name) ?? [];
const faultsOf = (resources: readonly Resource[]) => [
  ...schemaFaults(resources),
  ...wiringFaults(byKind(resources)),
  ...podFaults(byKind(resources)),
];

it.each([...BASE, ...DEMO, ...PRODUCTION])('deploy/kubernetes/$file is what tools/kubernetes/ says', (manifest) => {
  expect(text(`deploy/kubernetes/${manifest.file}`)).toBe(textOf(manifest));
});

it('every file of deploy/kubernetes/ is part of an overlay', () => {
  const own = FILES.filter((file) => file.startsWith('deploy/kubernetes/')).map((file) => file.replace('deploy/kubernetes/', ''));
  const named = ['base', ...OVERLAYS.map((overlay) => `overlays/${overlay}`)].flatMap((folder) => {
    const { resources, configMapGenerator = [] } = parse(text(`deploy/kubernetes/${folder}/kustomization.yaml`));
    const files: string[] = [...resources, ...configMapGenerator.flatMap((map: { files: string[] }) => map.files), 'kustomization.yaml'];
    return files.filter((file) => file.endsWith('.yaml')).map((file) => `${folder}/${file}`);
  });
  expect(own.sort()).toEqual(named.sort());
});

describe.each(OVERLAYS)('the overlay %s', (overlay) => {
  it('fits Kubernetes, itself, and the service', () => {
    expect(faultsOf(overlayOf(overlay))).toEqual([]);
  });

  it('is all in one namespace', () => {
    const namespaces = overlayOf(overlay).map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace));
    expect([...new Set(namespaces)]).toEqual([overlay === 'demo' ? 'chat-probe-demo' : 'chat-probe']);
  });

  it('holds no secret', () => {
    expect(overlayOf(overlay).filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it.skipIf(!hasKustomize5())('is to kubectl what it is here', () => {
    const folder = fileURLToPath(new URL(`../../../deploy/kubernetes/overlays/${overlay}`, import.meta.url));
    const { stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const names = ({ kind, metadata }: Resource) => `${kind}/${metadata.name}`;
    const sorted = (resources: readonly Resource[]) => resources.toSorted((one, other) => (names(one) < names(other) ? -1 : 1));
    const made = parseAllDocuments(stdout).map((document): Resource => document.toJS());
    expect(sorted(made)).toEqual(sorted(overlayOf(overlay)));
  });
});

describe('the overlay production', () => {
  const cluster = byKind(overlayOf('production'));
  const [deployment] = cluster.deployments.filter(runsService);
  const service = sharedService();

  it('is dangerous in nothing but that it stops no chat yet', () => {
    const { loaded } = loadedIn(deployment!, cluster);
    expect(loaded.ok && configWarnings(loaded.config).map(({ text: warning }) => warning.split(':')[0])).toEqual(['SHADOW MODE']);
  });

  it('asks for a verdict, for releasing the guard and for metrics three secrets', () => {
    const { loaded } = loadedIn(deployment!, cluster);
    expect(loaded.ok && loaded.config.server.callers.map(({ name, scopes, secrets }) => [name, ...scopes, ...secrets])).toEqual([
      ['default', 'probe', 'secret-api-token-for-the-test'],
      ['ops', 'ops', 'secret-ops-token-for-the-test'],
      ['prometheus', 'metrics', 'secret-metrics-token-for-the-test'],
    ]);
  });

  it('shows Prometheus the secret of the caller with the scope metrics', () => {
    const monitor = parse(text('deploy/kubernetes/overlays/production/service-monitor.yaml'));
    const { secret } = podOf(deployment!).volumes!.find(({ name }) => name === 'secrets')!;
    expect(monitor.spec.endpoints[0].authorization.credentials).toEqual({ name: secret!.secretName, key: 'metrics-token' });
  });

  it('scales by a metric that is there, long before probes are shed', async () => {
    const { loaded } = loadedIn(deployment!, cluster);
    const { metric, target } = cluster.autoscalers[0]!.spec!.metrics![0]!.pods!;
    expect((await service().server.inject('/metrics')).body).toContain(`\n${metric.name}{`);
    expect(Number(target.averageValue)).toBeLessThanOrEqual((loaded.ok ? loaded.config.server.maxInFlight : 0) / 2);
  });

  it('alerts as deploy/prometheus/ does', () => {
    const { spec } = parse(text('deploy/kubernetes/overlays/production/prometheus-rule.yaml'));
    const files = ['rules.yml', 'alerts.yml'].map((file) => parse(text(`deploy/prometheus/${file}`)));
    expect(spec.groups).toEqual(files.flatMap(({ groups }) => groups));
  });
});

it('the probes of the pod ask what the service answers without a secret', async () => {
  const { server: api } = await stubApi({});
  for (const url of ['/livez', '/readyz']) expect((await api.inject({ url })).statusCode).toBe(200);
});

// biome-ignore lint/suspicious/noExplicitAny: what is broken on purpose fits no type
type Broken = any;

/** Each breaks one thing of the overlay production; `at` gives an object by its kind. */
const BREACHES: readonly (readonly [string, (at: At) => void, string])[] = [
  ['a type that is wrong', (at) => set(container(at), 'stdin', 'yes'), 'stdin must be boolean'],
  ['a quantity that is none', (at) => set(container(at).resources.limits, 'memory', '1 GB'), 'quantity'],
  [
    'a kind that the cluster does not have',
    (at) => set(at('HorizontalPodAutoscaler'), 'apiVersion', 'autoscaling/v2beta2'),
    'no HorizontalPodAutoscaler of autoscaling/v2beta2',
  ],
  [
    'pods with another label',
    (at) => set(at('Deployment').spec.template.metadata, 'labels', { app: 'chat-probe' }),
    'Service chat-probe selects 0 deployments',
  ],
  [
    'a Service with another selector',
    (at) => set(at('Service').spec, 'selector', { app: 'chat-probe' }),
    'Service chat-probe selects 0 deployments',
  ],
  ['a port with another name', (at) => set(container(at).ports[0], 'name', 'web'), 'Service chat-probe: no port http'],
  ['a probe of another port', (at) => set(container(at).livenessProbe.httpGet, 'port', 8081), 'a probe asks the port 8081'],
  [
    'a budget for other pods',
    (at) => set(at('PodDisruptionBudget').spec.selector, 'matchLabels', { app: 'x' }),
    'PodDisruptionBudget selects no pod',
  ],
  [
    'a policy for other pods',
    (at) => set(at('NetworkPolicy', 1).spec.podSelector, 'matchLabels', { app: 'x' }),
    'NetworkPolicy chat-probe-site selects no pod',
  ],
  ['a policy for one direction', (at) => set(at('NetworkPolicy').spec, 'policyTypes', ['Ingress']), 'leaves a direction open'],
  ['an autoscaler of nothing', (at) => set(at('HorizontalPodAutoscaler').spec.scaleTargetRef, 'name', 'x'), 'scales nothing'],
  ['a number of replicas beside the autoscaler', (at) => set(at('Deployment').spec, 'replicas', 2), 'each apply undoes'],
  ['a monitor of another port', (at) => set(at('ServiceMonitor').spec.endpoints[0], 'port', 'metrics'), 'ServiceMonitor: no port metrics'],
  ['a job that the alerts do not ask for', (at) => set(at('ServiceMonitor').spec, 'jobLabel', 'app'), 'ServiceMonitor: job undefined'],
  ['scrapes that are too far apart', (at) => set(at('ServiceMonitor').spec.endpoints[0], 'interval', '60s'), 'scraped too seldom'],
  ['a ConfigMap of another name', (at) => set(at('ConfigMap').metadata, 'name', 'x'), 'ConfigMap chat-probe-config is not there'],
  ['a file with a mistyped setting', (at) => edit(at, 'singleChatServer', 'singleChatserver'), 'singleChatserver'],
  [
    'a configuration that is a single file, which never changes',
    (at) => set(container(at).volumeMounts[0], 'subPath', 'config.yaml'),
    'subPath',
  ],
  ['a configuration in another folder', (at) => set(container(at).volumeMounts[0], 'mountPath', '/etc/x'), 'CHATPROBE_CONFIG'],
  ['a secret that the configuration names and nobody mounts', (at) => set(secrets(at), 'items', secrets(at).items.slice(1)), 'api-token'],
  ['a secret that is mounted for nothing', (at) => edit(at, 'tokenFile', '# tokenFile'), 'gateway-token is mounted for nothing'],
  ['secrets that everybody in the pod may read', (at) => set(secrets(at), 'defaultMode', 0o444), 'secrets for the group alone'],
  [
    'a secret in a variable',
    (at) => container(at).env.push({ name: 'CHATPROBE_API_TOKEN', value: 'x' }),
    'CHATPROBE_API_TOKEN: secrets come from files',
  ],
  ['a variable that nobody reads', (at) => container(at).env.push({ name: 'CHATPROBE_PROT', value: '1' }), 'no variable CHATPROBE_PROT'],
  [
    'a container port that it does not listen on',
    (at) => container(at).env.push({ name: 'CHATPROBE_PORT', value: '8081' }),
    'it listens on 8081',
  ],
  ['a service on loopback', (at) => container(at).env.push({ name: 'CHATPROBE_HOST', value: '127.0.0.1' }), 'it listens on loopback'],
  ['liveness by readiness', (at) => set(container(at).livenessProbe.httpGet, 'path', '/readyz'), 'probes: /livez,/readyz,/readyz'],
  ['a longer drain than the grace period', (at) => edit(at, 'server:', 'server:\n  drainMs: 90000'), 'killed after 75 s, and needs 97 s'],
  [
    'a longer bound than the grace period',
    (at) => edit(at, 'targets:', 'bounds: { deadlineMs: [100, 120000] }\ntargets:'),
    'killed after 75 s, and needs 129 s',
  ],
  [
    'a longer wait before the drain',
    (at) => set(container(at).lifecycle.preStop.exec, 'command', ['sleep', '15']),
    'killed after 75 s, and needs 79 s',
  ],
  [
    'a heap that the limit leaves no room for',
    (at) => set(container(at).env[1], 'value', '--max-old-space-size=900'),
    'memory: a limit of',
  ],
  ['a heap without a bound', (at) => container(at).env.pop(), 'memory: a limit of'],
  ['one replica', (at) => set(at('HorizontalPodAutoscaler').spec, 'minReplicas', 1), '1 replica'],
  [
    'a roll-out that takes one away first',
    (at) => set(at('Deployment').spec.strategy.rollingUpdate, 'maxUnavailable', 1),
    'a roll-out takes one away',
  ],
  [
    'a gateway on a port that no policy lets through',
    (at) => edit(at, 'gateway-2.example.com:9190', 'gateway-2.example.com'),
    'no policy lets it reach gateway-2.example.com',
  ],
  ['root', (at) => set(podSpec(at).securityContext, 'runAsUser', 0), 'runAsNonRoot'],
  ['a token of the cluster', (at) => set(podSpec(at), 'automountServiceAccountToken', true), 'automountServiceAccountToken false'],
  ['a capability', (at) => set(container(at).securityContext.capabilities, 'add', ['NET_RAW']), 'add none'],
  ['a folder of the node', (at) => podSpec(at).volumes.push({ name: 'x', hostPath: { path: '/' } }), 'nothing of the node'],
];

type At = (kind: string, nth?: number) => Broken;

function set(tree: Broken, key: string, value: unknown): void {
  if (tree[key] === value) throw new Error(`${key} is so already`);
  tree[key] = value;
}

const podSpec = (at: At): Broken => at('Deployment').spec.template.spec;
const container = (at: At): Broken => podSpec(at).containers[0];
const secrets = (at: At): Broken => podSpec(at).volumes[1].secret;

function edit(at: At, from: string, to: string): void {
  const { data } = at('ConfigMap');
  if (!data['config.yaml'].includes(from)) throw new Error(`no ${from} in it`);
  data['config.yaml'] = data['config.yaml'].replace(from, to);
}

/** Debian's kubectl has one of 2019, which reads `patches` in another way. */
function hasKustomize5(): boolean {
  const { stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' });
  return /"kustomizeVersion": "v[5-9]/.test(stdout ?? '');
}

describe('of the overlay production, a fault is told:', () => {
  it.each(BREACHES)('%s', (_, breach, told) => {
    const resources: Broken[] = structuredClone([...overlayOf('production')]);
    breach((kind, nth = 0) => resources.filter((one) => one.kind === kind)[nth]);
    expect(faultsOf(resources).join('\n')).toContain(told);
  });
});

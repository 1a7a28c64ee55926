import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { INamespace, IService } from 'kubernetes-models/v1';
import { HTTP, IMAGE, PROBE, RESTRICTED_CONTAINER, RESTRICTED_POD } from './base.ts';
import type { Manifest } from './manifest.ts';

const SIMULATOR = { 'app.kubernetes.io/name': 'chat-probe-simulator' } as const;

const NAMESPACE: INamespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'chat-probe-demo', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

const DEPLOYMENT: IDeployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'chat-probe-simulator', labels: SIMULATOR },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: SIMULATOR },
    template: {
      metadata: { labels: SIMULATOR },
      spec: {
        ...RESTRICTED_POD,
        containers: [
          {
            name: 'simulator',
            image: IMAGE,
            imagePullPolicy: 'IfNotPresent',
            command: ['node', 'dist/lab/simulator/main.js'],
            securityContext: RESTRICTED_CONTAINER,
            env: [
              { name: 'CHATPROBE_SIM_HOST', value: '0.0.0.0' },
              { name: 'CHATPROBE_SIM_PORT', value: '9190' },
            ],
            ports: [{ name: HTTP, containerPort: 9190 }],
            resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            readinessProbe: { httpGet: { path: '/health', port: HTTP }, periodSeconds: 2, timeoutSeconds: 1 },
            livenessProbe: { tcpSocket: { port: HTTP }, periodSeconds: 10, timeoutSeconds: 5 },
          },
        ],
      },
    },
  },
};

const SERVICE: IService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'chat-probe-simulator', labels: SIMULATOR },
  spec: { type: 'ClusterIP', selector: SIMULATOR, ports: [{ name: HTTP, port: 9190, targetPort: HTTP }] },
};

const PROBE_POLICY: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'chat-probe-demo', labels: PROBE },
  spec: {
    podSelector: { matchLabels: PROBE },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: HTTP }] }],
    egress: [{ to: [{ podSelector: { matchLabels: SIMULATOR } }], ports: [{ protocol: 'TCP', port: 9190 }] }],
  },
};

const SIMULATOR_POLICY: INetworkPolicy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'chat-probe-simulator', labels: SIMULATOR },
  spec: {
    podSelector: { matchLabels: SIMULATOR },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: { matchLabels: PROBE } }], ports: [{ protocol: 'TCP', port: HTTP }] }],
  },
};

/** The service on the simulator, in a namespace of its own: open, and with made-up verdicts. */
export const DEMO: readonly Manifest[] = [
  { file: 'overlays/demo/namespace.yaml', resources: [NAMESPACE] },
  { file: 'overlays/demo/simulator.yaml', resources: [DEPLOYMENT, SERVICE] },
  { file: 'overlays/demo/network-policy.yaml', resources: [PROBE_POLICY, SIMULATOR_POLICY] },
];

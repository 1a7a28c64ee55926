import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler, type IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { type INetworkPolicy, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { type IPodDisruptionBudget, PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { type IService, Service } from 'kubernetes-models/v1/Service';
import type { Resource } from '../../support/kustomize.ts';

const MODELS = [ConfigMap, Deployment, HorizontalPodAutoscaler, Namespace, NetworkPolicy, PodDisruptionBudget, Service] as const;
/** Kinds of Prometheus Operator, whose schema is not at hand: only the compiler looks at them. */
const WITHOUT_SCHEMA = ['monitoring.coreos.com/v1 ServiceMonitor', 'monitoring.coreos.com/v1 PrometheusRule'];

/** The objects of one overlay, by kind. */
export function byKind(all: readonly Resource[]) {
  const those = <T>({ is }: { readonly is: (value: unknown) => value is T }): readonly T[] =>
    all.filter((one: unknown) => is(one)) as unknown[] as T[];
  return {
    all,
    autoscalers: those<IHorizontalPodAutoscaler>(HorizontalPodAutoscaler),
    configMaps: those<IConfigMap>(ConfigMap),
    deployments: those<IDeployment>(Deployment),
    disruptionBudgets: those<IPodDisruptionBudget>(PodDisruptionBudget),
    networkPolicies: those<INetworkPolicy>(NetworkPolicy),
    services: those<IService>(Service),
  };
}

export type Cluster = ReturnType<typeof byKind>;

/** What Kubernetes' own schema has against it; an unknown kind is a fault, too. */
export function schemaFaults(resources: readonly Resource[]): readonly string[] {
  return resources.flatMap((resource) => {
    const { apiVersion, kind, metadata } = resource;
    if (WITHOUT_SCHEMA.includes(`${apiVersion} ${kind}`)) return [];
    const Known = MODELS.find((model) => model.apiVersion === apiVersion && model.kind === kind);
    if (Known === undefined) return [`${kind}/${metadata.name}: no ${kind} of ${apiVersion}`];
    try {
      new (Known as new (data: object) => { validate(): void })(resource).validate();
      return [];
    } catch (fault) {
      return [`${kind}/${metadata.name}: ${String(fault)}`];
    }
  });
}

import { chatLiveness } from './chat-liveness.ts';
import { textOf } from './dashboard.ts';
import { probeInternals } from './probe-internals.ts';

/** Each dashboard's file, with what it holds. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return {
    'deploy/grafana/chat-liveness.json': textOf(chatLiveness()),
    'deploy/grafana/probe-internals.json': textOf(probeInternals()),
  };
}

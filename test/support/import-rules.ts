/** What each room may import; CONTRIBUTING.md says the same in words. Node.js itself is free to all but those `withoutNode`. */
export interface Rule {
  /** Rooms by their name, single files of them by their path. */
  readonly rooms: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly typesOf?: readonly string[];
  readonly packages?: readonly string[];
  /** Packages that only some files of the room may import. */
  readonly some?: readonly { readonly who: string; readonly files: RegExp; readonly packages: readonly string[] }[];
  /** What these compute must not depend on the machine. */
  readonly withoutNode?: true;
  /** The file in which a room `withoutNode` starts as a process. */
  readonly start?: string;
}

const FACES = /^lab\/simulator\/(control|network)\/.*\.ts$/;
const SCHEMAS = /^lab\/simulator\/(control|scenario)\/.*\.ts$/;

export const RULES: Readonly<Record<string, Rule>> = {
  'src/process': {
    rooms: ['src/app.ts', 'src/probe', ...['config-changes', 'summary', 'warnings', 'certificates'].map((name) => `src/config/${name}.ts`)],
    typesOf: ['src/config'],
    packages: ['pino'],
  },
  'src/cli': { rooms: [] },
  'src/schema-tree': { rooms: ['src/json'], packages: ['typebox', 'yaml'], withoutNode: true },
  'src/config': { rooms: ['src/schema-tree', 'src/probe', 'src/resilience/settings.ts', 'src/json'], packages: ['typebox'] },
  'src/probe': { rooms: [], withoutNode: true },
  'src/resilience': {
    rooms: ['src/probe', 'src/schema-tree/schema-kinds.ts'],
    some: [{ who: 'its settings', files: /^src\/resilience\/settings\.ts$/, packages: ['typebox'] }],
    withoutNode: true,
  },
  'src/gateway': { rooms: ['src/probe', 'src/json'], typesOf: ['src/config'], packages: ['undici'] },
  'src/adapters': { rooms: ['src/probe', 'src/gateway', 'lab/simulator'], typesOf: ['src/config'] },
  'src/http': {
    rooms: ['src/probe', 'src/resilience', 'src/json'],
    typesOf: ['src/config', 'src/evidence', 'src/status'],
    packages: ['typebox', 'fastify', '@fastify/*'],
  },
  'src/observers': {
    rooms: ['src/probe', 'src/resilience', 'src/store/shared-store.ts'],
    typesOf: ['src/store'],
    packages: ['pino', 'prom-client'],
  },
  'src/tracing': { rooms: ['src/probe', 'src/resilience'], typesOf: ['src/config'], packages: ['pino', '@opentelemetry/*'] },
  'src/evidence': {
    rooms: ['src/probe', 'src/resilience', 'src/json', 'src/store/evidence-link.ts'],
    typesOf: ['src/store'],
    withoutNode: true,
  },
  'src/store': {
    rooms: ['src/probe', 'src/resilience', 'src/evidence/evidence-rules.ts'],
    typesOf: ['src/config'],
    packages: ['@redis/client'],
  },
  'src/status': { rooms: ['src/probe', 'src/resilience'], withoutNode: true },
  'src/browser': { rooms: [], packages: ['uplot'], withoutNode: true },
  'src/json': { rooms: [], withoutNode: true },
  'lab/simulator': {
    rooms: [
      'src/probe',
      'src/schema-tree',
      'src/json',
      'src/cli',
      'src/gateway/psdk-json.ts',
      'src/config/injected-variables.ts',
      'src/config/loopback.ts',
      'src/process/shutdown-signals.ts',
    ],
    some: [
      { who: 'its faces', files: FACES, packages: ['fastify', '@fastify/swagger'] },
      { who: 'schemas and scenarios', files: SCHEMAS, packages: ['typebox'] },
    ],
  },
  'lab/rehearsal': {
    rooms: ['src/probe', 'src/resilience', 'src/store/fleet.ts', 'src/store/memory-store.ts', 'src/adapters', 'src/cli', 'lab/simulator'],
    typesOf: ['src/config'],
    withoutNode: true,
    start: 'main.ts',
  },
  'lab/conformance': { rooms: ['src/probe', 'src/cli', 'src/json', 'src/config/credentials.ts'], typesOf: ['src/config'] },
};

/** Files that import each other: two halves of one model, each of which is made of the other. */
export const KNOW_EACH_OTHER: readonly (readonly string[])[] = [['lab/simulator/world/chat-server.ts', 'lab/simulator/world/session.ts']];

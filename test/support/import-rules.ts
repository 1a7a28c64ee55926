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
}

const FACES = /^simulator\/(control|network)\/.*\.ts$/;
const SCHEMAS = /^simulator\/(control|scenario)\/.*\.ts$/;

export const RULES: Readonly<Record<string, Rule>> = {
  probe: { rooms: [], withoutNode: true },
  outage: { rooms: ['probe'], withoutNode: true },
  config: { rooms: ['probe', 'outage/settings.ts', 'arguments'], packages: ['typebox', 'yaml'] },
  simulator: {
    rooms: ['probe', 'arguments'],
    some: [
      { who: 'its faces', files: FACES, packages: ['fastify', '@fastify/swagger'] },
      { who: 'schemas and scenarios', files: SCHEMAS, packages: ['typebox', 'yaml'] },
    ],
  },
  adapters: { rooms: ['probe', 'simulator', 'json'], typesOf: ['config'], packages: ['undici'] },
  conformance: { rooms: ['probe', 'arguments', 'json'], typesOf: ['config'] },
  rehearsal: { rooms: ['probe', 'outage', 'simulator', 'adapters', 'arguments'], typesOf: ['config'], withoutNode: true },
  arguments: { rooms: [], withoutNode: true },
  json: { rooms: [], withoutNode: true },
  observers: { rooms: ['probe', 'outage'], packages: ['pino', 'prom-client'] },
  http: { rooms: ['probe', 'outage', 'json'], typesOf: ['config'], packages: ['typebox', 'fastify', '@fastify/*'] },
};

/** Files that import each other: two halves of one model, each of which is made of the other. */
export const KNOW_EACH_OTHER: readonly (readonly string[])[] = [['simulator/world/chat-server.ts', 'simulator/world/session.ts']];

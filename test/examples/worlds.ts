import { describe, expect, it } from 'vitest';
import type { RunningService } from '../../src/process/start-service.ts';
import { answeringChats } from '../support/chat-gateway.ts';
import { freePort } from '../support/free-port.ts';
import { gatewayThat } from '../support/gateway-rig.ts';
import { listeningService } from '../support/listening-service.ts';

const QUICK = '{ attempts: 2, attemptTimeoutMs: 400, pauseMs: 50, deadlineMs: 700 }';
const RULES = 'ha: true, restoreWindowMs: 2000, confirmAfterMs: 100, policy: quick, guard: { requireDelivery: false }';
const PATTERNS = "{ sessionNotFound: ['*id was not found'], chatServerNotFound: [Not found by name], delivered: ['*'] }";
/** A configuration whose one target is told of messages that workflows sent. */
export const observed = (more = '') =>
  `targets:\n  default: { adapter: workflow, patterns: ${PATTERNS}, ${RULES}${more} }\npolicies: { quick: ${QUICK} }\n`;

/** What the engine says, by what became of the message. */
export const SAYS = {
  delivered: { outcome: 'done', content: '' },
  lost: { outcome: 'error', error: 'error.externalservice', description: 'interaction with specified id was not found' },
  down: { outcome: 'error', description: 'Not found by name' },
  garbage: { outcome: 'error', description: '<html>502</html>' },
  silent: { outcome: 'timeout' },
} as const;

/** What one chat goes through in a workflow. */
export interface World {
  /** What becomes of each message, the last one for all others; or the block itself fails. */
  readonly messages?: readonly (keyof typeof SAYS | 'fails')[];
  /** What the user data names in each round. */
  readonly servers?: readonly (string | undefined)[];
  readonly isOnline?: string;
  readonly id?: string;
  /** Of the service. */
  readonly url: string;
}

export interface Came {
  /** `route` or `stop`. */
  readonly end: string | undefined;
  readonly sent: number;
  readonly reads: number;
}

/** The world as the blocks meet it: one turn after the other, and the last one for ever. */
export function turnsOf({ messages = ['delivered'], servers = ['ChatServer_1'], isOnline = '1', id = '0006Ka9HFHRR0T2B' }: World) {
  const next = <T>(list: readonly T[], at: number): T | undefined => list[Math.min(at, list.length - 1)];
  const counts = { sent: 0, reads: 0 };
  return {
    counts,
    id,
    read() {
      counts.reads += 1;
      return { chatServer: next(servers, counts.reads - 1), isOnline };
    },
    send() {
      counts.sent += 1;
      return next(messages, counts.sent - 1) ?? 'delivered';
    },
  };
}

/** What any engine that plays the examples must come to. */
export function describeWorkflows(engine: string, run: (name: 'observe' | 'probe', world: World) => Promise<Came>): void {
  describe(`the workflow that observes, in ${engine},`, () => {
    const start = (more?: string): Promise<RunningService> => listeningService({ CHATPROBE_DRAIN_MS: '0' }, { file: observed(more) });

    it('routes a living chat after one message', async () => {
      expect(await run('observe', await start())).toEqual({ end: 'route', sent: 1, reads: 1 });
    });

    it('stops a ghost, after two messages some time apart', async () => {
      expect(await run('observe', { ...(await start()), messages: ['lost'] })).toEqual({ end: 'stop', sent: 2, reads: 1 });
    });

    it('routes a chat that comes back in a fail-over, by the fresh name', async () => {
      const world = { ...(await start()), messages: ['down', 'lost', 'delivered'], servers: ['ChatServer_1', 'ChatServer_2'] } as const;
      expect(await run('observe', world)).toEqual({ end: 'route', sent: 3, reads: 2 });
    }, 10_000);

    it('stops a chat that is closed', async () => {
      expect(await run('observe', { ...(await start()), messages: ['lost'], isOnline: '0' })).toMatchObject({ end: 'stop', sent: 1 });
    });

    it.each<[string, Partial<World>]>([
      ['that nobody understands', { messages: ['garbage'], servers: [undefined] }],
      ['that does not come', { messages: ['silent', 'silent', 'delivered'] }],
      ['that ends in an error of the block', { messages: ['fails'] }],
      ['to a chat without an id', { messages: ['lost'], id: 'undefined' }],
    ])(
      'routes for a message %s',
      async (_name, world) => {
        const service = await start(', outage: { retryBudget: false }');
        expect((await run('observe', { ...service, ...world })).end).toBe('route');
      },
      20_000,
    );

    it('routes, whatever its messages came to, where the service is gone', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      expect(await run('observe', { url, messages: ['lost'] })).toEqual({ end: 'route', sent: 1, reads: 1 });
    });

    it('routes where no text is confirmed', async () => {
      const file = `targets:\n  default: { adapter: workflow, ${RULES}, onChatServerDown: stop }\npolicies: { quick: ${QUICK} }\n`;
      const { url } = await listeningService({ CHATPROBE_DRAIN_MS: '0' }, { file });
      expect((await run('observe', { url, messages: ['lost'] })).end).toBe('route');
    }, 20_000);
  });

  describe(`the workflow that probes, in ${engine},`, () => {
    it('routes a living chat, stops a ghost, and finds one that has moved by its fresh name', async () => {
      const became = (server: string | null) => (server === 'ChatServer_1' ? 'down' : server === 'ChatServer_3' ? 'lost' : 'delivered');
      const gateway = await gatewayThat(answeringChats(({ chatServer }) => became(chatServer)));
      const file = `targets:\n  default: { adapter: gateway, gateways: [${gateway.url}], ${RULES} }\npolicies: { quick: ${QUICK} }\n`;
      const { url } = await listeningService({ CHATPROBE_DRAIN_MS: '0' }, { file });
      expect(await run('probe', { url, servers: ['ChatServer_2'] })).toEqual({ end: 'route', sent: 0, reads: 1 });
      expect(await run('probe', { url, servers: ['ChatServer_3'], id: '02JH8H2FE3Q3T00E' })).toMatchObject({ end: 'stop', reads: 1 });
      const moved = { url, servers: ['ChatServer_1', 'ChatServer_2'], id: '100p9yPPb8H4YWhX' };
      expect(await run('probe', moved)).toMatchObject({ end: 'route', reads: 2 });
    }, 20_000);

    it('routes where the service is gone', async () => {
      expect((await run('probe', { url: `http://127.0.0.1:${await freePort()}` })).end).toBe('route');
    });
  });
}

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SessionView } from '../../../lab/simulator/world/session.ts';
import type { World, WorldControl } from '../../../lab/simulator/world/world.ts';
import type { ScenarioChanges } from '../scenario/scenario-bench.ts';
import { gistOf, scenarioBench } from '../scenario/scenario-bench.ts';

const CHATS = 12;
const NAMES = ['A', 'B', 'C', 'D'] as const;

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'command'; readonly command: (control: WorldControl) => unknown }
  | { readonly do: 'ask'; readonly chat: number; readonly appName: string | null };

const server = fc.constantFrom(...NAMES);
const state = fc.constantFrom('up', 'down');
const command = (of: fc.Arbitrary<(control: WorldControl) => unknown>): fc.Arbitrary<Step> =>
  of.map((given) => ({ do: 'command', command: given }));
const chatIds = fc.integer({ min: 1, max: CHATS }).map(idOf);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30_000 }).map((ms): Step => ({ do: 'wait', ms })) },
  {
    weight: 6,
    arbitrary: fc
      .record({ chat: fc.integer({ min: 1, max: CHATS }), appName: fc.option(server) })
      .map((asked): Step => ({ do: 'ask', ...asked })),
  },
  { weight: 3, arbitrary: command(server.map((name) => (control) => control.crash(name))) },
  {
    weight: 3,
    arbitrary: command(
      fc.tuple(server, fc.constantFrom('lost', 'restored')).map(
        ([name, how]) =>
          (control) =>
            control.start(name, how),
      ),
    ),
  },
  command(server.map((name) => (control) => control.flap(name, { downMs: 4_000, upMs: 6_000, times: 3 }))),
  command(
    fc.tuple(server, fc.option(fc.nat(5))).map(
      ([name, most]) =>
        (control) =>
          control.limit(name, most),
    ),
  ),
  command(chatIds.map((id) => (control) => control.closeSession(id))),
  command(state.map((told) => (control) => control.interactionServer(told))),
);

const worlds: fc.Arbitrary<ScenarioChanges> = fc
  .record({
    seed: fc.nat(),
    highAvailability: fc.constantFrom('none', 'n+1', 'primary-backup'),
    sessionRestoreExtendBy: fc.constantFrom('none', 'esp'),
    byType: fc.constantFrom('balanced', 'first'),
  })
  .map(({ sessionRestoreExtendBy, ...others }) => ({
    ...others,
    chatServers: NAMES,
    backups: others.highAvailability === 'primary-backup' ? { A: 'B', C: 'D' } : {},
    clients: { sessionRestoreExtendBy, returnMs: [1_000, 50_000], staleMs: [0, 5_000] },
  }));

function idOf(n: number): string {
  return `chat-${String(n).padStart(6, '0')}`;
}

/** Plays the steps; `look` sees the world after each, and what was answered to an ask together with the chat before it. */
async function play(
  changes: ScenarioChanges,
  steps: readonly Step[],
  look: (world: World, asked: { step: Step & { do: 'ask' }; before: SessionView; gist: string } | null) => void,
): Promise<void> {
  const bench = scenarioBench(changes, CHATS);
  for (const given of steps) {
    let asked = null;
    if (given.do === 'wait') await bench.until(bench.world.nowMs() + given.ms);
    if (given.do === 'command') given.command(bench.world.control);
    if (given.do === 'ask') {
      const before = bench.chat(idOf(given.chat));
      asked = { step: given, before, gist: gistOf(await bench.ask(idOf(given.chat), given.appName)) };
    }
    look(bench.world, asked);
  }
}

const steps = fc.array(step, { minLength: 1, maxLength: 40 });

it('what is delivered runs on the Chat Server that was asked, or was restored there by the message', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, steps, (changes, given) =>
      play(changes, given, (world, asked) => {
        if (asked?.gist !== 'delivered') return;
        const { step: sent, before } = asked;
        const after = world.session(before.id);
        if (sent.appName !== null) expect(after?.host).toBe(sent.appName);
        expect(after?.truth).toMatchObject({ customer: 'present', session: 'running' });
        expect(world.chatServers().find(({ name }) => name === after?.host)?.connected).toBe(true);
        if (before.truth.session === 'running') expect(after?.host).toBe(before.host);
        else expect([before.truth.session, changes.clients?.sessionRestoreExtendBy]).toEqual(['restorable', 'esp']);
      }),
    ),
    { numRuns: 200 },
  );
});

it('what is not delivered does not run on a Chat Server that was asked by name and is connected', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, steps, (changes, given) =>
      play(changes, given, (world, asked) => {
        if (asked === null || asked.gist === 'delivered') return;
        const { step: sent, before, gist } = asked;
        if (gist === 'fault 100' && sent.appName !== null) expect(before.host).not.toBe(sent.appName);
        const host = world.chatServers().find(({ name }) => name === sent.appName);
        if (gist === 'error 1: Not found by name') expect(host?.connected).toBe(false);
      }),
    ),
    { numRuns: 200 },
  );
});

it('a customer once gone never returns, no chat is lost from sight, and each runs on one Chat Server that is up', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, steps, async (changes, given) => {
      const gone = new Set<string>();
      await play(changes, given, (world) => {
        const views = [...world.sessions()];
        expect(views).toHaveLength(CHATS);
        for (const { id, truth } of views) {
          if (truth.customer === 'gone') gone.add(id);
          else expect(gone.has(id)).toBe(false);
        }
        for (const { name, status, sessions } of world.chatServers()) {
          const running = views.filter(({ host }) => host === name).length;
          expect(sessions).toBe(running);
          if (status === 'down') expect(running).toBe(0);
        }
      });
    }),
    { numRuns: 200 },
  );
});

it('the same seed and the same commands give the same world, answer by answer', async () => {
  const trace = async (changes: ScenarioChanges, given: readonly Step[]) => {
    const seen: string[] = [];
    await play(changes, given, (world, asked) => seen.push(JSON.stringify([asked?.gist, [...world.sessions()], world.chatServers()])));
    return seen;
  };
  await fc.assert(
    fc.asyncProperty(worlds, steps, async (changes, given) => {
      expect(await trace(changes, given)).toEqual(await trace(changes, given));
    }),
    { numRuns: 50 },
  );
});

it('what becomes of the chats does not depend on what is asked, unless a message restores them', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, steps, async ({ clients, ...others }, given) => {
      const changes = { ...others, clients: { ...clients, sessionRestoreExtendBy: 'none' as const } };
      const last = async (played: readonly Step[]) => {
        let truths: readonly unknown[] = [];
        await play(changes, played, (world) => {
          truths = [...world.sessions()].map(({ id, host, truth, userData }) => [id, host, truth, userData]);
        });
        return truths;
      };
      const silent = given.map((one): Step => (one.do === 'ask' ? { do: 'wait', ms: 0 } : one));
      expect(await last(given)).toEqual(await last(silent));
    }),
    { numRuns: 100 },
  );
});

it('ten thousand chats and a hundred thousand asks are cheap', async () => {
  const { world, clock } = scenarioBench({ chatServers: NAMES, events: [{ atMs: 10, crash: 'A' }] }, 10_000);
  const startedAtMs = performance.now();
  for (let round = 0; round < 10; round += 1) {
    const asks = Array.from({ length: 10_000 }, (_, n) =>
      world.ask(
        { referenceId: 1, appName: 'B', messageText: 'x', messageType: null, visibility: 'VIP', userData: { Id: idOf(n + 1) } },
        1_000,
        new AbortController().signal,
      ),
    );
    await clock.advance(1_000);
    await Promise.all(asks);
  }
  // A scan of all chats for each ask would take minutes.
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
});

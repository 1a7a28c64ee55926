import { describe, expect, it } from 'vitest';
import { answeringChats, type ChatAnswer, messageIn } from '../support/chat-gateway.ts';
import { gatewayThat, until } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, metricAt, probe } from '../support/listening-service.ts';
import { serviceProcess } from '../support/service-process.ts';

/** A policy whose retries last a second and a half, and a restore window of a second with its lag. */
const QUICK = `
targets:
  default: { restoreWindowMs: 900, policy: quick }
policies:
  quick: { attempts: 2, attemptTimeoutMs: 300, pauseMs: 100, deadlineMs: 1800 }
`;
const SERVERS = ['ChatServer_1', 'ChatServer_2', 'ChatServer_3'];

async function serviceWith(answerTo: Parameters<typeof answeringChats>[0], env: Readonly<Record<string, string>> = {}, afterMs = 0) {
  const gateway = await gatewayThat(answeringChats(answerTo, afterMs));
  const service = await listeningService({ ...gatewayEnv(gateway.url), ...env }, { file: QUICK });
  const ask = (id: string, chatServerAppName: string, fields: object = {}) => probe(service, { chatServerAppName, ...fields }, id);
  /** Asks about so many chats, one after the other, in turn over these Chat Servers. */
  const askAll = async (count: number, prefix: string, servers: readonly string[] = SERVERS) => {
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    const askers = Array.from({ length: 10 }, async (_, asker) => {
      for (let n = asker; n < count; n += 10) answers.push(await ask(`${prefix}-${n}`, servers[n % servers.length] ?? ''));
    });
    await Promise.all(askers);
    return answers;
  };
  return { gateway, service, ask, askAll };
}

describe('a Chat Server that is known to be down', () => {
  it('has its ghosts stopped at once, and none of its chats while new ones go on naming it', async () => {
    const down = new Set<string>();
    const { gateway, service, ask, askAll } = await serviceWith(({ chatServer }) => (down.has(chatServer ?? '') ? 'down' : 'delivered'));
    await askAll(60, 'before');

    down.add('ChatServer_3');
    const ghosts = Array.from({ length: 12 }, (_, n) => `ghost-${n}`);
    const first = await Promise.all(ghosts.map((id) => ask(id, 'ChatServer_3')));
    expect(first.map(({ answer }) => answer['verdict'])).toEqual(ghosts.map(() => 'route'));

    await askAll(400, 'elsewhere', ['ChatServer_1', 'ChatServer_2']);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await ask('witness', 'ChatServer_1');
    const sent = gateway.requests.length;
    const again = await Promise.all(ghosts.map((id) => ask(id, 'ChatServer_3')));
    expect(again.map(({ answer }) => [answer['verdict'], answer['evidence'], answer['reason']])).toEqual(
      ghosts.map(() => ['stop', 'orphaned', 'chat_server_not_found']),
    );
    // By their policy they would take a second and a half, and two messages each.
    expect(Math.max(...again.map(({ tookMs }) => tookMs))).toBeLessThan(1_400);
    expect(gateway.requests.length - sent).toBeLessThan(6);

    const newcomers = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(`new-${n}`, 'ChatServer_3')));
    expect(newcomers.map(({ answer }) => answer['verdict'])).toEqual(newcomers.map(() => 'route'));
    const held = await ask('ghost-1', 'ChatServer_3');
    expect(held.answer).toMatchObject({ verdict: 'route', evidence: 'orphaned', guarded: true, recheckAfterMs: 5_000 });
    expect(held.tookMs).toBeLessThan(1_000);
    expect(await metricAt(service, 'chatprobe_stops_withheld_total{target="default",cause="still_used"}')).toBeGreaterThan(0);
  });

  it('is none where no Chat Server at all is found', async () => {
    let isDown = false;
    const { service, ask, askAll } = await serviceWith(() => (isDown ? 'down' : 'delivered'), { CHATPROBE_ON_CHAT_SERVER_DOWN: 'stop' });
    await askAll(30, 'before');
    isDown = true;
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(SERVERS.map((server) => ask(`of-${server}`, server)));
      expect(answers.map(({ answer }) => [answer['verdict'], answer['guarded']])).toEqual(SERVERS.map(() => ['route', true]));
    }
    expect(await metricAt(service, 'chatprobe_stops_withheld_total{target="default",cause="out_of_sight"}')).toBe(3);
  });
});

describe('with high availability no stop rests on one answer', () => {
  it('where the deadline leaves no time for a second', async () => {
    let says: ChatAnswer = 'delivered';
    const { ask } = await serviceWith(() => says, {}, 65);
    await ask('alive', 'ChatServer_1');
    says = 'lost';
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(`chat-${n}`, 'ChatServer_1', { deadlineMs: 200 })));
    expect(new Set(answers.map(({ answer }) => `${answer['verdict']} ${answer['evidence']}`))).toEqual(new Set(['route unknown']));
    // A machine that is busy lets some run out of time.
    expect(answers.map(({ answer }) => answer['reason'])).toContain('unconfirmed');
    // Twenty in a row are too many for the guard, until a living chat shows that answers can be trusted.
    says = 'delivered';
    await ask('alive-too', 'ChatServer_1');
    says = 'lost';
    expect((await ask('chat-x', 'ChatServer_1')).answer).toMatchObject({ verdict: 'stop', reason: 'session_not_found', attempts: 2 });
  });

  it('where the whole process stands still for longer than the deadline, in whichever phase of a probe', async () => {
    let says: ChatAnswer = 'delivered';
    /** Answers that wait for the process to stand still; null while they need not. */
    let held: (() => void)[] | null = null;
    const reply = answeringChats(() => says);
    const gateway = await gatewayThat((socket, request) => {
      if (held === null) reply(socket, request);
      else held.push(() => reply(socket, request));
    });
    const { child, listening } = serviceProcess({ ...gatewayEnv(gateway.url), CHATPROBE_POLICY: 'inline' });
    const url = await listening();
    const ask = async (id: string) => {
      const response = await fetch(`${url}/interactions/${id}/probe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ chatServerAppName: 'ChatServer_1', deadlineMs: 3_500, attempts: 3 }),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const messages = (id: string): number => gateway.requests.filter((request) => messageIn(request).interactionId === id).length;
    await ask('alive');
    says = 'lost';

    // Messages go at 0, 0.75 and 1.5 s: the probes begin so that one moment finds each of them in another phase.
    const third = ask('third-in-flight');
    await new Promise((resolve) => setTimeout(resolve, 350));
    const between = ask('between-second-and-third');
    await until(() => messages('third-in-flight') === 2);
    const second = ask('second-in-flight');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const early = ask('between-first-and-second');
    await until(() => messages('between-first-and-second') === 1);
    held = [];
    await until(() => messages('third-in-flight') === 3);
    const first = ask('first-in-flight');
    await until(() => messages('first-in-flight') === 1 && messages('second-in-flight') === 2);
    child.kill('SIGSTOP');
    for (const answer of held) answer();
    held = null;
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    child.kill('SIGCONT');

    const stalled = await Promise.all([first, early, second, between, third]);
    expect(stalled.map(({ verdict }) => verdict)).toEqual(stalled.map(() => 'route'));
    expect(stalled.map(({ evidence }) => evidence)).toEqual(stalled.map(() => 'unknown'));
    expect(await ask('not-stalled')).toMatchObject({ verdict: 'stop', reason: 'session_not_found', attempts: 3 });
  });
});

describe('a target that goes wrong after its first deliveries', () => {
  it.each([
    ['true', 'lost', 0],
    ['true', 'down', 0],
    ['false', 'lost', 15],
    ['false', 'down', 15],
  ] as const)('with ha %s, and every message answered "%s", has at most %d living chats stopped', async (ha, wrong, most) => {
    let says: ChatAnswer = 'delivered';
    const { ask, askAll } = await serviceWith(() => says, { CHATPROBE_HA: ha, CHATPROBE_ON_CHAT_SERVER_DOWN: 'stop' });
    await askAll(100, 'before');
    says = wrong;
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(`after-${n}`, SERVERS[n % 3] ?? '')));
    expect(answers.filter(({ answer }) => answer['verdict'] === 'stop').length).toBeLessThanOrEqual(most);
    // And it is the guard that does it, until a message is delivered again.
    says = 'delivered';
    await ask('alive-again', 'ChatServer_1');
    says = 'lost';
    expect((await ask('dead', 'ChatServer_4')).answer['verdict']).toBe('stop');
  });
});

it('one interaction is not stopped again and again', async () => {
  let says: ChatAnswer = 'delivered';
  const { service, ask } = await serviceWith(() => says, { CHATPROBE_HA: 'false' });
  await ask('alive', 'ChatServer_1');
  says = 'lost';
  const verdicts: unknown[] = [];
  for (let n = 0; n < 7; n += 1) verdicts.push((await ask('constant', 'ChatServer_1')).answer['verdict']);
  expect(verdicts).toEqual(['stop', 'stop', 'stop', 'stop', 'stop', 'route', 'route']);
  expect((await ask('another', 'ChatServer_1')).answer['verdict']).toBe('stop');
  expect(await metricAt(service, 'chatprobe_stops_withheld_total{target="default",cause="repeated"}')).toBe(2);
});

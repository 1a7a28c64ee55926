import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answeringChats } from '../support/chat-gateway.ts';
import { gatewayThat } from '../support/gateway-rig.ts';
import { gatewayEnv, listeningService, probe } from '../support/listening-service.ts';

const CALLERS = 256;
const CHATS_EACH = 4;

/** A machine that is busy with other tests must not use up the time of an attempt: a message that is taken back shows all the same. */
const PATIENT = 'policies: { patient: { attempts: 3, attemptTimeoutMs: 15000, pauseMs: 1000, deadlineMs: 50000 } }';

describe('a cold start under 256 callers', () => {
  it.each([
    ['', []],
    [', although the process is held up again and again', [50, 200]],
  ])('finds every chat alive, and hands each message over once%s', { timeout: 90_000 }, async (_, heldUpMs) => {
    const gateway = await gatewayThat(answeringChats(() => 'delivered', 3));
    const service = await listeningService({ ...gatewayEnv(gateway.url), CHATPROBE_POLICY: 'patient' }, { file: PATIENT });
    const handedOver = countHandedOver();
    for (const ms of heldUpMs) holdUpNowAndThen(ms);

    const answers = await Promise.all(Array.from({ length: CALLERS }, (_, caller) => askOneByOne(caller)));
    expect(tally(answers.flat())).toEqual({ 'alive delivered': CALLERS * CHATS_EACH });
    expect([handedOver(), gateway.requests.length]).toEqual([CALLERS * CHATS_EACH, CALLERS * CHATS_EACH]);

    async function askOneByOne(caller: number): Promise<string[]> {
      const found: string[] = [];
      for (let chat = 0; chat < CHATS_EACH; chat += 1) {
        const { answer } = await probe(service, { chatServerAppName: 'ChatServer_1' }, `chat-${caller}-${chat}`);
        found.push(`${answer['evidence']} ${answer['reason']}`);
      }
      return found;
    }
  });
});

/** How often undici was handed a message, until the end of the test. */
function countHandedOver(): () => number {
  let count = 0;
  const hear = (message: unknown): void => {
    if ((message as { request: { path: string } }).request.path === '/esp') count += 1;
  };
  subscribe('undici:request:create', hear);
  onTestFinished(() => void unsubscribe('undici:request:create', hear));
  return () => count;
}

/** Keeps the process busy for so long at a time, until the end of the test. */
function holdUpNowAndThen(heldUpMs: number): void {
  const timer = setInterval(() => {
    const untilMs = performance.now() + heldUpMs;
    while (performance.now() < untilMs);
  }, 3 * heldUpMs);
  onTestFinished(() => clearInterval(timer));
}

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

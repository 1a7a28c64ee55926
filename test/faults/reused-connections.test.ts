import { describe, expect, it, onTestFinished } from 'vitest';
import { messageIn } from '../support/chat-gateway.ts';
import { gatewayThat } from '../support/gateway-rig.ts';
import { answer, answerJson, deliver, type Script, type SeenRequest, silent } from '../support/scripted-gateway.ts';
import { askTarget, serviceFor } from './faulty-targets.ts';

const PROOF = {
  Service: 'Chat',
  Method: 'Message',
  Parameters: { FaultCode: '100', FaultString: 'interaction with specified id was not found' },
};
const referenceIn = ({ body }: SeenRequest): number => (JSON.parse(body) as { referenceId: number }).referenceId;
/** The proof of death, in the name of this message. */
const lost = (referenceId: number): Script => answerJson({ messageName: 'Event3rdServerFault', referenceId, request: PROOF });

/** The service with one target, and what it is told about chats that are asked about one after the other. */
async function serviceAt(script: Script) {
  const gateway = await gatewayThat(script);
  const service = await serviceFor(new Map([['default', { urls: [gateway.url] }]]));
  onTestFinished(() => service.stop());
  return { gateway, url: service.url, ask: (id: string) => askTarget(service, 'default', id) };
}

const wordsOf = ({ verdict, reason, attempts }: Awaited<ReturnType<typeof askTarget>>) => `${verdict} ${reason} ${attempts}`;

describe('a connection that is used again', () => {
  it('does not carry the proof of one message into the next: two replies to one', async () => {
    // What follows the reply foretells the next reference id, which no gateway does by chance.
    const { gateway, ask } = await serviceAt((socket, request) => {
      deliver(socket, request);
      lost(referenceIn(request) + 1)(socket, request);
    });
    const answers = [];
    for (const id of ['a', 'b', 'c']) answers.push(await ask(id));
    expect(answers.map(wordsOf)).toEqual(['a', 'b', 'c'].map(() => 'route delivered 1'));
    expect(gateway.requests).toHaveLength(3);
  });

  it('is closed with an attempt that is over, so that a late reply meets nobody', async () => {
    const { gateway, ask } = await serviceAt((socket, request) => {
      if (gateway.requests.length > 1) deliver(socket, request);
      else setTimeout(() => lost(referenceIn(request))(socket, request), 1_200);
    });
    expect(wordsOf(await ask('a'))).toBe('route delivered 2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(wordsOf(await ask('b'))).toBe('route delivered 1');
    expect(gateway.requests).toHaveLength(3);
    expect(gateway.requests.slice(1).map(({ connection }) => connection)).not.toContain(1);
  });

  it('that was closed while nobody used it costs no message', async () => {
    const { gateway, ask } = await serviceAt((socket, request) => {
      deliver(socket, request);
      setTimeout(() => socket.end(), 5);
    });
    for (let n = 0; n < 10; n += 1) {
      expect(wordsOf(await ask(`chat-${n}`))).toBe('route delivered 1');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(gateway.requests).toHaveLength(10);
  });

  it('that is closed as we write costs its message, and is never written to again', async () => {
    const { gateway, ask } = await serviceAt((socket, request) => {
      deliver(socket, request);
      // Without a word about it, and at once: now and then the next message is on its way by then.
      socket.end();
    });
    const answers = [];
    for (let n = 0; n < 40; n += 1) answers.push(await ask(`chat-${n}`));
    expect(new Set(answers.map(({ verdict, evidence }) => `${verdict} ${evidence}`))).toEqual(new Set(['route alive']));
    for (const [n, { attempts }] of answers.entries()) {
      const messages = gateway.requests.filter((request) => messageIn(request).interactionId === `chat-${n}`);
      expect(messages.length).toBeLessThanOrEqual(attempts);
      expect(new Set(messages.map(referenceIn)).size).toBe(messages.length);
    }
  });

  it('whose other end has vanished is given up with the attempt', async () => {
    const { gateway, ask } = await serviceAt(deliver);
    expect(wordsOf(await ask('a'))).toBe('route delivered 1');
    gateway.follow((socket, request) => (request.connection === 1 ? silent : deliver)(socket, request));
    expect(wordsOf(await ask('b'))).toBe('route delivered 2');
    expect(gateway.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('whose other end has closed its half is given up at once', async () => {
    const { gateway, ask } = await serviceAt((socket) => void socket.end());
    const answer = await ask('a');
    expect(wordsOf(answer)).toBe('route connection_reset 2');
    expect(answer.elapsedMs).toBeLessThan(900);
    expect(gateway.requests).toHaveLength(2);
  });
});

describe('the end of a body', () => {
  it('may be the end of the connection', async () => {
    const { ask } = await serviceAt((socket, request) => {
      const body = JSON.stringify({ messageName: 'Event3rdServerResponse', referenceId: referenceIn(request) });
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${body}`);
    });
    expect(wordsOf(await ask('a'))).toBe('route delivered 1');
  });

  it('that is the end of the connection proves nothing where it comes too early', async () => {
    const { ask } = await serviceAt((socket, request) => {
      const body = JSON.stringify({ messageName: 'Event3rdServerFault', referenceId: referenceIn(request), request: PROOF });
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${body.slice(0, -1)}`);
    });
    expect(wordsOf(await ask('a'))).toBe('route protocol_error 2');
  });
});

it('a gateway that is healthy and refuses every message is told to be both', async () => {
  const healthy = answerJson({ interactionServer: 'connected' });
  const { ask, url } = await serviceAt((socket, request) => (request.path === '/health' ? healthy : answer(500, {}, ''))(socket, request));
  expect(wordsOf(await ask('a'))).toBe('route gateway_error 2');
  const state = async () => (await fetch(`${url}/readyz`)).json();
  await expect.poll(state).toMatchObject({ ready: true, targets: [{ interactionServer: 'connected', safety: { delivered: false } }] });
});

it('a storm of 5xx costs few messages, every caller gets a route, and the end of it is noticed', async () => {
  const { gateway, ask } = await serviceAt(answer(503, {}, ''));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(`chat-${n}`)));
  expect(new Set(answers.map(({ verdict, evidence }) => `${verdict} ${evidence}`))).toEqual(new Set(['route unknown']));
  expect(answers.filter(({ reason }) => reason === 'gateway_open').length).toBeGreaterThan(0);
  // Two each, by their policy.
  expect(gateway.requests.length).toBeLessThan(300);
  gateway.follow(deliver);
  await expect.poll(async () => (await ask(`after-${gateway.requests.length}`))['reason']).toBe('delivered');
});

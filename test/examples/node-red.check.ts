import { type EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { listeningService } from '../support/listening-service.ts';
import { type FlowNode, readFlow } from './node-red-flows.ts';
import { describeWorkflows, observed, SAYS, turnsOf, type World } from './worlds.ts';

interface NodeRed {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpNode: RequestListener;
  readonly events: EventEmitter;
  readonly runtime: { readonly flows: { setFlows(given: object): Promise<unknown> } };
}

const RED = createRequire(join(inject('nodeRed'), 'package.json'))('node-red') as NodeRed;
const userDir = mkdtempSync(join(tmpdir(), 'chat-probe-node-red-'));
const server = createServer((request, response) => RED.httpNode(request, response));
/** What was deployed answers from then on: see findings/node-red-deploy-resolves-early.sh. */
const STARTED = 'flows:started';
const NOTHING_ELSE = {
  httpAdminRoot: false,
  telemetry: { enabled: false, updateNotification: false },
  credentialSecret: false,
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
};

beforeAll(async () => {
  await listen(server);
  RED.init(server, { ...NOTHING_ELSE, userDir, httpNodeRoot: '/', logging: { console: { level: 'off' } } });
  const started = once(RED.events, STARTED);
  await RED.start();
  await started;
});
afterAll(async () => {
  await RED.stop();
  server.closeAllConnections();
  server.close();
  rmSync(userDir, { recursive: true, force: true });
});

/** @returns its URL. */
async function listen(listener: Server): Promise<string> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

/** What stands for the chat's user data, and for Interaction Server. */
async function standIn(turns: ReturnType<typeof turnsOf>): Promise<string> {
  const stand = createServer(
    (request, response) =>
      void answer(request).then((told) =>
        response.writeHead(told === null ? 502 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(told)),
      ),
  );
  const answer = async (request: IncomingMessage): Promise<object | null> => {
    if (request.url === `/chats/${turns.id}`) {
      const { chatServer, isOnline } = turns.read();
      return { chatServerAppName: chatServer, isOnline };
    }
    expect(await json(request)).toMatchObject({ appType: 'ChatServer', service: 'Chat', method: 'Message', interactionId: turns.id });
    const became = turns.send();
    return became === 'fails' ? null : SAYS[became];
  };
  const url = await listen(stand);
  onTestFinished(() => {
    stand.closeAllConnections();
    stand.close();
  });
  return url;
}

/** Longer waits are for the platform's sake, which is not there. */
const inTime = (func: string): string =>
  func.replace('msg.delay = answer.recheckAfterMs', 'msg.delay = Math.min(700, answer.recheckAfterMs)');

async function run(name: 'observe' | 'probe', world: World, change = (node: FlowNode): FlowNode => node) {
  const turns = turnsOf(world);
  const env = { CHATPROBE_URL: world.url, CHATPROBE_TOKEN: '', STAND_IN_URL: await standIn(turns) };
  const flows = readFlow(name).map((node) => ({
    ...change(node),
    ...(node.func === undefined ? {} : { func: inTime(node.func) }),
    ...(node.env === undefined ? {} : { env: Object.entries(env).map(([variable, value]) => ({ name: variable, value, type: 'str' })) }),
  }));
  const started = once(RED.events, STARTED);
  await RED.runtime.flows.setFlows({ flows: { flows }, deploymentType: 'full' });
  await started;
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/${name}/${turns.id}`, { method: 'POST', signal: AbortSignal.timeout(15_000) });
  return { end: await response.text(), ...turns.counts };
}

describeWorkflows('Node-RED', run);

it('a loop that does not send again, though it was asked to, stops nobody', async () => {
  const { url } = await listeningService({ CHATPROBE_DRAIN_MS: '0' }, { file: observed() });
  const deaf = (node: FlowNode): FlowNode =>
    node.id === 'observe-branch' ? { ...node, wires: (node.wires ?? []).map((to, at) => (at === 1 ? ['observe-route'] : to)) } : node;
  expect(await run('observe', { url, messages: ['lost'] }, deaf)).toEqual({ end: 'route', sent: 1, reads: 1 });
});

it('an error whose wire is cut is an answer that never comes', async () => {
  const gone = { url: `http://127.0.0.1:${await freePort()}` };
  const cut = (node: FlowNode): FlowNode => (node.type === 'catch' ? { ...node, wires: [[]] } : node);
  await expect(
    Promise.race([run('probe', gone, cut), new Promise((_, reject) => setTimeout(reject, 2_000, new Error('no answer')))]),
  ).rejects.toThrow('no answer');
});

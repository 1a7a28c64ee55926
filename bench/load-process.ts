/**
 * Asks over 64 connections and prints autocannon's result as JSON: node load-process.ts URL SECONDS [PATH TEXT]. With a path it gets
 * that, again and again, and each answer must hold the text. Without one it posts probes: each connection asks about a thousand chats of its own in turn, since a chat just found
 * alive is not asked again, and the requests are made beforehand, so that making them costs the contestants nothing of the machine.
 */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { CONNECTIONS } from './load.ts';
import { PROBE_HEADERS, probePath, SAMPLE_REQUEST } from './samples.ts';

const CHATS_EACH = 1_000;

const [url = '', seconds = '1', path, holding = ''] = process.argv.slice(2);
const load = randomUUID().slice(0, 8);
let clients = 0;
const result = await autocannon({
  url,
  connections: CONNECTIONS,
  duration: Number(seconds),
  ...(path === undefined ? {} : { verifyBody: (body: string) => body.includes(holding) }),
  setupClient(client) {
    clients += 1;
    if (path !== undefined) return client.setRequests([{ method: 'GET', path }]);
    client.setRequests(
      Array.from({ length: CHATS_EACH }, (_, n) => ({
        method: 'POST',
        path: probePath(`${load}-${clients}-${n}`),
        headers: PROBE_HEADERS,
        body: SAMPLE_REQUEST,
      })),
    );
  },
});
process.stdout.write(JSON.stringify(result));

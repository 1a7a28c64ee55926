/**
 * Posts probes over 64 connections and prints autocannon's result as JSON: node load-process.ts URL SECONDS. Each connection
 * asks about a thousand chats of its own in turn: a chat just found alive is not asked again, and the requests are made
 * beforehand, so that making them costs the contestants nothing of the machine.
 */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { CONNECTIONS } from './load.ts';
import { SAMPLE_REQUEST, SAMPLE_TOKEN } from './samples.ts';

const CHATS_EACH = 1_000;

const [url = '', seconds = '1'] = process.argv.slice(2);
const load = randomUUID().slice(0, 8);
let clients = 0;
const result = await autocannon({
  url,
  connections: CONNECTIONS,
  duration: Number(seconds),
  setupClient(client) {
    clients += 1;
    client.setRequests(
      Array.from({ length: CHATS_EACH }, (_, n) => ({
        method: 'POST',
        path: `/interactions/${load}-${clients}-${n}/probe`,
        headers: { authorization: `Bearer ${SAMPLE_TOKEN}`, 'content-type': 'application/json' },
        body: SAMPLE_REQUEST,
      })),
    );
  },
});
process.stdout.write(JSON.stringify(result));

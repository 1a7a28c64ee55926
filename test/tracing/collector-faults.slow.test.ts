import { expect, it } from 'vitest';
import { answeringChats } from '../support/chat-gateway.ts';
import { CLOSED_PORT } from '../support/scripted-gateway.ts';
import { SECRETS } from '../support/secrets.ts';
import { type Manner, startCollector } from './otlp-collector.ts';
import { tracedService } from './traced-service.ts';

const TIMEOUT_MS = 300;
const TOKEN = SECRETS.apiToken;

const MANNERS: Readonly<Record<string, Manner>> = {
  'never answers': () => undefined,
  'resets the connection': (response) => void response.socket?.resetAndDestroy(),
  'resets it in the middle of its answer': (response) => {
    response.writeHead(500, { 'content-length': '100' }).write('x', () => response.socket?.resetAndDestroy());
  },
  'answers 500 and repeats our token': (response) => void response.writeHead(500, TOKEN).end(`no ${TOKEN}`),
  'answers 401': (response) => void response.writeHead(401).end(),
  'sends us elsewhere': (response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
  'is busy for an hour': (response) => void response.writeHead(503, { 'retry-after': '3600' }).end(),
  'answers byte by byte for ever': (response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(drip));
  },
  'speaks no HTTP': (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
};

async function afterSpans(url: string) {
  const service = await tracedService(
    answeringChats(() => 'delivered'),
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_TIMEOUT: String(TIMEOUT_MS),
      OTEL_EXPORTER_OTLP_HEADERS: `x-token=${TOKEN}`,
    },
  );
  const answers = await Promise.all(['a', 'b'].map((id) => service.probe(id)));
  expect(answers.map(({ reason }) => reason)).toEqual(['delivered', 'delivered']);
  return service;
}

async function expectLoss(url: string): Promise<void> {
  const service = await afterSpans(url);
  await expect.poll(() => service.spanCount('failed'), { timeout: 5_000 }).toBe(4);
  // A verdict takes no longer while, and after, the collector is so.
  const startedMs = performance.now();
  expect(await service.probe('c')).toMatchObject({ reason: 'delivered' });
  expect(performance.now() - startedMs).toBeLessThan(TIMEOUT_MS);
  expect(await service.spanCount('exported')).toBe(0);
  const lines = service.logLines().filter(({ msg }) => msg === 'spans lost: the collector did not take them');
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', spans: 4, detail: expect.stringMatching(/^\S/) })]);
  expect(service.logText()).not.toContain(TOKEN);
  const endingMs = performance.now();
  await service.endTracing(200);
  expect(performance.now() - endingMs).toBeLessThan(500);
}

it.each(Object.keys(MANNERS))('a collector that %s costs its spans, which are counted, and no probe anything', async (manner) => {
  const collector = await startCollector(MANNERS[manner]);
  await expectLoss(collector.url);
  expect(collector.batches.length).toBeGreaterThan(0);
});

it('a collector that nobody runs costs its spans, which are counted, and no probe anything', async () => {
  await expectLoss(`http://127.0.0.1:${CLOSED_PORT}`);
});

it('a collector that is back gets what comes from then on', async () => {
  const collector = await startCollector(MANNERS['never answers']);
  const service = await afterSpans(collector.url);
  await expect.poll(() => service.spanCount('failed'), { timeout: 5_000 }).toBe(4);
  collector.become((response) => void response.end('{}'));
  await service.probe('c');
  await service.endTracing(2_000);
  expect(await service.spanCount('exported')).toBe(2);
});

it('what is left at the end is sent within its time, and what is not is told', async () => {
  const collector = await startCollector();
  const service = await afterSpans(collector.url);
  await service.endTracing(2_000);
  expect(collector.spans()).toHaveLength(4);
  const silent = await startCollector(MANNERS['never answers']);
  const other = await afterSpans(silent.url);
  const startedMs = performance.now();
  await other.endTracing(50);
  expect(performance.now() - startedMs).toBeLessThan(250);
  await expect.poll(() => other.spanCount('failed')).toBe(4);
});

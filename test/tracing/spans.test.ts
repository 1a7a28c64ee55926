import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { answeringChats } from '../support/chat-gateway.ts';
import { answer, type Script } from '../support/scripted-gateway.ts';
import { AS_USER_DATA, plantedIn, SECRETS } from '../support/secrets.ts';
import { type ArrivedSpan, startCollector } from './otlp-collector.ts';
import { CALLER_SPAN, TRACE_ID, TRACEPARENT, tracedService } from './traced-service.ts';

const SERVER = 2;
const CLIENT = 3;
const WITHIN_MS = 2_000;

async function traced(script: Script, env: Readonly<Record<string, string>> = {}) {
  const collector = await startCollector();
  const service = await tracedService(script, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
  const arrived = async (): Promise<readonly ArrivedSpan[]> => {
    await service.endTracing(WITHIN_MS);
    return collector.spans();
  };
  return { collector, service, arrived };
}

const ofKind = (spans: readonly ArrivedSpan[], kind: number) => spans.filter((span) => span.kind === kind);
const sentParents = ({ gateway }: { gateway: { requests: readonly { headers: Readonly<Record<string, string>> }[] } }) =>
  gateway.requests.map(({ headers }) => headers['traceparent']);

it('are one for the probe and one for each attempt below it, in the trace of the caller; the gateway is told of each', async () => {
  let asked = 0;
  const { service, arrived } = await traced((socket, request) => {
    asked += 1;
    if (asked < 3) answer(503, {}, '')(socket, request);
    else answeringChats(() => 'delivered')(socket, request);
  });
  const answered = await service.probe('chat-1', { traceparent: TRACEPARENT, tracestate: 'vendor=a, other=b' });
  const spans = await arrived();
  const [probe] = ofKind(spans, SERVER);
  const attempts = ofKind(spans, CLIENT);
  expect(answered).toMatchObject({ verdict: 'route', attempts: 3 });
  expect(spans).toHaveLength(4);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  expect(probe).toMatchObject({ name: 'POST /interactions/:id/probe', parentSpanId: CALLER_SPAN, traceState: 'vendor=a,other=b' });
  expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([probe?.spanId, probe?.spanId, probe?.spanId]);
  expect(sentParents(service)).toEqual(attempts.map(({ spanId }) => `00-${TRACE_ID}-${spanId}-01`));
  expect(service.gateway.requests.map(({ headers }) => headers['tracestate'])).toEqual(Array(3).fill('vendor=a,other=b'));
  expect(attempts.map(({ attributes }) => attributes['chatprobe.reason'])).toEqual(['gateway_error', 'gateway_error', 'delivered']);
  expect(attempts.map(({ isError }) => isError)).toEqual([true, true, false]);
  expect(probe?.isError).toBe(false);
  for (const { startMs, endMs } of attempts) {
    expect(startMs).toBeGreaterThanOrEqual(probe?.startMs ?? Number.POSITIVE_INFINITY);
    expect(endMs).toBeLessThanOrEqual((probe?.endMs ?? 0) + 1);
  }
});

it('tell by the conventions of HTTP, and by our own words, what was asked and what came of it', async () => {
  const { collector, service, arrived } = await traced(
    answeringChats(() => 'delivered'),
    {
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other',
      OTEL_SERVICE_NAME: 'probe-eu',
    },
  );
  const { probeId } = await service.probe('chat-1', { traceparent: TRACEPARENT });
  const [probe] = ofKind(await arrived(), SERVER);
  const [attempt] = ofKind(collector.spans(), CLIENT);
  expect(probe?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/interactions/:id/probe',
    'url.path': '/interactions/chat-1/probe',
    'http.response.status_code': 200,
    'chatprobe.probe_id': probeId,
    'chatprobe.answered': 'route',
    'chatprobe.evidence': 'alive',
    'chatprobe.served_by': 'probe',
  });
  const { port, url } = service.gateway;
  expect(attempt).toMatchObject({
    name: 'POST /esp',
    attributes: { 'server.address': '127.0.0.1', 'server.port': port, 'url.full': `${url}/esp`, 'http.response.status_code': 200 },
  });
  expect(collector.resources()[0]).toMatchObject({ 'service.name': 'probe-eu', 'deployment.environment.name': 'test' });
});

it('of a stop are no error: that a chat is dead is a finding', async () => {
  const { service, arrived } = await traced(answeringChats(() => 'lost'));
  expect(await service.probe('chat-1', { traceparent: TRACEPARENT })).toMatchObject({ verdict: 'stop' });
  const spans = await arrived();
  expect(spans.map(({ isError }) => isError)).not.toContain(true);
  expect(ofKind(spans, SERVER)[0]?.attributes).toMatchObject({
    'chatprobe.answered': 'stop',
    'chatprobe.verdict': 'stop',
    'chatprobe.reason': 'session_not_found',
    'chatprobe.fault_code': '100',
  });
});

it('of one who shares a probe point to the span of the one whose probe it is, and have no attempts', async () => {
  const { service, arrived } = await traced(answeringChats(() => 'delivered', 50));
  const first = service.probe('chat-1', { traceparent: TRACEPARENT });
  const second = service.probe('chat-1', { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
  await Promise.all([first, second]);
  const third = await service.probe('chat-1');
  const spans = await arrived();
  const [own, ...shared] = ofKind(spans, SERVER).sort((a, b) => a.links.length - b.links.length);
  expect(third).toMatchObject({ servedBy: 'recent' });
  expect(own).toMatchObject({ traceId: TRACE_ID, links: [] });
  expect(shared.map(({ attributes }) => attributes['chatprobe.served_by']).sort()).toEqual(['coalesced', 'recent']);
  for (const { links } of shared) expect(links).toEqual([{ traceId: TRACE_ID, spanId: own?.spanId }]);
  expect(ofKind(spans, CLIENT).map(({ parentSpanId }) => parentSpanId)).toEqual([own?.spanId]);
});

it('of a probe that was shed are an error of ours', async () => {
  const { service, arrived } = await traced(answeringChats(() => 'delivered', 100));
  const answers = await Promise.all(['a', 'b', 'c'].map((id) => service.probe(id)));
  expect(answers.map(({ reason }) => reason)).toEqual(['delivered', 'delivered', 'overloaded']);
  const shed = ofKind(await arrived(), SERVER).filter(({ isError }) => isError);
  expect(shed.map(({ attributes }) => [attributes['chatprobe.interaction_id'], attributes['error.type']])).toEqual([['c', 'overloaded']]);
});

it('of a caller who hung up tell so', async () => {
  const { service, arrived } = await traced(() => undefined);
  const url = await service.server.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const headers = { traceparent: TRACEPARENT };
  const asked = fetch(`${url}/interactions/chat-1/probe`, { method: 'POST', headers, signal: leaving.signal }).catch(() => 'left');
  await expect.poll(() => service.gateway.requests.length).toBe(1);
  leaving.abort();
  expect(await asked).toBe('left');
  await expect.poll(() => service.logText()).toContain('probe cancelled');
  const spans = await arrived();
  expect(spans.map(({ attributes }) => attributes['chatprobe.outcome']).sort()).toEqual(['abandoned', 'cancelled']);
  expect(spans.map(({ isError }) => isError)).toEqual([false, false]);
});

it('are not made where the caller is not sampled; the gateway is told so', async () => {
  const { service, arrived } = await traced(answeringChats(() => 'delivered'));
  await service.probe('chat-1', { traceparent: `00-${TRACE_ID}-${CALLER_SPAN}-00` });
  expect(await arrived()).toEqual([]);
  expect(sentParents(service)).toEqual([expect.stringMatching(new RegExp(`^00-${TRACE_ID}-(?!${CALLER_SPAN})[0-9a-f]{16}-00$`))]);
});

it.each([
  ['always_off', '', TRACEPARENT, 0],
  ['always_on', '', `00-${TRACE_ID}-${CALLER_SPAN}-00`, 2],
  ['parentbased_always_off', '', TRACEPARENT, 2],
  ['parentbased_always_off', '', '', 0],
  ['traceidratio', '0', TRACEPARENT, 0],
  ['parentbased_traceidratio', '0', '', 0],
  ['parentbased_traceidratio', '1', '', 2],
])('are made as the sampler %s (%s) says where the caller says "%s"', async (sampler, arg, traceparent, count) => {
  const env = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: arg };
  const { service, arrived } = await traced(
    answeringChats(() => 'delivered'),
    env,
  );
  await service.probe('chat-1', traceparent === '' ? {} : { traceparent });
  expect(await arrived()).toHaveLength(count);
});

it('hold no user data, no token and no text of the far end; the token gets to the collector alone', async () => {
  const { collector, service, arrived } = await traced(
    answeringChats(() => 'lost'),
    {
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRETS.apiToken}`,
    },
  );
  await service.probe('chat-1', {}, { chatServerAppName: 'ChatServer_1', userData: AS_USER_DATA });
  await arrived();
  const sent = collector.batches.map(({ body }) => body).join('');
  expect(sent).toContain('chat-1');
  expect(sent).not.toMatch(/interaction with specified id/);
  expect(collector.batches[0]?.headers.authorization).toBe(`Bearer ${SECRETS.apiToken}`);
  expect(collector.batches[0]?.path).toBe('/v1/traces');
  expect(plantedIn(sent + service.logText())).toEqual([]);
});

it('go without the headers that are for another collector, whoever reads the variables', async () => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-general=1', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-traces=2' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { collector, service, arrived } = await traced(
    answeringChats(() => 'delivered'),
    env,
  );
  await service.probe('chat-1');
  await arrived();
  const headers = collector.batches[0]?.headers;
  expect([headers?.['x-general'], headers?.['x-traces']]).toEqual([undefined, '2']);
  expect(process.env).toMatchObject(env);
});

it('stand in the log by their trace, in every line of a probe', async () => {
  const { service } = await traced(answeringChats(() => 'delivered'));
  await service.probe('chat-1', { traceparent: TRACEPARENT });
  await service.probe('chat-2');
  const finished = service.logLines().filter(({ msg }) => msg === 'probe finished');
  expect(finished.map(({ traceId }) => traceId)).toEqual([TRACE_ID, expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

it('go out by themselves, soon', async () => {
  const { collector, service } = await traced(answeringChats(() => 'delivered'));
  await service.probe('chat-1');
  await expect.poll(() => collector.spans().length, { timeout: 4_000 }).toBe(2);
  await sleep(20);
  expect(await service.spanCount('exported')).toBe(2);
});

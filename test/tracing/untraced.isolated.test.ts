import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { answeringChats } from '../support/chat-gateway.ts';
import { CLOSED_PORT } from '../support/scripted-gateway.ts';
import { CALLER_SPAN, TRACE_ID, TRACEPARENT, tracedService } from './traced-service.ts';

/** What is loaded of OpenTelemetry: its packages are CommonJS, whoever imports them. prom-client itself loads its `api`. */
function loadedOfOpenTelemetry(): readonly string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((path) => /node_modules\/@opentelemetry\/(?!api\/)/.test(path));
}

it('nothing of OpenTelemetry is loaded and nothing of it counted, until an endpoint is configured', async () => {
  const off = [{}, { OTEL_SERVICE_NAME: 'x' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }];
  for (const env of [...off, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' }]) {
    const service = await tracedService(
      answeringChats(() => 'delivered'),
      env,
    );
    expect(await service.probe('chat-1', { traceparent: TRACEPARENT })).toMatchObject({ reason: 'delivered' });
    expect(await service.spanCount('exported')).toBeNull();
  }
  expect(loadedOfOpenTelemetry()).toEqual([]);
  const traced = await tracedService(
    answeringChats(() => 'delivered'),
    { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${CLOSED_PORT}` },
  );
  expect(await traced.spanCount('exported')).toBe(0);
  expect(loadedOfOpenTelemetry()).not.toEqual([]);
});

it('the trace of a caller is passed on with each message all the same, unchanged, and stands in log and evidence', async () => {
  const service = await tracedService(
    answeringChats(() => 'lost'),
    {},
  );
  const { probeId } = await service.probe('chat-1', { traceparent: TRACEPARENT, tracestate: 'vendor=a' });
  const [{ headers } = { headers: {} }] = service.gateway.requests;
  expect(headers).toMatchObject({ traceparent: `00-${TRACE_ID}-${CALLER_SPAN}-01`, tracestate: 'vendor=a' });
  expect(service.logLines().at(-1)).toMatchObject({ msg: 'probe finished', traceId: TRACE_ID });
  const record = (await service.server.inject(`/probes/${String(probeId)}`)).json();
  expect(record).toMatchObject({ probeId, traceId: TRACE_ID });
});

it.each(['', 'garbage', `00-${'0'.repeat(32)}-${CALLER_SPAN}-01`, TRACEPARENT.toUpperCase(), `${TRACEPARENT}, ${TRACEPARENT}`])(
  'a trace that is told as %j costs no probe: it is as if there were none',
  async (traceparent) => {
    const service = await tracedService(
      answeringChats(() => 'delivered'),
      {},
    );
    expect(await service.probe('chat-1', { traceparent, tracestate: 'a=1' })).toMatchObject({ verdict: 'route', reason: 'delivered' });
    expect(Object.keys(service.gateway.requests[0]?.headers ?? {})).not.toContain('traceparent');
    expect(Object.keys(service.gateway.requests[0]?.headers ?? {})).not.toContain('tracestate');
    expect(service.logLines().at(-1)).not.toHaveProperty('traceId');
  },
);

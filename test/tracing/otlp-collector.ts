import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { searchFor } from '../support/leak-tap.ts';

/** A span as it arrived, attributes as a plain object. */
export interface ArrivedSpan {
  readonly name: string;
  /** 2 for server, 3 for client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
}

export interface Batch {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the collector does with a batch once it is read. */
export type Manner = (response: ServerResponse) => void;

const takes: Manner = (response) => void response.setHeader('content-type', 'application/json').end('{}');

/** An OTLP/HTTP collector that reads JSON. On loopback; it goes with the test. */
export async function startCollector(manner: Manner = takes) {
  const batches: Batch[] = [];
  let current = manner;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      searchFor('spans', body);
      batches.push({ path: request.url ?? '', headers: request.headers, body });
      current(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    spans: () => batches.flatMap(({ body }) => spansIn(JSON.parse(body))),
    resources: () => batches.flatMap(({ body }) => resourcesIn(JSON.parse(body))),
    become(next: Manner) {
      current = next;
    },
  };
}

interface Pair {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface WireSpan extends Omit<ArrivedSpan, 'attributes' | 'isError' | 'startMs' | 'endMs' | 'links'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Pair[];
  readonly links?: ArrivedSpan['links'];
  readonly status: { readonly code?: number };
}

interface WireBatch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Pair[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

function spansIn({ resourceSpans }: WireBatch): readonly ArrivedSpan[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map((span) => ({
    name: span.name,
    kind: span.kind,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: span.traceState,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    attributes: plain(span.attributes),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    isError: span.status.code === 2,
  }));
}

function resourcesIn({ resourceSpans }: WireBatch): readonly Readonly<Record<string, unknown>>[] {
  return resourceSpans.map(({ resource }) => plain(resource.attributes));
}

function plain(pairs: readonly Pair[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));
}

#!/usr/bin/env bash
set -euo pipefail

# Package   @opentelemetry/exporter-trace-otlp-http 0.223.1 with @opentelemetry/sdk-trace-base 2.12.0 (npm), Node.js 20 or newer
# Guess     OTEL_EXPORTER_OTLP_TRACES_HEADERS takes the place of OTEL_EXPORTER_OTLP_HEADERS, as the endpoint for traces takes the
#           place of the general one: the variable of the signal wins.
# Seen      The endpoint for traces wins, but headers add up: the collector for traces gets those of the general variable too.
#           Only a header of the same name is replaced.
# Matters   Where traces go to another collector than the rest, it gets the rest's token. Nothing is logged, and nothing fails:
#           a program that reads one of the two variables itself sees what it expects, and both are sent.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/api@1.9.1 \
  @opentelemetry/exporter-trace-otlp-http@0.223.1 @opentelemetry/sdk-trace-base@2.12.0

cat > export.cjs <<'JS'
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  const { 'x-general': general, 'x-both': both, 'x-traces': traces } = request.headers;
  console.log(`${request.url} general: ${general}, traces: ${traces}, of both: ${both}`);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `${url}/rest`;
  process.env.OTEL_EXPORTER_OTLP_HEADERS = 'x-general=1,x-both=1';
  process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${url}/traces`;
  process.env.OTEL_EXPORTER_OTLP_TRACES_HEADERS = 'x-traces=2,x-both=2';
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
  const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] });
  provider.getTracer('any').startSpan('one').end();
  await provider.forceFlush();
  await provider.shutdown();
  server.close();
});
JS

seen=$(node export.cjs)
expected='/traces general: 1, traces: 2, of both: 2'

echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

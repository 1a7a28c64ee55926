#!/usr/bin/env bash
set -euo pipefail

# Package   prom-client 15.1.3 (npm), metrics for Prometheus, and Node.js 20 or newer
# Guess     A registry can answer each scraper in the format that it asks for: `setContentType` before `metrics()` chooses how
#           the page is written, and choosing the other one again writes the page of before.
# Seen      Writing OpenMetrics takes `_total` off the name of every counter in the registry itself. From the next page in
#           Prometheus' own format on, a counter has another name: app_calls instead of app_calls_total, for good.
# Matters   One scraper that asks for OpenMetrics, or one curl with that Accept header, and all other scrapers lose every
#           counter: rates end, alerts on them fall silent without an error anywhere. Keep a registry to one format, or
#           write the second format from `getMetricsAsJSON`.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3

cat > try.cjs <<'JS'
const { Counter, Registry } = require('prom-client');

async function main() {
  const registry = new Registry();
  new Counter({ name: 'app_calls_total', help: 'Calls.', registers: [registry] }).inc();
  for (const format of ['PROMETHEUS', 'OPENMETRICS', 'PROMETHEUS']) {
    registry.setContentType(Registry[`${format}_CONTENT_TYPE`]);
    const page = await registry.metrics();
    console.log(`${format}: ${page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).join(', ')}`);
  }
}

main();
JS

seen=$(node try.cjs)
expected='PROMETHEUS: app_calls_total 1
OPENMETRICS: app_calls_total 1
PROMETHEUS: app_calls 1'

echo "One counter, asked for in one format, the other, and the first again:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

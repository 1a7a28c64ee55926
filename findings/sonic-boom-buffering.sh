#!/usr/bin/env bash
set -euo pipefail

# Package   pino 10.4.0 with its sonic-boom 4.2.1 (npm), and sonic-boom 5.0.2; Node.js 20 or newer
# Guess     `minLength` makes a log cheaper: lines wait until so many bytes are together, and one write takes them all.
# Seen      With every line the destination measures, in UTF-8, all that waits already. So a line costs the more, the more is
#           gathered: 320 lines of 100 bytes are measured 161 times over before the first write.
# Matters   In a service that logs a line a request a `minLength` of 32 KB took more time than all the rest of logging: some 30
#           of 200 microseconds of a request went there, and no profile names it but as `byteLength`, under `write`. Hand over
#           the lines of one turn of the event loop in one piece.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.4.0 sonic-boom-5@npm:sonic-boom@5.0.2

cat > try.cjs <<'JS'
const { once } = require('node:events');
const { pino } = require('pino');
const SonicBoom5 = require('sonic-boom-5');

const LINE = `${'x'.repeat(99)}\n`;
const byteLength = Buffer.byteLength;

async function measure(name, destination, lines) {
  await once(destination, 'ready');
  let measured = 0;
  Buffer.byteLength = (text, encoding) => {
    measured += text.length;
    return byteLength(text, encoding);
  };
  for (let n = 0; n < lines; n += 1) destination.write(LINE);
  Buffer.byteLength = byteLength;
  console.log(`${name}: ${lines} lines of 100 bytes, measured ${Math.round(measured / (lines * LINE.length))} times over`);
  destination.end();
}

async function main() {
  const options = () => ({ dest: '/dev/null', sync: false, minLength: 32_768, maxWrite: 65_536 });
  for (const lines of [10, 320]) await measure('pino.destination', pino.destination(options()), lines);
  const Boom = SonicBoom5.SonicBoom ?? SonicBoom5;
  for (const lines of [10, 320]) await measure('sonic-boom 5', new Boom(options()), lines);
}

main();
JS

seen=$(node try.cjs)
expected='pino.destination: 10 lines of 100 bytes, measured 6 times over
pino.destination: 320 lines of 100 bytes, measured 161 times over
sonic-boom 5: 10 lines of 100 bytes, measured 6 times over
sonic-boom 5: 320 lines of 100 bytes, measured 161 times over'
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

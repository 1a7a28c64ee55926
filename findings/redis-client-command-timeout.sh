#!/usr/bin/env bash
set -euo pipefail

# Package   @redis/client 6.3.1 (npm), Node.js 20 or newer, and redis-server of Debian 12 (7.0.15)
# Guess     `commandOptions.timeout`, "Timeout for the command in milliseconds", bounds how long a caller waits for an answer: after
#           100 ms the promise is rejected.
# Seen      It bounds only how long a command waits to be written. To a server that is connected and does not answer, here one
#           that was told to pause for three seconds, the call with 100 ms takes those three seconds.
# Matters   A store that is slow or frozen is the case for which such a bound is set, and just there it does nothing: whoever asks
#           the store before each request stands still with it. A bound of one's own beside the call is needed, and the answer
#           that comes late must be ignored.
# Date      2026-11-28

dir=$(mktemp -d)
redis-server --version | grep -qF 'v=7.0.15' || { echo "redis-server 7.0.15 is needed: Debian's package redis-server"; exit 2; }
trap 'kill "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @redis/client@6.3.1
redis-server --port 0 --unixsocket "$dir/socket" --save '' --dir "$dir" > log.txt &
server=$!
for _ in $(seq 50); do [ -S socket ] && break; sleep 0.1; done

cat > try.cjs <<'JS'
const { createClient } = require('@redis/client');

async function main() {
  const client = createClient({ socket: { path: process.argv[2] }, commandOptions: { timeout: 100 } });
  client.on('error', () => {});
  await client.connect();
  await client.sendCommand(['CLIENT', 'PAUSE', '3000', 'ALL']);
  const begin = Date.now();
  const outcome = await client.get('chat-1').then(() => 'answered', (fault) => `rejected, ${fault.name}`);
  const tookMs = Date.now() - begin;
  console.log(`with a timeout of 100 ms: ${outcome} ${tookMs > 2500 ? 'after the whole pause' : 'in time'}`);
  client.destroy();
}
main();
JS

seen=$(node try.cjs "$dir/socket")
expected='with a timeout of 100 ms: answered after the whole pause'

echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

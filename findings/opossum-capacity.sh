#!/usr/bin/env bash
set -euo pipefail

# Package   opossum 9.0.0 (npm), a circuit breaker with a limit on concurrent calls, and Node.js 20 or newer
# Guess     `capacity: 1` means that one call at a time is under way. A call that timed out is still under way
#           until its promise settles, so the next one is refused as long as the first one lasts.
# Seen      The place is given back when the breaker's own timer fires. The work goes on behind it, unseen, and
#           each timeout lets one more in: three more calls, one after the other, and four are running.
# Matters   A limit on requests in flight is there for the time when the other side hangs. That is the very time when
#           this one stops limiting: a probe whose messages time out piles up as many sockets on a server that hangs
#           as there are callers. A limit must count until the work has settled, or the timeout must cancel the work.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts opossum@9.0.0

cat > try.cjs <<'JS'
const CircuitBreaker = require('opossum');
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function main() {
  let running = 0;
  let most = 0;
  const hang = async () => {
    running += 1;
    most = Math.max(most, running);
    await wait(2000);
    running -= 1;
  };
  const breaker = new CircuitBreaker(hang, { capacity: 1, timeout: 200, volumeThreshold: 1000 });
  const ask = () => breaker.fire().then(() => 'ok', (error) => error.code);

  const together = await Promise.all([ask(), ask()]);
  const later = [await ask(), await ask(), await ask()];
  console.log(`two at once: ${together.join(' ')}`);
  console.log(`one after another: ${later.join(' ')}`);
  console.log(`running at once, at most: ${most}`);
}

main();
JS

seen=$(node try.cjs)
expected='two at once: ETIMEDOUT ESEMLOCKED
one after another: ETIMEDOUT ETIMEDOUT ETIMEDOUT
running at once, at most: 4'

echo "opossum 9.0.0, capacity 1, timeout 200 ms, work of 2,000 ms:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

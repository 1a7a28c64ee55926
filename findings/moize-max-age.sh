#!/usr/bin/env bash
set -euo pipefail

# Package   moize 6.1.7 and, for comparison, memoizee 0.4.17 (npm), and Node.js 20 or newer
# Guess     With promises, `maxAge` bounds how long an answer is kept. A call that is still under way has no answer yet, so
#           whoever comes meanwhile joins it, however long it takes.
# Seen      moize counts from the start of the call. One that lasts longer than `maxAge` is forgotten while it runs, and
#           the next caller starts another beside it: four calls where memoizee makes one.
# Matters   Joining callers is what keeps a slow server from being asked the same by everybody. Here it ends exactly when the
#           server becomes slower than `maxAge`: more calls make it slower, and slower calls are joined less. A short
#           life for answers and single flight need two settings, or the life must begin when the answer is there.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts moize@6.1.7 memoizee@0.4.17

cat > try.cjs <<'JS'
const moize = require('moize');
const memoizee = require('memoizee');
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function count(name, memoize) {
  let calls = 0;
  let running = 0;
  let most = 0;
  const ask = memoize(async () => {
    calls += 1;
    running += 1;
    most = Math.max(most, running);
    await wait(3000);
    running -= 1;
  });
  const callers = [];
  for (let i = 0; i < 4; i += 1) {
    callers.push(ask('chat-1'));
    await wait(500);
  }
  await Promise.all(callers);
  console.log(`${name}: ${calls} calls, ${most} at once`);
}

async function main() {
  await count('moize', (ask) => moize(ask, { isPromise: true, maxAge: 200 }));
  await count('memoizee', (ask) => memoizee(ask, { promise: true, maxAge: 200 }));
}

main();
JS

seen=$(node try.cjs)
expected='moize: 4 calls, 4 at once
memoizee: 1 calls, 1 at once'

echo "maxAge 200 ms, a call of 3 s, four callers half a second apart:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

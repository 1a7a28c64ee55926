#!/usr/bin/env bash
set -euo pipefail

# Package   async-cache-dedupe 3.4.0 (npm), single flight and cache in one, and Node.js 20 or newer
# Guess     The key is a stable JSON text of the argument, so the text "null" and the value null have different keys,
#           as '"null"' and 'null' differ in JSON; so have "1" and 1, and a text that looks like an object.
# Seen      A text is its own key, without quotes. So "1" gets the answer of 1, "null" that of null, "true" that of
#           true, and the text {"id":1} the answer of the object. Whoever asks first decides for the other.
# Matters   Requests are joined by chat id, and ids come from workflows in which an empty variable turns into null in
#           one place and into the text "null" in another. The second would be answered with what was found for the
#           first, and a check of the id inside the shared function never sees it. Give such a function a key that
#           names its type.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts async-cache-dedupe@3.4.0

cat > try.cjs <<'JS'
const { createCache } = require('async-cache-dedupe');

async function main() {
  const cache = createCache({ ttl: 10, storage: { type: 'memory' } });
  const kind = async (id) => (id === null ? 'null' : typeof id);
  cache.define('kind', kind);

  const pairs = [[1, '1'], [null, 'null'], [true, 'true'], [{ id: 1 }, '{"id":1}'], ['007', 7]];
  for (const [first, second] of pairs) {
    const told = [await cache.kind(first), await cache.kind(second)];
    console.log(`${JSON.stringify(first)} is ${told[0]}, then ${JSON.stringify(second)} is ${told[1]}`);
  }
}

main();
JS

seen=$(node try.cjs)
expected='1 is number, then "1" is number
null is null, then "null" is null
true is boolean, then "true" is boolean
{"id":1} is object, then "{\"id\":1}" is object
"007" is string, then 7 is number'

echo "async-cache-dedupe 3.4.0, a function that tells the type of what it was given:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

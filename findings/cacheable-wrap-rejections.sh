#!/usr/bin/env bash
set -euo pipefail

# Package   cacheable 2.5.0 (npm), a cache with protection against stampedes, and Node.js 20 or newer
# Guess     A wrapped function that rejects rejects for its callers too; the failure is shared by those who wait for
#           the same key, and not kept.
# Seen      The callers get `undefined`, as if the function had succeeded and found nothing. The error is only an event
#           of the cache, and nothing complains if nobody listens. `getOrSet` does the same, but has an option against
#           it, `throwErrors`; given to `wrap` it changes nothing.
# Matters   A lookup that failed and a chat that does not exist must never look the same: the first proves nothing, on
#           the second a chat may be stopped. Code that reads `undefined` as "not there" would stop living chats
#           whenever the other side has trouble.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts cacheable@2.5.0

cat > try.mjs <<'JS'
import { Cacheable } from 'cacheable';

const cache = new Cacheable();
const fail = async () => {
  throw new Error('connection refused');
};
const told = (promise) => promise.then((value) => `resolved with ${value}`, (error) => `rejected: ${error.message}`);

const plain = cache.wrap(fail, { ttl: 1000, keyPrefix: 'plain' });
const strict = cache.wrap(fail, { ttl: 1000, keyPrefix: 'strict', throwErrors: true });
console.log(`wrap: ${await told(plain('chat-1'))}`);
console.log(`wrap, throwErrors: ${await told(strict('chat-1'))}`);
console.log(`getOrSet: ${await told(cache.getOrSet('chat-2', fail, { ttl: 1000 }))}`);
console.log(`getOrSet, throwErrors: ${await told(cache.getOrSet('chat-3', fail, { ttl: 1000, throwErrors: true }))}`);
JS

seen=$(node try.mjs)
expected='wrap: resolved with undefined
wrap, throwErrors: resolved with undefined
getOrSet: resolved with undefined
getOrSet, throwErrors: rejected: connection refused'

echo "cacheable 2.5.0, around a function that always rejects:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

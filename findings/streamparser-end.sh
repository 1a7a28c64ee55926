#!/usr/bin/env bash
set -euo pipefail

# Package   @streamparser/json 0.0.26 (npm), a streaming JSON parser, and Node.js 20 or newer
# Guess     One writes what arrives and calls `end()` when the body is over. `end()` is silent after a whole document,
#           and complains if something was missing.
# Seen      After a whole object, array or string `end()` reports an error: that it ended in the middle of a token.
#           It is silent after a lone number, which needs it to be noticed at all. With `separator: ''`, an option meant for
#           many documents in one stream, it is silent after every whole document.
# Matters   Whether a reply was whole is what decides between an answer and a broken connection. Whoever ends the parser
#           as every other one is ended takes each good reply for a torn one; whoever leaves `end()` out for
#           that reason, the natural repair, never hears of a body that was cut short.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @streamparser/json@0.0.26

cat > try.mjs <<'JS'
import { JSONParser } from '@streamparser/json';

function read(document, options) {
  const parser = new JSONParser(options);
  let found = 'no value';
  let complaint = 'silent';
  parser.onValue = ({ value, stack }) => {
    if (stack.length === 0) found = JSON.stringify(value);
  };
  parser.onError = () => {
    complaint = 'error';
  };
  parser.write(document);
  parser.end();
  return `${document} gives ${found}, end is ${complaint}`;
}

for (const document of ['{"a":1}', '[1]', '"a"', '7', '{"a":1']) console.log(read(document, {}));
for (const document of ['{"a":1}', '{"a":1']) console.log(`separator: ${read(document, { separator: '' })}`);
JS

seen=$(node try.mjs)
expected='{"a":1} gives {"a":1}, end is error
[1] gives [1], end is error
"a" gives "a", end is error
7 gives 7, end is silent
{"a":1 gives no value, end is error
separator: {"a":1} gives {"a":1}, end is silent
separator: {"a":1 gives no value, end is error'

echo "@streamparser/json 0.0.26, write then end:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

#!/usr/bin/env bash
set -euo pipefail

# Package   jsonparse 1.3.1 (npm), the streaming parser under JSONStream, and Node.js 20 or newer
# Guess     A lone half of a surrogate pair in an escape, which the JSON grammar allows, is kept as JSON.parse keeps it,
#           or replaced by U+FFFD, or at worst dropped. Other strings of the document do not notice.
# Seen      A first half is taken out of its string and remembered, across keys, values and objects. The next string
#           that begins with a second half gets it: two messages cut in the middle of one symbol, and the whole
#           symbol turns up in the second message, where nobody wrote it.
# Matters   Chat texts are cut to a length in 16-bit units by systems written in Java, and a cut through the middle of a
#           symbol is an everyday matter there. A value must not depend on what another value of the same document
#           holds: not in a transcript, and less still where texts or ids are compared.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts jsonparse@1.3.1

cat > try.cjs <<'JS'
const Parser = require('jsonparse');

function read(document) {
  const parser = new Parser();
  let last;
  parser.onValue = (value) => {
    last = value;
  };
  parser.write(document);
  return last;
}

// The 16-bit units of a text, ASCII as it is.
const spell = (text) => text.replace(/[^ -~]/g, (unit) => `<${unit.charCodeAt(0).toString(16)}>`);

const document = '{"first":{"text":"bye \\ud83d"},"number":1,"second":{"text":"\\udc4d"}}';
for (const [name, value] of [['jsonparse', read(document)], ['JSON.parse', JSON.parse(document)]]) {
  console.log(`${name}: first "${spell(value.first.text)}", second "${spell(value.second.text)}"`);
}
JS

seen=$(node try.cjs)
expected='jsonparse: first "bye ", second "<d83d><dc4d>"
JSON.parse: first "bye <d83d>", second "<dc4d>"'

echo "jsonparse 1.3.1, two strings, each with one half of a pair:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

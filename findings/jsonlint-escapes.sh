#!/usr/bin/env bash
set -euo pipefail

# Package   jsonlint 1.6.3 (npm), a JSON parser used for its better error messages, and Node.js 20 or newer
# Guess     What it accepts it reads as JSON.parse does; only its complaints about broken text are better.
# Seen      It reads other values out of correct documents. An escape \uXXXX stays as six characters, an escaped slash
#           keeps its backslash, and an escaped backslash is unescaped a second time: the Windows path C:\new
#           comes out with a line break in it.
# Matters   Many JSON writers in Java and .NET escape more than they must: slashes, quotes, everything beyond ASCII.
#           A reply read this way has other ids and other texts than were sent, an id that is compared no longer matches,
#           and the better error message never appears, because nothing is wrong with the document.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts jsonlint@1.6.3

cat > try.cjs <<'JS'
const jsonlint = require('jsonlint');

// The characters of a text, those that cannot be seen by their number.
const spell = (text) => [...text].map((c) => (c < ' ' || c > '~' ? `<${c.codePointAt(0)}>` : c)).join('');

for (const document of ['"M\\u00fcller"', '"00\\u0031aKCV"', '"chat\\/1"', '"C:\\\\new"', '"tab\\there"']) {
  const [theirs, standard] = [jsonlint.parse(document), JSON.parse(document)];
  console.log(`${document} jsonlint ${spell(theirs)} JSON.parse ${spell(standard)}`);
}
JS

seen=$(node try.cjs)
expected='"M\u00fcller" jsonlint M\u00fcller JSON.parse M<252>ller
"00\u0031aKCV" jsonlint 00\u0031aKCV JSON.parse 001aKCV
"chat\/1" jsonlint chat\/1 JSON.parse chat/1
"C:\\new" jsonlint C:<10>ew JSON.parse C:\new
"tab\there" jsonlint tab<9>here JSON.parse tab<9>here'

echo "jsonlint 1.6.3, on correct documents:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

#!/usr/bin/env bash
set -euo pipefail

# Package   yamljs 0.3.0 (npm), beside yaml 2.9.1 (npm), and Node.js 20 or newer
# Guess     What yamljs does not take for a number it leaves as text: 0o17 (octal since YAML 1.2), 0b101, 0800 (no
#           octal digit), and a number with a comma, which neither YAML 1.1 nor 1.2 knows.
# Seen      A leading zero means octal, and reading stops at the first character that does not fit: 0o17, 0b101 and 0800
#           are all 0, and 0128 is 10. One comma is dropped, and a second one ends the number: 1,5 is 15, the two ports
#           8080,8081 are one number, and 10,000,000 is ten thousand. An escaped \u00fc comes out as two characters.
# Matters   An opening time, an extension, the end of a ticket number or a limit written with a comma is not refused but
#           is another number, most often 0, which in many settings means "no limit" or "off". The same file says
#           something else in the next tool. Write such values in quotes, and check ranges that exclude 0.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts yamljs@0.3.0 yaml@2.9.1

cat > try.cjs <<'JS'
const yamljs = require('yamljs');
const yaml = require('yaml');

for (const text of ['0o17', '0b101', '0800', '0128', '1,5', '8080,8081', '10,000,000', '"\\u00fc"', '"0800"']) {
  const [theirs, standard] = [yamljs.parse(`v: ${text}`).v, yaml.parse(`v: ${text}`).v];
  const show = (value) => `${typeof value} ${typeof value === 'string' ? `of ${value.length}` : value}`;
  console.log(`${text}: yamljs ${show(theirs)}, yaml ${show(standard)}`);
}
JS

seen=$(node try.cjs)
expected='0o17: yamljs number 0, yaml number 15
0b101: yamljs number 0, yaml string of 5
0800: yamljs number 0, yaml number 800
0128: yamljs number 10, yaml number 128
1,5: yamljs number 15, yaml string of 3
8080,8081: yamljs number 80808081, yaml string of 9
10,000,000: yamljs number 10000, yaml string of 10
"\u00fc": yamljs string of 2, yaml string of 1
"0800": yamljs string of 4, yaml string of 4'

echo "yamljs 0.3.0 and yaml 2.9.1 on the same text (of a string, its length):"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

#!/usr/bin/env bash
set -euo pipefail

# Package   parse-duration 2.1.9 and timestring 7.0.0 (npm), which read durations from settings, and Node.js 20 or newer
# Guess     "1,5s", as half of the world writes it, is 1.5 s, or is refused. "1:30" is refused. A minus inside a sum takes
#           something away.
# Seen      Commas are dropped, so "1,5s" is 15 s and "0,25s" is 25 s, and "1h-30m" is an hour and a half, in both.
#           parse-duration reads "1:30" as 1.03 ms; a bare number at the end counts in the next smaller unit after an hour
#           ("1h30" is 90 minutes), which timestring leaves out without a word.
# Matters   A deadline ten or a hundred times too long passes every check for "a positive number", and shows only when
#           something hangs: callers are held for 15 s instead of 1.5. Take durations as whole numbers with the unit in
#           the name of the setting, or check the text before a reader this kind sees it, and bound the result.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts parse-duration@2.1.9 timestring@7.0.0

cat > try.mjs <<'JS'
import parse from 'parse-duration';
import timestring from 'timestring';

const told = (read) => {
  try {
    return read();
  } catch {
    return 'refused';
  }
};
for (const text of ['1.5s', '1,5s', '0,25s', '1:30', '1h-30m', '1h30']) {
  console.log(`${text}: parse-duration ${told(() => parse(text))}, timestring ${told(() => timestring(text, 'ms'))}`);
}
JS

seen=$(node try.mjs)
expected='1.5s: parse-duration 1500, timestring 1500
1,5s: parse-duration 15000, timestring 15000
0,25s: parse-duration 25000, timestring 25000
1:30: parse-duration 1.03, timestring refused
1h-30m: parse-duration 5400000, timestring 5400000
1h30: parse-duration 5400000, timestring 3600000'

echo "parse-duration 2.1.9 and timestring 7.0.0, in ms:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

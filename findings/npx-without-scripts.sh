#!/usr/bin/env bash
set -euo pipefail

# Package   node 24.4.1 (npm), which brings a Node.js of that version, run by npx of npm 10 or newer; and another Node.js, 20 or 22
# Guess     `ignore-scripts` in a project's .npmrc is about the project's own packages. Whatever npx fetches for one command
#           either works or fails with an error.
# Seen      The setting holds for what npx fetches too. The package gets its program in a script, so there is none; npx finds
#           the `node` of the machine further along the path and runs that, and says nothing.
# Matters   "Tests also pass on the next version" is a common line of CI, and installing without scripts a common piece of
#           advice. Together the second suite runs on the first version again and is green. Let the job compare
#           `process.version` with what it asked for, and give npx `--ignore-scripts=false` where that is meant.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
export npm_config_cache="$dir/cache" npm_config_update_notifier=false
ask() { npx --yes -p node@24.4.1 node -p 'process.version' 2>"$dir/errors"; }

echo 'ignore-scripts=true' > .npmrc
without=$(ask)
said=$(grep -cv '^npm notice' "$dir/errors" || true)
rm -rf "$dir/cache" .npmrc
with=$(ask)
own=$(node -p 'process.version')

echo "Asked for 24.4.1 with scripts: $with; without them: $without, which is the machine's own $own; lines of warning: $said"
[ "$with" = v24.4.1 ] && [ "$without" = "$own" ] && [ "$said" = 0 ] || { echo "The behaviour has changed."; exit 1; }

#!/usr/bin/env bash
# Asks the registry for known vulnerabilities of what production installs; fails if there are any. Where no registry answers (none is
# reached, or it does not offer this) it says so and ends with 0: nothing was found out. Not in CI, which must not hang on that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

status=0
report=$(npm audit --omit=dev --json --fetch-retries=0 --fetch-timeout=20000 2>/dev/null) || status=$?
if ! node -e 'process.exit("vulnerabilities" in JSON.parse(fs.readFileSync(0, "utf8")) ? 0 : 1)' <<<"$report" 2>/dev/null; then
  echo 'NOT AUDITED: no registry answered that knows of vulnerabilities. Try it where one does.'
  exit 0
fi
node -e '
  const { vulnerabilities } = JSON.parse(fs.readFileSync(0, "utf8"));
  const found = Object.values(vulnerabilities);
  for (const { name, severity, range } of found) console.log(`${severity}: ${name} ${range}`);
  console.log(found.length === 0 ? "audited: no known vulnerability in production" : `audited: ${found.length} vulnerable in production`);
' <<<"$report"
exit "$status"

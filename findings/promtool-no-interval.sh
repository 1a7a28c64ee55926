#!/usr/bin/env bash
set -euo pipefail

# Package   promtool of Debian 12 (prometheus 2.42.0+ds-5+deb12u1); on a Debian machine it fetches its own if there is none
# Guess     A rule test that gives no `interval` for its series has them at `evaluation_interval`, or is refused: "0 0 5"
#           is 0 at first and 5 after two minutes.
# Seen      The interval is then zero. All values fall on the start of the test, the first one is kept and the others are
#           dropped without a word. The series is flat, whatever it was written to be.
# Matters   A test that an alert stays quiet passes for ever, and so does one whose first value already fires. That an alert
#           for "too many stops" has been tested would rest on a series in which nothing happens. The duration is in
#           the test's own block, not in the file's head, and easily lost when a test is copied. Test each quiet alert
#           with one series that must make it fire.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
  apt-get download -qq prometheus=2.42.0+ds-5+deb12u1
  dpkg -x prometheus_*.deb deb
  promtool=$dir/deb/usr/bin/promtool
fi

cat > rules.yml <<'YAML'
groups:
  - name: chats
    rules:
      - alert: TooManyStops
        expr: stops > 3
YAML

# A test whose series rises from 0 to 5, and which expects no alert; $1 is its interval, or nothing.
test_file() {
  echo 'rule_files: [rules.yml]'
  echo 'evaluation_interval: 1m'
  echo 'tests:'
  echo '  - input_series:'
  echo "      - { series: stops, values: '0 0 5 5 5' }"
  [ -z "$1" ] || echo "    interval: $1"
  echo '    alert_rule_test:'
  echo '      - { eval_time: 4m, alertname: TooManyStops, exp_alerts: [] }'
}

outcome() {
  test_file "$1" > test.yml
  if "$promtool" test rules test.yml > out.txt 2>&1; then echo 'no alert'; else grep -q 'got:\[$' out.txt && echo 'alert'; fi
}

seen="interval 1m: $(outcome 1m)
no interval: $(outcome '')"
expected='interval 1m: alert
no interval: no alert'

"$promtool" --version 2>&1 | head -n 1
echo "A series of 0 0 5 5 5, an alert above 3, after four minutes:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

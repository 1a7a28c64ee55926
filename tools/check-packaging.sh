#!/usr/bin/env bash
# Checks what the packages are made of: the compose file, the configurations of Prometheus and Alertmanager, the alerts, the metrics
# of a running service, the systemd unit. Needs docker-compose, promtool, amtool and a built dist/. One line per check; exits with the number of failed ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
check() { # name, command...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok  $name"
  else
    printf 'NOT OK  %s\n%s\n' "$name" "$output"
    failed=$((failed + 1))
  fi
}

check_metrics() {
  local log url='' status=0
  log=$(mktemp)
  env -i PATH="$PATH" CHATPROBE_PORT=0 CHATPROBE_ADAPTER=simulator node dist/src/main.js >"$log" &
  local pid=$!
  for _ in $(seq 600); do
    url=$(grep -o -m1 'http://127[^"]*' "$log" || true)
    [ -z "$url" ] || break
    sleep 0.1
  done
  node -e 'fetch(process.argv[1] + "/metrics").then((answer) => answer.text()).then((text) => process.stdout.write(text))' "$url" |
    promtool check metrics || status=$?
  kill -TERM "$pid"
  wait "$pid" || status=$?
  rm -f "$log"
  return "$status"
}

check 'docker-compose.yml is valid' docker-compose -f docker-compose.yml config -q
check 'deploy/prometheus/prometheus.yml is valid' promtool check config deploy/prometheus/prometheus.yml
check 'deploy/alertmanager/alertmanager.yml is valid' amtool check-config deploy/alertmanager/alertmanager.yml
check 'rules and alerts are valid' promtool check rules deploy/prometheus/rules.yml deploy/prometheus/alerts.yml
check 'the alerts fire when they should, and only then' promtool test rules test/deploy/prometheus/alerts.test.yml test/deploy/prometheus/alerts-of-days.test.yml
check 'promtool has nothing to say about /metrics' check_metrics
if command -v systemd-analyze >/dev/null; then
  check 'deploy/chat-probe.service is valid' systemd-analyze verify deploy/chat-probe.service
  check 'deploy/chat-probe.service exposes little' systemd-analyze security --offline=true --threshold=20 --no-pager deploy/chat-probe.service
else
  echo 'not checked here, for want of systemd-analyze: deploy/chat-probe.service'
fi
exit "$failed"

#!/usr/bin/env bash
set -euo pipefail

# Package   kustomize 5.5.0, as `kubectl kustomize` of kubectl 1.32.4; run where it is installed
# Guess     A date without quotes is text to Kubernetes, which has no other kind for it: JSON has none. It comes out as it went in,
#           as kubectl of Debian 12 (1.20) has it.
# Seen      It becomes a moment: 2026-11-28 comes out as "2026-11-28T00:00:00Z", quoted, in labels and variables, and the build
#           is content. A date and time with an offset keeps its offset.
# Matters   A version that is a date, in a label or a variable, is another one in the cluster. In a label the colons of the time make
#           the cluster refuse it; a variable arrives changed, and nobody is told.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
kubectl version --client 2>&1 | grep -qF 'Kustomize Version: v5.5.0' || { echo "kubectl with kustomize 5.5.0 is needed"; exit 2; }

cat > map.yaml <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: { name: dates, labels: { version: 2026-11-28 } }
data: { day: 2026-11-28, quoted: "2026-11-28", offset: 2026-11-28T09:00:00+01:00, month: 2026-11 }
YAML
echo 'resources: [map.yaml]' > kustomization.yaml

seen=$(kubectl kustomize . | grep -E '^ +(version|day|quoted|offset|month):' | sed 's/^ *//' | sort)
expected='day: "2026-11-28T00:00:00Z"
month: 2026-11
offset: "2026-11-28T09:00:00+01:00"
quoted: "2026-11-28"
version: "2026-11-28T00:00:00Z"'

echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

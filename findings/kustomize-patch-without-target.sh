#!/usr/bin/env bash
set -euo pipefail

# Package   kustomize 5.5.0, as `kubectl kustomize` of kubectl 1.32.4; run where it is installed
# Guess     A patch that finds nothing to patch is a mistake, and the build fails: so it does for a patch that names its object
#           itself, and for a file that is not there.
# Seen      With `target` it is dropped without a word: one letter too few in the name, and the exit code is 0. The name may be
#           a regular expression, so no match counts as an answer. An image that no container has is passed over as well.
# Matters   A patch that takes a right away, or sets a grace period, is lost when the object that it is for gets another name,
#           and everything still builds and deploys. A test must count what each target hits.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
kubectl version --client 2>&1 | grep -qF 'Kustomize Version: v5.5.0' || { echo "kubectl with kustomize 5.5.0 is needed"; exit 2; }

cat > pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: chat-probe }
spec: { terminationGracePeriodSeconds: 30, containers: [{ name: a, image: a }] }
YAML

# What becomes of the grace period, or that the build fails; standard input is the rest of the kustomization.
built() {
  { echo 'resources: [pod.yaml]'; cat; } > kustomization.yaml
  kubectl kustomize . 2>/dev/null | grep -o 'terminationGracePeriodSeconds: .*' || echo fails
}

seen="target chat-probe: $(built <<'YAML'
patches:
  - { target: { kind: Pod, name: chat-probe }, patch: '[{ "op": "replace", "path": "/spec/terminationGracePeriodSeconds", "value": 75 }]' }
YAML
)
target chat-prob: $(built <<'YAML'
patches:
  - { target: { kind: Pod, name: chat-prob }, patch: '[{ "op": "replace", "path": "/spec/terminationGracePeriodSeconds", "value": 75 }]' }
YAML
)
without target, chat-prob: $(built <<'YAML'
patches:
  - patch: '{ apiVersion: v1, kind: Pod, metadata: { name: chat-prob }, spec: { terminationGracePeriodSeconds: 75 } }'
YAML
)
image b: $(built <<'YAML'
images: [{ name: b, newTag: '2' }]
YAML
)"
expected='target chat-probe: terminationGracePeriodSeconds: 75
target chat-prob: terminationGracePeriodSeconds: 30
without target, chat-prob: fails
image b: terminationGracePeriodSeconds: 30'

echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

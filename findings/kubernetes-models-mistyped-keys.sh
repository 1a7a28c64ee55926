#!/usr/bin/env bash
set -euo pipefail

# Package   kubernetes-models 4.5.1 (npm), and Node.js 20 or newer
# Guess     `validate()` holds an object against Kubernetes' schema, so what passes is what `kubectl apply` accepts: it refuses a
#           number where text belongs, and so it refuses a key that nobody knows, as kubectl does.
# Seen      Unknown keys pass at every level, a mistyped probe, a security setting on the wrong level. So does a port of 70000, a
#           network that is no network, and a name that no object may have: the schema has no such bounds.
# Matters   A pod without its liveness probe, or one that runs as root because `runAsNonRoot` stands one level too high, is
#           valid. Only the compiler sees mistyped keys, where the manifests are literals of the package's types and not read from
#           files; what no schema says needs a test of its own.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts kubernetes-models@4.5.1

cat > try.cjs <<'JS'
const { Pod } = require('kubernetes-models/v1');
const { NetworkPolicy } = require('kubernetes-models/networking.k8s.io/v1');

function tell(what, model) {
  try {
    model.validate();
    console.log(`${what}: passes`);
  } catch {
    console.log(`${what}: refused`);
  }
}
const pod = (container, spec = {}, metadata = { name: 'a' }) => new Pod({ metadata, spec: { containers: [{ name: 'a', image: 'a', ...container }], ...spec } });

tell('a number as the value of a variable', pod({ env: [{ name: 'A', value: 1 }] }));
tell('memory of "1 GB"', pod({ resources: { limits: { memory: '1 GB' } } }));
tell('livenesProbe', pod({ livenesProbe: { httpGet: { path: '/livez', port: 8080 } } }));
tell('runAsNonRoot beside securityContext', pod({}, { runAsNonRoot: true }));
tell('the port 70000', pod({ ports: [{ containerPort: 70000 }] }));
tell('the name "No Such Name"', pod({}, {}, { name: 'No Such Name' }));
tell('the network "nonsense"', new NetworkPolicy({ spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: 'nonsense' } }] }] } }));
JS

seen=$(node try.cjs)
expected='a number as the value of a variable: refused
memory of "1 GB": refused
livenesProbe: passes
runAsNonRoot beside securityContext: passes
the port 70000: passes
the name "No Such Name": passes
the network "nonsense": passes'

echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

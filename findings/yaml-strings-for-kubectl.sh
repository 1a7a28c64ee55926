#!/usr/bin/env bash
set -euo pipefail

# Package   yaml 2.9.1 (npm), Node.js 20 or newer, and kubectl of Debian 12 (kubernetes-client 1.20.5+really1.20.2-1.1+deb12u1)
# Guess     A string that `yaml` writes is a string to whoever reads the file: it quotes "0440", "1e3" and "~" because they
#           would be read as something else. And a number that kubectl reads is the same number to `yaml`.
# Seen      It quotes for YAML 1.2, and Kubernetes reads 1.1: `on`, `y` and `1_000` are written bare, and kubectl makes booleans
#           and a number of them. The other way round `defaultMode: 0440` is 288 to kubectl and 440 to `yaml`.
# Matters   The variable of a container that is the word "on" makes the manifest unusable, and only the cluster says so. A test
#           that reads manifests checks another file mode than the one that is set. `compat: 'yaml-1.1'` quotes for both when
#           writing, `version: '1.1'` reads as kubectl does.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts yaml@2.9.1
apt-get download -qq kubernetes-client=1.20.5+really1.20.2-1.1+deb12u1 2>/dev/null
dpkg -x kubernetes-client_*.deb deb

cat > write.cjs <<'JS'
const { stringify } = require('yaml');
const strings = { word: 'on', letter: 'y', thousand: '1_000', octal: '0440' };
console.log(stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'strings' }, data: strings }, JSON.parse(process.argv[2])));
JS
cat > read.cjs <<'JS'
const { parse } = require('yaml');
console.log(`0440 to yaml: ${parse('0440')}, as 1.1: ${parse('0440', { version: '1.1' })}`);
JS

# The data of a ConfigMap as kubectl reads it, on one line; $1 are the options for writing it.
data() {
  node write.cjs "$1" > strings.yaml
  echo 'resources: [strings.yaml]' > kustomization.yaml
  deb/usr/bin/kubectl kustomize . | grep -E '^  (word|letter|thousand|octal):' | sed 's/^ *//' | paste -sd ' '
}

cat > mode.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: mode }
spec: { volumes: [{ name: s, secret: { defaultMode: 0440 } }] }
YAML
mode() {
  echo 'resources: [mode.yaml]' > kustomization.yaml
  deb/usr/bin/kubectl kustomize . | grep -o 'defaultMode: .*'
}

seen="written by default: $(data '{}')
written with compat: $(data '{"compat":"yaml-1.1"}')
0440 to kubectl: $(mode)
$(node read.cjs)"
expected='written by default: letter: true octal: "0440" thousand: 1000 word: true
written with compat: letter: "y" octal: "0440" thousand: "1_000" word: "on"
0440 to kubectl: defaultMode: 288
0440 to yaml: 440, as 1.1: 288'

echo "Strings, and then a number, as kubectl reads them:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

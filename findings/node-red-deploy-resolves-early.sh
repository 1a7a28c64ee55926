#!/usr/bin/env bash
set -euo pipefail

# Package   node-red 4.1.15, embedded as its API describes, on Node.js 20
# Guess     Once `await RED.runtime.flows.setFlows(...)` has resolved, the flow that was deployed by it answers.
# Seen      The first deployment after the start does; each later one resolves while the old flow is gone and the new one has not
#           started: its `http in` is a 404, until the event `flows:started`.
# Matters   A test that deploys one flow after another and calls each meets a 404 now and then, or always, which looks like a
#           flow that lost its chat. Wait for the event, not for the promise.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-red@4.1.15

cat > seen.cjs <<'JS'
const { once } = require('node:events');
const http = require('node:http');
const RED = require('node-red');

const server = http.createServer((request, response) => RED.httpNode(request, response));
const flow = (name) => [
  { id: name, type: 'tab', label: name },
  { id: `${name}-in`, type: 'http in', z: name, url: `/${name}`, method: 'get', wires: [[`${name}-out`]] },
  { id: `${name}-out`, type: 'http response', z: name, statusCode: '200', wires: [] },
];
const ask = async (name) => (await fetch(`http://127.0.0.1:${server.address().port}/${name}`)).status;
server.listen(0, '127.0.0.1', async () => {
  const quiet = { telemetry: { enabled: false }, logging: { console: { level: 'off' } } };
  RED.init(server, { ...quiet, userDir: process.cwd(), httpAdminRoot: false, httpNodeRoot: '/', credentialSecret: false });
  await RED.start();
  for (const name of ['first', 'second', 'third']) {
    const started = once(RED.events, 'flows:started');
    await RED.runtime.flows.setFlows({ flows: { flows: flow(name) }, deploymentType: 'full' });
    const atOnce = await ask(name);
    await started;
    console.log(`${name}: ${atOnce} after the promise, ${await ask(name)} after the event`);
  }
  process.exit();
});
JS
seen=$(node seen.cjs)
expected='first: 200 after the promise, 200 after the event
second: 404 after the promise, 200 after the event
third: 404 after the promise, 200 after the event'
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

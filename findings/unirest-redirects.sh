#!/usr/bin/env bash
set -euo pipefail

# Package   unirest 0.6.0 (npm), an HTTP client, and Node.js 20 or newer
# Guess     A POST that is redirected by 301, 302 or 303 becomes a GET, as browsers and other clients do it; by 307 or 308 it
#           is sent again as it was, with its body.
# Seen      After 301, 302, 303 and even 308 it is a POST without a body and without its content type. Only 307 keeps the
#           body. The caller gets the last status and is told nothing of the way there.
# Matters   A proxy that sends callers from http to https, or to a path with a slash at its end, answers 301 or 308. A probe
#           that comes from such a client arrives empty, is refused as malformed, and the log of the service shows a
#           caller who sends nothing, although the caller's own log shows the body. Say in the refusal that the body was
#           empty, and never redirect an address that is POSTed to.
# Date      2026-11-27

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts unirest@0.6.0

cat > try.cjs <<'JS'
const http = require('node:http');
const unirest = require('unirest');

async function main() {
  let arrived = '';
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const status = Number(request.url.slice(1));
    if (status === 0) {
      arrived = `${request.method}, ${body.length} characters, ${request.headers['content-type'] ?? 'no content type'}`;
      response.end();
    } else {
      response.writeHead(status, { location: '/0' }).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const base = `http://127.0.0.1:${server.address().port}`;
  for (const status of [301, 302, 303, 307, 308]) {
    const request = unirest.post(`${base}/${status}`).headers({ 'content-type': 'application/json' });
    const reply = await new Promise((done) => request.send('{"id":"1"}').end(done));
    console.log(`${status}: arrives as ${arrived}; the caller sees ${reply.status}`);
  }
  server.close();
  server.closeAllConnections();
}

main();
JS

seen=$(node --no-deprecation try.cjs)
expected='301: arrives as POST, 0 characters, no content type; the caller sees 200
302: arrives as POST, 0 characters, no content type; the caller sees 200
303: arrives as POST, 0 characters, no content type; the caller sees 200
307: arrives as POST, 10 characters, application/json; the caller sees 200
308: arrives as POST, 0 characters, no content type; the caller sees 200'

echo "unirest 0.6.0, a POST of 10 characters of JSON that is redirected:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

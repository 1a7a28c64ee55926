#!/usr/bin/env bash
# Compiles the gateway against the stand-ins, runs its tests, starts it as a process, and asks it what the contract wants.
# Needs a JDK from 17 on, and Jackson and JUnit as Debian packs them: apt-get install libjackson2-databind-java junit5.
# With --with-kit the conformance kit (built by `npm run build`) must be there; else it runs if it is.
# Loopback only; leaves nothing behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

with_kit=${1:-}
[ -z "$with_kit" ] || [ "$with_kit" = --with-kit ] || { echo "Usage: check.sh [--with-kit]"; exit 64; }
main=../../dist/src/main.js
jars=/usr/share/java
jackson=$jars/jackson-databind.jar:$jars/jackson-core.jar:$jars/jackson-annotations.jar
junit=$jars/junit-platform-console.jar:$jars/junit-jupiter-engine.jar:$jars/junit-jupiter-params.jar:$jars/junit-jupiter-api.jar
for jar in ${jackson//:/ } ${junit//:/ }; do
  [ -f "$jar" ] || { echo "$jar is missing: apt-get install libjackson2-databind-java junit5"; exit 1; }
done
out=$(mktemp -d)
gateway_path=$out/stand-ins:$out/gateway:$jackson
test_path=$out/test:test:$gateway_path:$junit
gateway=

finish() {
  local status=$?
  trap - EXIT
  [ -z "$gateway" ] || kill -KILL "$gateway" 2>/dev/null || true
  rm -rf "$out"
  exit "$status"
}
trap finish EXIT

compile() { # folder for the classes, folders of sources...
  local into=$1
  shift
  find "$@" -name '*.java' >"$out/sources"
  # path: the jars of Debian name others that may be absent; proc: nothing here makes sources.
  javac --release 17 -Xlint:all,-path -proc:none -Werror -encoding UTF-8 -cp "$test_path" -d "$into" @"$out/sources"
}

start() { # options of the gateway...; sets url
  : >"$out/said"
  LC_ALL=C.UTF-8 java -cp "$gateway_path" chatprobe.gateway.Main "$@" >"$out/said" 2>"$out/log" &
  gateway=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/^listening on //p' "$out/said")
    [ -z "$url" ] || return 0
    kill -0 "$gateway" 2>/dev/null || break
    sleep 0.1
  done
  echo 'the gateway does not listen:'
  cat "$out/log"
  return 1
}

stop() {
  local status=0
  kill -TERM "$gateway"
  wait "$gateway" || status=$?
  gateway=
  if [ "$status" -ne 143 ] || ! grep -q 'INFO stopped$' "$out/log"; then
    echo "SIGTERM ended it with $status:"
    cat "$out/log"
    return 1
  fi
}

# The first message to a cold JVM beside busy processors has taken more than the usual 5 s.
kit() { # options of the kit...
  node "$main" check-gateway "$url" --timeout-ms 9000 --live 0006Ka9HFHRR0T2B --dead 02JH8H2FE3Q3T00E --server ChatServer_1 --down-server ChatServer_2 "$@"
}

echo '--- compile'
mkdir "$out/stand-ins" "$out/gateway" "$out/test"
compile "$out/stand-ins" stand-ins
compile "$out/gateway" src
compile "$out/test" test

echo '--- tests'
echo 'a-password-for-this-run' >"$out/password"
keytool -genkeypair -alias gateway -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1,dns:localhost -validity 2 \
  -storetype PKCS12 -keystore "$out/keys.p12" -storepass:file "$out/password" 2>/dev/null
keytool -exportcert -rfc -alias gateway -keystore "$out/keys.p12" -storepass:file "$out/password" >"$out/ca.pem" 2>/dev/null
java -Dfixtures=../../test/fixtures/esp-replies.json -Dkeystore="$out/keys.p12" -Dkeystore.password.file="$out/password" -Dca="$out/ca.pem" \
  -cp "$test_path" org.junit.platform.console.ConsoleLauncher --scan-classpath "$out/test" --details-theme=ascii --fail-if-no-tests --disable-banner --disable-ansi-colors

echo '--- configuration'
printf 'listen.port=0\nlisten.prt=0\n' >"$out/wrong.properties"
status=0
java -cp "$gateway_path" chatprobe.gateway.Main --config "$out/wrong.properties" || status=$?
[ "$status" -eq 78 ] || { echo "a wrong configuration ended with $status"; exit 1; }
java -cp "$gateway_path" chatprobe.gateway.Main --check-config --config gateway.properties

echo '--- process'
echo 'a-token-for-this-run' >"$out/token"
{
  echo 'listen.port=0'
  echo 'chat.server.ChatServer_1=up.stand-in:4801'
  echo 'chat.server.ChatServer_2=down.stand-in:4801'
} >"$out/plain.properties"
{
  cat "$out/plain.properties"
  echo "token.file=$out/token"
  echo "tls.keystore.file=$out/keys.p12"
  echo "tls.keystore.password.file=$out/password"
} >"$out/tls.properties"

if [ ! -f "$main" ] || ! node "$main" check-gateway --help >/dev/null 2>&1; then
  [ -z "$with_kit" ] || { echo 'there is no conformance kit: npm run build'; exit 1; }
  start --config "$out/plain.properties"
  echo "starts at $url; the conformance kit is not built, so nobody asks it"
  stop
  exit
fi

start --config "$out/plain.properties"
kit
stop
start --config "$out/tls.properties"
kit --token-file "$out/token" --ca-file "$out/ca.pem"
if grep -e 'a-token-for-this-run' -e 'a-password-for-this-run' "$out/log" "$out/said"; then
  echo 'a secret is in the log'
  exit 1
fi
stop

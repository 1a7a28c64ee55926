#!/usr/bin/env bash
set -euo pipefail

# Package   redis-server of Debian 12 (5:7.0.15-1~deb12u10); on a Debian machine it fetches its own if there is none
# Guess     What a script may not do is refused by the code of the command in it: NOPERM where the user has no right to GET,
#           and nothing where a script that only reads runs on a replica. A first line "#!lua" changes nothing of that.
# Seen      Called by itself GET is refused with NOPERM; in a script with the general code ERR. With "#!lua" as its first line a
#           script that only reads is refused on a replica, with READONLY, before it runs; without that line the same
#           script is served. "#!lua flags=no-writes" brings it back.
# Matters   A service that keeps its shared state by scripts sees a right that is missing as ERR, the code of any mistake in a
#           script: an alert or a retry that goes by NOPERM does not see it. And whoever adds the line that the manual
#           recommends for new scripts, without a flag, loses all look-ups on replicas with a message about writing.
# Date      2026-11-28

dir=$(mktemp -d)
server_id=''
stop() {
  if [ -n "$server_id" ]; then kill "$server_id" 2>/dev/null || true; wait "$server_id" 2>/dev/null || true; fi
  rm -rf "$dir"
}
trap stop EXIT
cd "$dir"
server=$(command -v redis-server || true)
client=$(command -v redis-cli || true)
if [ -z "$server" ] || [ -z "$client" ]; then
  apt-get download -qq redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10
  for package in redis-*.deb; do dpkg -x "$package" deb; done
  server=$dir/deb/usr/bin/redis-server
  client=$dir/deb/usr/bin/redis-cli
fi

"$server" --port 0 --unixsocket "$dir/socket" --save '' --loglevel warning > log.txt 2>&1 &
server_id=$!
ask() { "$client" -s "$dir/socket" --no-auth-warning "$@" 2>&1 || true; }
for _ in $(seq 100); do
  [ "$(ask PING)" != PONG ] || break
  sleep 0.1
done
# The first word of a refusal, or "served".
word() {
  local answer
  answer=$(ask "$@" | head -n 1)
  if [[ $answer =~ ^[A-Z]+\  ]]; then echo "${answer%% *}"; else echo served; fi
}

ask SET chat alive > /dev/null
ask ACL SETUSER keeper on '>a-word' '~*' +eval > /dev/null
plain='return redis.call("GET", KEYS[1])'
headed=$'#!lua\nreturn redis.call("GET", KEYS[1])'
flagged=$'#!lua flags=no-writes\nreturn redis.call("GET", KEYS[1])'
keeper=(--user keeper --pass a-word)
seen="no right to GET, by itself: $(word "${keeper[@]}" GET chat)
no right to GET, in a script: $(word "${keeper[@]}" EVAL "$plain" 1 chat)"
# A replica of a master that nobody needs to reach: it serves what it has.
ask REPLICAOF 127.0.0.1 1 > /dev/null
seen="$seen
on a replica, plain: $(word EVAL "$plain" 1 chat)
on a replica, #!lua: $(word EVAL "$headed" 1 chat)
on a replica, #!lua flags=no-writes: $(word EVAL "$flagged" 1 chat)"
expected='no right to GET, by itself: NOPERM
no right to GET, in a script: ERR
on a replica, plain: served
on a replica, #!lua: READONLY
on a replica, #!lua flags=no-writes: served'

"$server" --version
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

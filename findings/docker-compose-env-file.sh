#!/usr/bin/env bash
set -euo pipefail

# Package   docker-compose 1.29.2 of Debian 12 (1.29.2-3); run where it is installed
# Guess     What stands in an `env_file` is passed as it is. The reference of that version says so: the value "is used as is and
#           not modified at all", quotes included, as `docker run --env-file` does.
# Seen      Quotes are taken off, what follows ` #` is cut, and `${...}` is replaced by a variable of that name, or by nothing;
#           but `$name` without braces stays. Nothing is said of it.
# Matters   A password with `${` or ` #` in it arrives shorter than it was written, and the far end answers 401. The same
#           file works with `docker run`. A secret belongs into a file of its own that the program reads itself.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
docker-compose version --short | grep -qx '1.29.2' || { echo "docker-compose 1.29.2 is needed: Debian's package docker-compose"; exit 2; }

cat > docker-compose.yml <<'YAML'
version: "3.8"
services:
  a: { image: a, env_file: secrets.env }
YAML
cat > secrets.env <<'ENV'
PLAIN=ab#cd
QUOTED="ab"
COMMENT=ab #cd
BRACES=ab${cd}ef
NO_BRACES=ab$cd
ENV

# `config` writes $$ for each $, so that what it prints can be read again.
seen=$(docker-compose config 2>&1 | grep -oE '(PLAIN|QUOTED|COMMENT|BRACES|NO_BRACES): .*' | sed 's/\$\$/$/' | sort)
expected='BRACES: abef
COMMENT: ab
NO_BRACES: ab$cd
PLAIN: ab#cd
QUOTED: ab'

cat secrets.env
echo "--- becomes"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "The behaviour has changed; it was:"
  echo "$expected"
  exit 1
fi

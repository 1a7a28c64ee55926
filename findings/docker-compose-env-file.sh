#!/usr/bin/env bash
set -euo pipefail

# Package   docker-compose 1.29.2 of Debian 12 (1.29.2-3), with that release's Python 3.11 packages
# Guess     What stands in an `env_file` is passed as it is, quotes included: so the reference of file format 3 has it, and so
#           does `docker run --env-file`.
# Seen      Quotes are taken off, what follows ` #` is cut, and `${...}` is replaced by a variable of that name, or by nothing;
#           but `$name` without braces stays. Nothing is said of it.
# Matters   A password with `${` or ` #` in it arrives shorter than it was written, and the far end answers 401. The same
#           file works with `docker run`. A secret belongs into a file of its own that the program reads itself.
# Date      2026-11-28

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
needed='docker dockerpty docopt dotenv jsonschema requests texttable websocket yaml distro attr pyrsistent urllib3
  chardet charset-normalizer idna certifi six paramiko packaging'
# shellcheck disable=SC2086 # words on purpose
apt-get download -qq docker-compose=1.29.2-3 $(printf 'python3-%s ' $needed) 2>/dev/null
for package in *.deb; do dpkg -x "$package" deb; done
compose() { PYTHONPATH=deb/usr/lib/python3/dist-packages /usr/bin/python3 deb/usr/bin/docker-compose "$@"; }

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
seen=$(compose config 2>&1 | grep -oE '(PLAIN|QUOTED|COMMENT|BRACES|NO_BRACES): .*' | sed 's/\$\$/$/' | sort)
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

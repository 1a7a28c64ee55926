#!/usr/bin/env bash
# Builds the Dockerfile with buildah, then checks what the image holds and what it does, some minutes. As root, with Debian's
# `buildah` and `debootstrap`. The base image is made here, of Debian and of npm's `node` and `npm`, under the name that
# the Dockerfile has for it: what is proved is the Dockerfile, not that image. One line a check; fails at the first that is not so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=chroot
store=(buildah --root "$work/store" --runroot "$work/run")
trap '"${store[@]}" rm --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
ok() { echo "ok  $1"; }
fail() { echo "NOT OK  $1" >&2; exit 1; }

base=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile | sort -u)
[[ $base =~ ^node:(24\.[0-9]+\.[0-9]+)-([a-z]+)-slim$ ]] || fail "the stages do not all begin FROM one Node.js 24, slim, pinned to an exact version: $base"
version=${BASH_REMATCH[1]} suite=${BASH_REMATCH[2]}
ok "every stage begins from $base"

debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/base" >"$work/debootstrap.log" || { tail "$work/debootstrap.log"; fail 'debootstrap'; }
npm install --silent --no-save --prefix "$work/node" "node@$version" npm@11
install -D "$work/node/node_modules/node/bin/node" "$work/base/usr/local/bin/node"
mkdir -p "$work/base/usr/local/lib/node_modules" "$work/base/usr/local/etc"
cp -R "$work/node/node_modules/npm" "$work/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/base/usr/local/bin/npm"
echo 'node:x:1000:1000::/home/node:/bin/sh' >>"$work/base/etc/passwd"
# The certificates that this machine trusts: its way to the registry may lead through one of its own.
cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$work/base/usr/local/etc/npmrc"
scratch=$("${store[@]}" from scratch)
"${store[@]}" add --quiet "$scratch" "$work/base" / >/dev/null
"${store[@]}" config --env PATH=/usr/local/bin:/usr/bin:/bin "$scratch"
"${store[@]}" commit --quiet --rm "$scratch" "localhost/$base" >/dev/null
rm -rf "$work/base" "$work/node"
ok 'a base image of that name is made'

# What git tracks, as it is now: as from a fresh clone.
mkdir "$work/context"
git ls-files -z | tar -c --null -T - --ignore-failed-read 2>/dev/null | tar -x -C "$work/context"
"${store[@]}" bud --format docker --pull-never --tag image "$work/context"
ok 'the Dockerfile builds'

"${store[@]}" inspect --type image image >"$work/image.json"
ctr=$("${store[@]}" from --pull-never image)
run=("${store[@]}" run)
# In the image, as its user and with its variables; the rest is Node.js 24, which it has.
inside() { "${run[@]}" "$ctr" -- node --input-type=module - "$@" <<<"$script"; }

script=$(cat test/deploy/inside-image.mjs)
node -p 'JSON.stringify(JSON.parse(fs.readFileSync(0)).Docker.config)' <"$work/image.json" >"$work/config.json"
inside "$(cat "$work/config.json")" || fail 'the image'

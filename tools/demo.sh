#!/usr/bin/env bash
# The tutorial's load test, against the built-in target on a free port of this machine.
source "$(dirname "$0")/common.sh"

exec {from_target}< <(exec venv/bin/molotarget --port 0)
target=$!
trap 'kill "$target" 2>/dev/null || true' EXIT

url=
while read -r -t 10 -u "$from_target" line; do
  if [[ $line =~ https?://[^[:space:]]+ ]]; then
    url=${BASH_REMATCH[0]}
    break
  fi
done
[[ $url ]] || die "molotarget did not say where it listens"

say "A server of our own listens at $url"
say "TARGET_URL=$url venv/bin/molotov -w 20 -d 3 examples/first.py"
TARGET_URL=$url venv/bin/molotov -w 20 -d 3 examples/first.py

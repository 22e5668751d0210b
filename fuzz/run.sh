#!/usr/bin/env bash
# Fuzzes with each target for a bounded time, as many at once as there are
# cores: fuzz/run.sh BUILD_DIR [SECONDS [TARGET]]
#
# New inputs are kept under BUILD_DIR/fuzz/found; what makes a target fail is
# printed and left in BUILD_DIR/fuzz as well. Fails when one does.
set -euo pipefail
build=${1:?usage: fuzz/run.sh BUILD_DIR [SECONDS [TARGET]]}
seconds=${2:-60}
here=$(dirname "$0")

targets() {
  for target in "$here"/*_fuzz.cc; do
    name=$(basename "$target" _fuzz.cc)
    [ "$name" = canary ] || echo "$name"
  done
}

fuzz() {
  local name=$1 found=$build/fuzz/found/$1 log=$build/fuzz/$1.log
  mkdir -p "$found"
  local before
  before=$(find "$found" -type f | wc -l)
  if "$build/bin/${name}_fuzz" -max_total_time="$seconds" -timeout=25 \
    -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$build/fuzz/$name-" "$found" "$here/corpus/$name" \
    >"$log" 2>&1; then
    local runs
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$name: $runs runs in $seconds s," \
      "$(($(find "$found" -type f | wc -l) - before)) new inputs"
  else
    echo "$name has failed:"
    tail -n 60 "$log"
    return 1
  fi
}

if [ $# -ge 3 ]; then
  fuzz "$3"
else
  targets | xargs -P "$(nproc)" -I '{}' "$0" "$build" "$seconds" '{}'
fi

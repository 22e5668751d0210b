#!/bin/sh
# Fuzzes with each target for a bounded time: fuzz/run.sh BUILD_DIR [SECONDS]
#
# New inputs are kept under BUILD_DIR; what makes a target fail is printed and
# left there as well. Fails when one does.
set -eu
build=${1:?usage: fuzz/run.sh BUILD_DIR [SECONDS]}
seconds=${2:-60}
here=$(dirname "$0")

for target in "$here"/*_fuzz.cc; do
  name=$(basename "$target" _fuzz.cc)
  [ "$name" = canary ] && continue
  found=$build/fuzz/found/$name
  mkdir -p "$found"
  echo "fuzzing $name for $seconds s"
  "$build/bin/${name}_fuzz" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -max_len=4096 -print_final_stats=0 -verbosity=0 \
    -artifact_prefix="$build/fuzz/$name-" "$found" "$here/corpus/$name"
done

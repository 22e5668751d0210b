#!/usr/bin/env bash
# Each fuzz target, for FUZZ_SECONDS (20), from its corpus in fuzz/corpus; 0 only replays the
# corpus. What it finds new stays in build/fuzz/found.
source "$(dirname "$0")/common.sh"
seconds=${FUZZ_SECONDS:-20}

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
shopt -s nullglob
targets=(build/fuzz/bin/*_fuzz)
((${#targets[@]})) || die "no fuzz target was built"

for target in "${targets[@]}"; do
  name=$(basename "$target" _fuzz)
  found=build/fuzz/found/$name
  mkdir -p "$found"
  corpus=("fuzz/corpus/$name")
  [[ -d ${corpus[0]} ]] || corpus=()
  limit=(-max_total_time="$seconds")
  ((seconds)) || limit=(-runs=0)
  say "Fuzzing: $name, ${seconds} s"
  "$target" "${limit[@]}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found/" "$found" "${corpus[@]}" 2>&1 | tail -n 12
done

#!/usr/bin/env bash
# Replays every corpus of fuzz/corpus as a test, then fuzzes each target for FUZZ_SECONDS (20; 0
# only replays). What it finds stays in build/fuzz: new inputs, and what made a target fail.
source "$(dirname "$0")/common.sh"
seconds=${FUZZ_SECONDS:-20}

say "Fuzz corpora, replayed"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
ctest --test-dir build/fuzz/fuzz --output-on-failure --no-tests=error

if ((seconds)); then
  say "Fuzzing each target for $seconds s, $(nproc) at once"
  fuzz/run.sh build/fuzz "$seconds"
fi

#!/usr/bin/env bash
# Replays every corpus of fuzz/corpus as a test, then fuzzes each target for FUZZ_SECONDS (20; 0
# only replays). What it finds new stays in build/fuzz.
source "$(dirname "$0")/common.sh"
seconds=${FUZZ_SECONDS:-20}

say "Fuzz corpora, replayed"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
ctest --test-dir build/fuzz/fuzz --output-on-failure --no-tests=error

if ((seconds)); then
  say "Fuzzing each target for $seconds s"
  fuzz/run.sh build/fuzz "$seconds"
fi

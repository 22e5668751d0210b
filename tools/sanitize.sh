#!/usr/bin/env bash
# sanitize.sh asan|tsan: the C++ tests, built by Clang with that preset's sanitizers.
source "$(dirname "$0")/common.sh"
preset=${1:?asan or tsan}

say "C++ tests under $preset"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
ctest --preset "$preset"

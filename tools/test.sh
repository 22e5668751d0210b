#!/usr/bin/env bash
# Every test: C++ (ctest), what the fuzzers found (when they are built), Python and command line
# (pytest). All run, also when the first fail; the status is 0 when none did.
source "$(dirname "$0")/common.sh"
status=0

say "C++ tests"
cmake --preset release >/dev/null
cmake --build --preset release
ctest --preset release || status=1

# Without optimisation they must not use stack either: two million awaits show it.
say "Coroutines in a debug build"
cmake --preset debug -DPython_EXECUTABLE="$PWD/venv/bin/python" >/dev/null
cmake --build --preset debug --target io_test
build/debug/bin/io_test --gtest_brief=1 --gtest_filter='Task.*' || status=1

if [[ -e build/fuzz/build.ninja ]]; then
  FUZZ_SECONDS=0 tools/fuzz.sh || status=1
fi

say "Python, command line and docs"
venv/bin/python -m pytest tests || status=1
exit $status

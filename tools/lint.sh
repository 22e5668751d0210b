#!/usr/bin/env bash
# Format and lint, of C++ and Python. Changes nothing; `lint.sh fix` formats.
source "$(dirname "$0")/common.sh"
status=0
check() {
  say "$*"
  "$@" || status=1
}

mapfile -t ours < <(find src fuzz bench -name '*.cc' -o -name '*.h' | sort)
python=(python/molotov manuals tools bench tests examples noxfile.py)
if [[ ${1:-} == fix ]]; then
  clang-format-19 -i "${ours[@]}"
  venv/bin/ruff format "${python[@]}"
  exit
fi

say "clang-format of ${#ours[@]} files"
clang-format-19 --dry-run -Werror "${ours[@]}" || status=1
check venv/bin/python tools/tidy.py
check venv/bin/ruff check "${python[@]}"
check venv/bin/ruff format --check "${python[@]}"
check venv/bin/mypy --strict python/molotov manuals examples

say "clang-tidy"
cmake --preset debug -DPython_EXECUTABLE="$PWD/venv/bin/python" >/dev/null
# One line of sources a test does not earn the minutes it takes: the tests are left out.
run-clang-tidy-19 -quiet -p build/debug -j "$(nproc)" \
  "^$PWD/src/(?!.*_test\.cc).*\.cc$" > build/debug/tidy.log 2>&1 || {
  grep -E '(warning|error):' -A 6 build/debug/tidy.log || tail -n 30 build/debug/tidy.log
  status=1
}
((status)) || say "No complaint"
exit $status

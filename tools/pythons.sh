#!/usr/bin/env bash
# The package built for, and tested with, each supported CPython that this machine has, but the one
# that venv/ was made with, which `make test` has. Looked for on the PATH and among pyenv's. Leaves
# build/venv-3.N. All are tested, also when the first fails.
source "$(dirname "$0")/common.sh"
status=0

# find_python 3.N: prints its path. A name on the PATH may be a shim with nothing behind it.
find_python() {
  local candidate
  for candidate in "python$1" ~/.pyenv/versions/"$1".*/bin/"python$1"; do
    if "$candidate" -c '' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# What the interpreter has a part in: asyncio, and the life and the requests of a script.
tests=(tests/asyncio tests/package tests/end_to_end/test_{life_cycle,session}.py)

test_with() {
  local version=$1 python=$2 venv=build/venv-$1
  PYTHON=$python VENV=$venv WHEEL_DIR=build/wheel-$version tools/build.sh &&
    install_test_requirements "$venv" &&
    "$venv/bin/python" -m pytest -q "${tests[@]}"
}

ours=$(venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
for version in 3.{11..14}; do
  if [[ $version == "$ours" ]]; then
    say "Python $version is that of venv/"
  elif python=$(find_python "$version"); then
    say "Python $version: $python"
    test_with "$version" "$python" || status=1
  else
    say "Python $version is not on this machine: not tested"
  fi
done
exit $status

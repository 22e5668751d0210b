# What the scripts of this folder share. Sourced, from any directory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A server that is slow or away for a moment is asked again.
export PIP_RETRIES=${PIP_RETRIES:-10} PIP_DEFAULT_TIMEOUT=${PIP_DEFAULT_TIMEOUT:-60}

say() { printf '\n== %s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# install_test_requirements VENV: what the Python tests need, and not the linters. Tests that use
# aiohttp, grpcio or uvloop are skipped where it cannot be built, or there is none that is built.
install_test_requirements() {
  local pip=("$1/bin/python" -m pip --disable-pip-version-check install --quiet)
  grep -vE '^(aiohttp|griffelib|grpcio|mypy|nox|ruff|uvloop)' tools/requirements-dev.txt | "${pip[@]}" -r /dev/stdin
  "${pip[@]}" "$(grep '^aiohttp' tools/requirements-dev.txt)" || say "aiohttp cannot be built here"
  "${pip[@]}" --only-binary :all: "$(grep '^grpcio' tools/requirements-dev.txt)" ||
    say "there is no grpcio for this Python"
  "${pip[@]}" --only-binary :all: "$(grep '^uvloop' tools/requirements-dev.txt)" ||
    say "there is no uvloop for this Python"
}

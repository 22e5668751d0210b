#!/usr/bin/env bash
# The Python tests of tests/asyncio under CPython's debug build, with the engine built in Debug:
# both check what they are given, memory has guards, and every reference is counted. DEBUG_PYTHON is
# the interpreter (python3-dbg, from Debian's package of that name). Leaves build/venv-debug.
source "$(dirname "$0")/common.sh"

python=${DEBUG_PYTHON:-python3-dbg}
command -v "$python" >/dev/null || die "there is no '$python' on the PATH"
"$python" -c 'import sys; sys.exit(not hasattr(sys, "gettotalrefcount"))' ||
  die "'$python' is no debug build of CPython"

# An extension that was compiled for the release build runs here too, but does not count its
# references: those of others are left out, and are not to be found in pip's cache later.
export PIP_NO_BINARY=aiohttp,frozenlist,multidict,propcache,yarl PIP_NO_CACHE_DIR=1
export PIP_QUIET=1  # Debian's pip would warn that a later one caches what is built so
export {AIOHTTP,FROZENLIST,MULTIDICT,PROPCACHE,YARL}_NO_EXTENSIONS=1

export VENV=build/venv-debug
PYTHON=$python WHEEL_DIR=build/wheel-debug BUILD_TYPE=Debug tools/build.sh
install_test_requirements "$VENV"

say "tests/asyncio under $("$VENV/bin/python" --version), debug build"
export PYTHONFAULTHANDLER=1
"$VENV/bin/python" -m pytest tests/asyncio "$@"

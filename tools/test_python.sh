#!/usr/bin/env bash
# test_python.sh VERSION VENV: the package built into a virtual environment of that CPython (3.N), and
# the tests of what the interpreter has a part in: asyncio, and the life and the requests of a script.
# noxfile.py calls it for each.
source "$(dirname "$0")/common.sh"

PYTHON=$2/bin/python VENV=$2 WHEEL_DIR=build/wheel-$1 tools/build.sh
install_test_requirements "$2"
"$2/bin/python" -m pytest -q tests/asyncio tests/package \
  tests/end_to_end/test_{life_cycle,session}.py

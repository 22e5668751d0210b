#!/usr/bin/env bash
# build.sh [dev]: makes venv/ with this package in it; with `dev`, what the tests and the lint need
# too. PYTHON is the interpreter to build for (python3). C++ is compiled in build/wheel, so only
# what changed is compiled again. Other scripts build for other interpreters: VENV, WHEEL_DIR and
# BUILD_TYPE say where and how.
source "$(dirname "$0")/common.sh"

python=${PYTHON:-python3}
venv=${VENV:-venv}
wheel_dir=${WHEEL_DIR:-build/wheel}
build_type=${BUILD_TYPE:-Release}
command -v "$python" >/dev/null || die "there is no '$python' on the PATH"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "Molotov 3 needs Python 3.11 or later; '$python' is $("$python" --version)"

version() { "$1" -c 'import sys; print(sys.version, sys.base_prefix)' 2>/dev/null; }
if [[ ${1:-} != dev && $(version "$venv/bin/python") != "$(version "$python")" ]]; then
  say "Making $venv/ with $("$python" --version)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
install() { pip install --quiet "$@"; }

if [[ ${1:-} == dev ]]; then
  [[ $venv/.dev -nt tools/requirements-dev.txt ]] || install -r tools/requirements-dev.txt
  touch "$venv/.dev"
  exit
fi

# All that it needs comes first: without isolation, these would be built with what is in venv/ too.
mapfile -t requires < <("$venv/bin/python" -c '
import tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
print(*project["build-system"]["requires"], *project["project"]["dependencies"], sep="\n")')
install "${requires[@]}"

say "Building molotov"
install --no-build-isolation --config-settings=build-dir="$wheel_dir" \
  --config-settings=cmake.build-type="$build_type" .
touch "$venv/.built"

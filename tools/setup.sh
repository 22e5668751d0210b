#!/usr/bin/env bash
# setup.sh [dev]: installs the Debian packages of packages.txt that are missing; with `dev`, those
# of packages-dev.txt too (tests, lint, benchmarks). Touches nothing when all are there.
source "$(dirname "$0")/common.sh"

[[ $(uname -s) == Linux ]] || die "Molotov 3 runs on Linux only; this is $(uname -s)."

lists=(tools/packages.txt)
[[ ${1:-} == dev ]] && lists+=(tools/packages-dev.txt)
mapfile -t wanted < <(cat "${lists[@]}")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "No Debian here: taking it that what these packages hold is installed: ${wanted[*]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == *installed && $state != *not-installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    die "these packages are missing, and installing them takes root or sudo:
  apt-get install ${missing[*]}"
  as_root=(sudo)
fi

say "Installing what is missing: ${missing[*]}"
# A server that is installed for the tests is not to start: Debian asks policy-rc.d.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  "${as_root[@]}" sh -c "printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy"
  trap '"${as_root[@]}" rm -f $policy' EXIT
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
  -o Acquire::Retries=5 "$@"; }
apt update
apt install -y --no-install-recommends "${missing[@]}" >/dev/null

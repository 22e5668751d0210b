"""The commands of this installation, and what it has in share/ for them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.prefix, "bin")
PATH = f"{BIN}:/usr/bin:/bin"
SHARE = Path(sys.prefix, "share")
COMMANDS = ["molotov", "molostart", "moloslave"]


def output_of(*command: str | Path, **variables: str) -> str:
    """What a program prints; it must neither fail nor complain."""
    done = subprocess.run(
        command,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@cache
def help_of(command: str) -> str:
    return output_of(BIN / command, "--help", COLUMNS="2000")


def flags_of(command: str) -> list[str]:
    """All its options, the short ones among them, as --help has them."""
    listed = help_of(command).split("\noptions:\n")[1]
    invocations = re.findall(r"^  (-.*?)(?:  .*)?$", listed, re.MULTILINE)
    return [
        flag
        for invocation in invocations
        for flag in re.findall(r"(?:^|, )(-{1,2}[a-z-]+)", invocation)
    ]


def values_of(command: str) -> list[str]:
    """Its options that take a value, as --help has them."""
    found = re.findall(r"(-{1,2}[a-z-]+) [A-Z_]+[ ,\n]", help_of(command))
    return sorted({flag for flag in found if flag in flags_of(command)})

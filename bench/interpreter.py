"""Which Python makes the load of ours: its build weighs on every figure."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import ROOT

# The one beside venv/bin/molotov, which takes it.
PYTHON = ROOT / "venv/bin/python3"

_ASK = """
import json, platform, sysconfig
print(json.dumps([platform.python_version(), platform.python_implementation(),
    "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
]))
"""


@dataclass(frozen=True)
class Interpreter:
    version: str
    implementation: str
    # By its own CONFIG_ARGS. A distribution may optimise without it: Debian's
    # python3 is built with profiles (its changelog) and says nothing of it.
    enable_optimizations: bool

    def __str__(self) -> str:
        how = "with" if self.enable_optimizations else "without"
        name = f"{self.implementation} {self.version}"
        return f"{name}, configured {how} --enable-optimizations"


def interpreter(program: Path = PYTHON) -> Interpreter:
    said = subprocess.run(
        [str(program), "-c", _ASK], capture_output=True, text=True, check=True
    ).stdout
    return Interpreter(*json.loads(said))

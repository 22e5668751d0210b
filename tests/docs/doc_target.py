"""The built-in target, for as long as some test uses it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Target:
    url: str
    authority: str | None

    @property
    def port(self) -> str:
        found = re.search(r":(\d+)/?$", self.url)
        assert found, self.url
        return found[1]


def running_target(*options: str) -> Iterator[Target]:
    command = [str(ROOT / "venv/bin/molotarget"), "--port", "0", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            authority = url = None
            while url is None:
                line = process.stdout.readline()
                assert line, "molotarget ended before it said its URL"
                if line.startswith("authority: "):
                    authority = line.removeprefix("authority: ").strip()
                elif found := re.search(r"https?://\S+", line):
                    url = found[0]
            yield Target(url, authority)
        finally:
            process.terminate()

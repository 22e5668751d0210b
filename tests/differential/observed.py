"""What a command did, as lists of lines that can be compared."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from differential.plain import Plain
from differential.recorder import Request

# Fields of a request that differ by themselves in each case.
# `User-Agent` is a difference that is meant: each client says its own name.
OWN_FIELDS = ("User-Agent",)


@dataclass(frozen=True)
class Observed:
    status: int
    stdout: str
    stderr: str
    requests: list[Request]
    datagrams: list[str]
    files: dict[str, str]

    def aspects(self, folder: Path, any_count: bool) -> dict[str, list[str]]:
        """All of it, without what has to differ between two runs."""
        plain = Plain(folder, any_count)
        return {
            "status": [f"exit status {_as_a_shell_has_it(self.status)}"],
            "stdout": plain.lines(self.stdout),
            "stderr": plain.lines(self.stderr),
            "requests": [plain.text(_shown(r)) for r in self.requests],
            "datagrams": [
                plain.datagram(text) for text in summed(self.datagrams)
            ],
            "files": [
                plain.text(f"{name}: {line}")
                for name, text in self.files.items()
                for line in text.splitlines()
            ],
        }

    def user_agents(self) -> set[str]:
        return {
            value
            for request in self.requests
            for name, value in request.fields
            if name in OWN_FIELDS
        }


def summed(datagrams: list[str]) -> list[str]:
    """With the counts of runs added up, which are sent once a second: how many
    datagrams they make is a matter of time."""
    others: list[str] = []
    sums: Counter[str] = Counter()
    for text in datagrams:
        found = re.fullmatch(r"(.*\.scenario\..*):(\d+)\|c", text)
        if found:
            sums[found[1]] += int(found[2])
        else:
            others.append(text)
    return others + [f"{name}:{count}|c" for name, count in sums.items()]


def _as_a_shell_has_it(status: int) -> int:
    return 128 - status if status < 0 else status


def _shown(request: Request) -> str:
    """A request in one line. The order of its fields is left open."""
    fields = sorted(
        f"{name}: {'(own)' if name in OWN_FIELDS else value}"
        for name, value in request.fields
    )
    body = [repr(request.body)] if request.body else []
    return " | ".join([f"{request.method} {request.target}", *fields, *body])

"""Output without what differs in each run, or on purpose in each case.

What is levelled here is on purpose different from the original everywhere, as
docs/differences.md says; one case (subjects/console.py) has it unlevelled.
"""

from __future__ import annotations

import re
from pathlib import Path

# The lines of a worker's life: the original's always, ours with -v only. And
# the original's OK, which ours has in the line before it.
LIFE = re.compile(
    r"OK|\[W:\d+\] (Starting|Running scenarios|Done!|Ran \d+ scenarios"
    r"|Setting up session.*)"
)
# Ours is the first line, the original's among the last, where it gets there.
# And 2.6 prints StatsD's address, where 2.7 is silent as ours.
EMPTY = re.compile(
    r"(\[pid\])?|\*\*\*\* Molotov v[\d.]+\. Happy breaking! \*\*\*\*"
    r"|udp://\S+"
)
# Of a traceback: a frame in Molotov, aiohttp or Python itself.
FRAME = re.compile(r'\s*File "([^"]*)", line \d+')
INNER = ("/site-packages/", "/lib/python3.", "/bin/molo", "<frozen ")
COUNTS = re.compile(r"(SUCCESSES: \d+ \| FAILURES: \d+)( \| WORKERS: \d+)?\r?")
# Each is replaced wherever it stands.
LEVELLED: tuple[tuple[str, str], ...] = (
    (r"\[P:\d+ ", "[pid] "),
    (r"FOLDER/(moloslave-|tmp)\w+", "FOLDER/TEMPORARY"),
    (r"^\[\d+\] ", "[pid] "),
    (r"(Preparing \S+) workers?\.\.\.(OK)?$", r"\1 workers...OK"),
    (r"\b0x[0-9a-f]+\b", "0x"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"localhost:\d{4,}", "localhost:PORT"),
    (r"('127\.0\.0\.1'|'localhost'), \d+", r"\1, PORT"),
)


class Plain:
    def __init__(self, folder: Path, any_count: bool) -> None:
        self._folder = str(folder)
        self._any_count = any_count

    def text(self, text: str) -> str:
        text = text.replace(self._folder, "FOLDER")
        for pattern, level in LEVELLED:
            text = re.sub(pattern, level, text)
        return text

    def datagram(self, text: str) -> str:
        """Without how long it took."""
        return re.sub(r":\d+\|ms", ":N|ms", self.text(text))

    def lines(self, output: str) -> list[str]:
        """Those that are compared."""
        lines = [self.text(line).rstrip() for line in output.split("\n")]
        lines = [x for x in lines if not EMPTY.fullmatch(x)]
        lines = _without_inner_frames(_without_usage(lines))
        return [
            self._counts(line)
            for line in lines
            if not LIFE.fullmatch(line.removeprefix("[pid] "))
        ]

    def _counts(self, line: str) -> str:
        if not COUNTS.fullmatch(line):
            return line
        if self._any_count:
            return "SUCCESSES: N | FAILURES: N"
        return COUNTS.sub(r"\1", line)


def _without_usage(lines: list[str]) -> list[str]:
    """The usage is named and not compared: each has options of its own."""
    kept: list[str] = []
    in_usage = False
    for line in lines:
        in_usage = line.startswith("usage: ") or (
            in_usage and line.startswith(" ")
        )
        if not in_usage:
            kept.append(line)
        elif line.startswith("usage: "):
            kept.append("usage")
    return kept


def _without_inner_frames(lines: list[str]) -> list[str]:
    kept: list[str] = []
    skipped_indent: int | None = None
    for line in lines:
        bare = line.removeprefix("[pid] ")
        indent = len(bare) - len(bare.lstrip())
        if skipped_indent is not None and indent > skipped_indent:
            continue
        skipped_indent = None
        frame = FRAME.match(bare)
        if frame and any(part in frame[1] for part in INNER):
            skipped_indent = indent
        else:
            kept.append(line)
    return kept

"""Reads what can be run out of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w*)[ \t]*(\S*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: ```language name, and its lines."""

    language: str
    name: str
    lines: list[str]
    line: int  # of its first line in the page, from 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@dataclass
class Command:
    """A line after `$ `, and the lines that it is to print."""

    text: str
    line: int
    expected: list[str] = field(default_factory=list)

    @property
    def answers(self) -> list[str]:
        """What is typed at its prompts: lines `> Question [default]: answer`"""
        asked = [line for line in self.expected if line.startswith("> ")]
        return [line.split(": ", 1)[1] for line in asked]


def blocks_of(page: Path) -> Iterator[Block]:
    opening: re.Match[str] | None = None
    lines: list[str] = []
    start = 0
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if opening is None:
            opening, lines, start = FENCE.match(line), [], number + 1
        elif line == "```":
            yield Block(opening[1], opening[2], lines, start)
            opening = None
        else:
            lines.append(line)
    assert opening is None, f"{page}:{start}: the block does not end"


def commands_of(block: Block) -> list[Command]:
    commands: list[Command] = []
    for number, line in enumerate(block.lines, block.line):
        if line.startswith("$ "):
            commands.append(Command(line[2:], number))
        else:
            assert commands, f"line {number}: output before any command"
            commands[-1].expected.append(line)
    return commands


# Where a number means itself; elsewhere 0 means 0, and 26 any but 0.
EXACT = re.compile(r"(?:Preparing |Forking |WORKERS: |v)[\d.]+")
NUMBER = re.compile(r"\d+(?P<decimals>\.\d+)?")


def pattern_of(expected: list[str]) -> re.Pattern[str]:
    """What the output has to match, whole."""
    lines = [
        r"(?:.*\n)*?" if line == "[...]" else line_pattern(line) + r"[ ]*\n"
        for line in expected
    ]
    return re.compile("".join(lines))


def line_pattern(line: str) -> str:
    line = line.rstrip()
    result, at = "", 0
    for exact in EXACT.finditer(line):
        result += loose(line[at : exact.start()]) + re.escape(exact[0])
        at = exact.end()
    return result + loose(line[at:])


def loose(text: str) -> str:
    parts, at = "", 0
    for number in NUMBER.finditer(text):
        parts += re.escape(text[at : number.start()])
        whole = r"0+" if int(float(number[0])) == 0 else r"(?!0+\b)\d+"
        parts += whole + (r"\.\d+" if number["decimals"] else "")
        at = number.end()
    return parts + re.escape(text[at:])

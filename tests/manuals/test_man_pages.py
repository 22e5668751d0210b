"""The manual pages: they are found, well formed, and have each option."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from installed import COMMANDS, PATH, ROOT, SHARE, flags_of, help_of, output_of

SECTIONS = [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "ENVIRONMENT",
    "FILES",
    "EXIT STATUS",
    "EXAMPLES",
    "SEE ALSO",
]
commands = pytest.mark.parametrize("command", COMMANDS)


def source_of(command: str) -> Path:
    return SHARE / "man/man1" / f"{command}.1"


def text_of(command: str) -> str:
    """As `man` shows it to whoever has the command on the PATH."""
    shown = output_of(
        "man", command, PATH=PATH, MANPAGER="cat", MANWIDTH="200", MANPATH=""
    )
    return re.sub(".\b", "", shown)


def section_of(command: str, name: str) -> str:
    text = text_of(command)
    return re.split(r"^\S.*\n", text.split(f"\n{name}\n")[1], flags=re.M)[0]


@commands
def test_sections(command: str) -> None:
    found = re.findall(r"^([A-Z ]+)$", text_of(command), re.MULTILINE)
    assert found == SECTIONS


@commands
def test_no_reader_complains(command: str) -> None:
    output_of("mandoc", "-T", "lint", source_of(command))
    warnings = output_of("groff", "-man", "-ww", "-z", source_of(command))
    assert warnings == ""


@commands
def test_each_option_is_there(command: str) -> None:
    lines = re.findall(
        r"^ {7}(-.*)$", section_of(command, "OPTIONS"), re.MULTILINE
    )
    flags = re.findall(r"(?:^|, )(-{1,2}[a-z-]+)", "\n".join(lines), re.M)
    assert flags == flags_of(command)
    assert len(flags) >= 3


@commands
def test_what_an_option_does_is_there(command: str) -> None:
    page = " ".join(section_of(command, "OPTIONS").split()).lower()
    entries = re.findall(r"^  -.*?  +(\S.*)$", help_of(command), re.MULTILINE)
    assert entries
    for entry in entries:
        text = re.sub(r" \(default: .*\)$", "", entry).rstrip(".")
        assert text.lower() in page


def test_variables() -> None:
    section = section_of("molotov", "ENVIRONMENT")
    named = re.findall(r"^ {7}(MOLOTOV_\w+)", section, re.MULTILINE)
    long_flags = [flag[2:] for flag in flags_of("molotov") if flag[1] == "-"]
    options = ["scenario", *long_flags]
    assert named == [
        "MOLOTOV_" + option.upper().replace("-", "_")
        for option in options
        if option not in ("help", "version")
    ]


def statuses_of(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\b\d+\b", text)}


def test_statuses_are_those_of_the_program_and_of_the_page() -> None:
    section = section_of("molotov", "EXIT STATUS")
    terms = re.findall(r"^ {7}(\S.{0,7})(?: |$)", section, re.MULTILINE)
    named = statuses_of(" ".join(terms))
    header = (ROOT / "src/cli/exit_code.h").read_text()
    assert named == {int(n) for n in re.findall(r" = (\d+),", header)}
    page = (ROOT / "docs/options.md").read_text()
    table = page.split("\n## Exit status\n")[1].split("\n\n")[0]
    cells = re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
    assert named == statuses_of(" ".join(cells))

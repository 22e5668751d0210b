"""docs/options.md: its table is the command's, its example is a configuration
that can be used."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from doc_page import blocks_of
from doc_target import ROOT

PAGE = ROOT / "docs" / "options.md"
MOLOTOV = ROOT / "venv/bin/molotov"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MOLOTOV, *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "2000"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows_of_the_page() -> list[tuple[str, ...]]:
    """Flags, and the default as the help would show it."""
    rows = re.findall(
        r"^\| (`-.*?`|`scenario`) \| (.*?) \| .* \|$", PAGE.read_text(), re.M
    )
    shown = {"off": "False", "none": "None"}
    return [
        (*re.findall(r"`(-{0,2}[a-z-]+)", names), shown.get(value, value))
        for names, value in rows
    ]


def rows_of_the_help(text: str) -> list[tuple[str, ...]]:
    entries = re.findall(r"^  (\S.*)\(default: (.*)\)$", text, re.M)
    rows = []
    for entry, value in entries:
        names = re.split(r" {2,}", entry)[0]
        flags = re.findall(r"(?:^|, )(-{0,2}[a-z][a-z_-]*)", names)
        rows.append((*flags, value))
    return rows


def test_the_table_is_the_commands(tmp_path: Path) -> None:
    text = run(tmp_path, "--help").stdout
    text = re.sub(r"\n {10,}", "  ", text)  # a long name has a line of its own
    there = rows_of_the_help(text)
    assert len(there) > 25
    here = [
        (
            *flags,
            f"{float(value)}"
            if value in ("0", "5") and wants_point(flags)
            else value.strip("`"),
        )
        for *flags, value in rows_of_the_page()
    ]
    assert here == there


def wants_point(flags: list[str]) -> bool:
    """Whether it is a float for argparse, whose 0 is shown as 0.0."""
    wanting = ("--ramp-up", "--delay", "--sizing-tolerance", "--warmup")
    return flags[-1] in wanting


def test_the_configuration(tmp_path: Path) -> None:
    blocks = [b for b in blocks_of(PAGE) if b.language == "json"]
    assert [b.name for b in blocks] == ["molotov.json"]
    (tmp_path / "molotov.json").write_text(blocks[0].text)
    (tmp_path / "loadtest.py").write_text(
        "import molotov\n\n@molotov.scenario()\nasync def one(session): pass\n"
    )
    (tmp_path / "extension.py").write_text("")
    for name in ([], ["smoke"]):
        done = run(tmp_path, "--dry-run", "--config", "molotov.json", *name)
        assert (done.returncode, done.stderr) == (0, "")
        assert ("Loading extension" in done.stdout) == bool(name)

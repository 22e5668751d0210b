"""Executes a page: each command is typed as it stands there, and prints what
stands below it. CONTRIBUTING.md has the convention."""

from __future__ import annotations

import os
import re
from pathlib import Path

from doc_page import Block, blocks_of, commands_of, pattern_of
from doc_shell import Shell
from doc_target import ROOT, Target
from results_table import split_results

FOLDER = "/tmp/mytest"
# `make build` compiles and installs a whole package, on a busy machine for many
# minutes; no other command takes long.
SECONDS = 1800


def environment() -> dict[str, str]:
    keep = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in keep or name.startswith("PIP_")
    }
    kept["PATH"] = f"{ROOT / 'venv/bin'}:{kept['PATH']}"
    return {"LANG": "C.UTF-8", **kept}


def shell_for(target: Target, folder: Path) -> Shell:
    led_here = f"--connect-to example.com:443:127.0.0.1:{target.port}"
    preamble = (
        "molotov() { command molotov "
        f'{led_here} --cacert "{target.authority}" "$@"; }}'
    )
    return Shell(folder, environment(), preamble)


def names_of(rows: list[str]) -> list[str]:
    """What a table of results is about."""
    return [row[:22].rstrip() for row in rows]


def without_times(text: str) -> str:
    """The times that thresholds found are another each time, also in their
    units."""
    return re.sub(r"\(found [\d.]+[mu]?s(?=[,)])", "(found TIME", text)


def run_block(page: Path, block: Block, shell: Shell, folder: str) -> None:
    for command in commands_of(block):
        command.text = command.text.replace(FOLDER, folder)
        expected = [line.replace(FOLDER, folder) for line in command.expected]
        command.expected = expected
        status, output = shell.run(command.text, command.answers, SECONDS)
        where = f"{page.name}:{command.line}: $ {command.text}"
        assert status == 0, f"{where}: exit status {status}\n{output}"
        # A folder's name is compared as it is, not as a number.
        shown, rows = split_results(without_times("\n".join(expected)))
        given, given_rows = split_results(without_times(output))
        wanted = pattern_of(shown.replace(folder, "@").splitlines())
        said = "\n".join(expected)
        assert wanted.fullmatch(given.replace(folder, "@")), (
            f"{where}\nexpected:\n{said}\ngot:\n{output}"
        )
        # A page need not show the table of results.
        assert not rows or names_of(rows) == names_of(given_rows), output


def run_page(page: Path, target: Target, start: Path, folder: Path) -> int:
    """Executes a page in the folder `start`: its Python is written to files,
    its commands are typed. Where it says /tmp/mytest, `folder` is meant.
    Returns how many blocks of commands there were."""
    shell = shell_for(target, start)
    executed = 0
    for block in blocks_of(page):
        if block.language == "python":
            where = f"{page.name}:{block.line}"
            assert block.name, f"{where}: which file is it?"
            (shell.folder / block.name).write_text(block.text)
        elif block.language == "console":
            run_block(page, block, shell, str(folder))
            executed += 1
    return executed

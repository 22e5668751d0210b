"""docs/tutorial.md, executed: each command is typed as it stands there, and
prints what stands below it. CONTRIBUTING.md has the convention."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from doc_page import Block, blocks_of, commands_of, pattern_of
from doc_shell import Shell
from doc_target import ROOT, Target

PAGE = ROOT / "docs" / "tutorial.md"
FOLDER = "/tmp/mytest"
# `make build` installs a whole package; no other command takes long.
SECONDS = 900


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


def run_block(block: Block, shell: Shell, folder: str) -> None:
    for command in commands_of(block):
        command.text = command.text.replace(FOLDER, folder)
        expected = [line.replace(FOLDER, folder) for line in command.expected]
        command.expected = expected
        status, output = shell.run(command.text, command.answers, SECONDS)
        where = f"{PAGE.name}:{command.line}: $ {command.text}"
        assert status == 0, f"{where}: exit status {status}\n{output}"
        # A folder's name is compared as it is, not as a number.
        wanted = pattern_of([line.replace(folder, "@") for line in expected])
        given = output.replace(folder, "@")
        assert wanted.fullmatch(given), (
            f"{where}\nexpected:\n" + "\n".join(expected) + f"\ngot:\n{output}"
        )


@pytest.mark.timeout(SECONDS)
def test_the_tutorial(tmp_path: Path, example_com: Target) -> None:
    folder = str(tmp_path / "mytest")
    shell = shell_for(example_com, tmp_path)
    executed = 0
    for block in blocks_of(PAGE):
        if block.language == "python":
            assert block.name, f"{PAGE.name}:{block.line}: which file is it?"
            (shell.folder / block.name).write_text(block.text)
        elif block.language == "console":
            run_block(block, shell, folder)
            executed += 1
    assert executed >= 10

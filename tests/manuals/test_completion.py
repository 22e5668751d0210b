"""Completion, by the shells themselves: each option is offered, and of files
those that fit."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from installed import COMMANDS, PATH, ROOT, flags_of, output_of, values_of
from shells import Bash, Fish, Zsh

Shell = Bash | Zsh | Fish
shells = pytest.mark.parametrize(
    "shell", [Bash(), Zsh(), Fish()], ids=["bash", "zsh", "fish"]
)
commands = pytest.mark.parametrize("command", COMMANDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a bit of everything."""
    place = tmp_path / "place"
    (place / "loads").mkdir(parents=True)
    for name in ("first.py", "my test.py", "ca.pem", "molotov.json"):
        (place / name).touch()
    return place


def plain(offers: list[str]) -> set[str]:
    return {word.rstrip("/").rstrip("=") for word in offers}


@shells
@commands
def test_each_option(shell: Shell, command: str, folder: Path) -> None:
    offers = plain(shell.offers(f"{command} -", folder))
    offers |= plain(shell.offers(f"{command} --", folder))
    assert offers >= set(flags_of(command))


@shells
def test_no_option_is_invented(shell: Shell, folder: Path) -> None:
    offers = plain(shell.offers("molotov --", folder))
    assert offers == {f for f in flags_of("molotov") if f.startswith("--")}


@shells
def test_a_scenario(shell: Shell, folder: Path) -> None:
    offers = shell.offers("molotov ", folder)
    scripts = {"first.py", "my test.py", "loads"}
    # Fish offers what else there is behind them.
    assert plain(offers[:3] if isinstance(shell, Fish) else offers) == scripts


@shells
def test_extensions(shell: Shell, folder: Path) -> None:
    offers = plain(shell.offers("molotov --use-extension f", folder))
    assert offers == {"first.py"}


@shells
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("molotov --config ", "molotov.json"),
        ("molotov --cacert ", "ca.pem"),
        ("moloslave --python ", "ca.pem"),
        ("moloslave --directory ", "loads"),
        ("moloslave ", "loads"),
    ],
)
def test_paths(shell: Shell, line: str, wanted: str, folder: Path) -> None:
    offers = plain(shell.offers(line, folder))
    assert wanted in offers
    assert ("first.py" in offers) == (wanted != "loads")


@shells
def test_values(shell: Shell, folder: Path) -> None:
    for option in ("-p", "--processes"):
        assert plain(shell.offers(f"molotov {option} ", folder)) == {"auto"}
    kinds = plain(shell.offers("molotov --arrival ", folder))
    assert kinds == {"constant", "poisson"}


@shells
def test_values_that_nobody_can_guess(shell: Shell, folder: Path) -> None:
    files = {"--config", "--cacert", "--use-extension", "--report"}
    guessed = files | {"-p", "--processes", "--arrival"}
    others = set(values_of("molotov")) - guessed
    assert {"-w", "--workers", "--connect-to"} <= others
    # A shell takes a while to start, and they are all made alike.
    asked = others if isinstance(shell, Bash) else {"-w", "--connect-to"}
    for option in asked:
        assert shell.offers(f"molotov {option} ", folder) == []


@pytest.mark.parametrize("shell", [Bash(), Zsh()], ids=["bash", "zsh"])
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("molotov --work\t5 fi\t", ["--workers", "5", "first.py"]),
        ("molotov --config=mol\t test", ["--config=molotov.json", "test"]),
        ("molotov my\t", ["my test.py"]),
        ("molotov my\\ \t", ["my test.py"]),
        ("molotov --cac\tca\t", ["--cacert", "ca.pem"]),
    ],
)
def test_the_tab_key(
    shell: Bash | Zsh, keys: str, words: list[str], folder: Path
) -> None:
    typed = shell.words(keys, folder)
    # zsh puts an equals sign where that may stand.
    assert [w for word in typed for w in word.split("=")] == [
        w for word in words for w in word.split("=")
    ]


def how_to(shell: str) -> str:
    """What docs/options.md has people write into a start-up file."""
    page = (ROOT / "docs/options.md").read_text()
    found = re.findall(rf"^\| {shell}\b.*? \| `(.*)` \|$", page, re.MULTILINE)
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize(
    ("shell", "options", "question", "answer"),
    [
        ("bash", ["--norc"], "complete -p molotov", "complete -F _molotov"),
        (
            "zsh",
            ["-f"],
            "autoload -Uz compinit; compinit -D -u; print $_comps[molotov]",
            "_molotov",
        ),
        ("fish", [], "complete -C 'molotov --wo'", "--workers"),
    ],
)
def test_the_page_says_how(
    shell: str, options: list[str], question: str, answer: str, tmp_path: Path
) -> None:
    (tmp_path / "venv").symlink_to(sys.prefix)
    script = f"cd {tmp_path}\n{how_to(shell)}\n{question}"
    said = output_of(
        shell, *options, "-c", script, HOME=str(tmp_path), PATH=PATH
    )
    assert said.startswith(answer)

"""What type checkers make of us: all that is public has a type, and the stubs
are true."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from molotov import keywords
from molotov.client.request_options import Options
from molotov.client.session_options import session_options

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "every_name.py"
sys.path.insert(0, str(HERE.parents[1] / "tools"))

import api_page  # noqa: E402


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """mypy's, so that only the first check takes long."""
    return tmp_path_factory.mktemp("mypy")


def run(module: str, *arguments: str, folder: Path) -> str:
    """What a program of mypy's says about the package that is installed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,  # without a configuration
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def check(code: str, cache: Path) -> list[str]:
    """The errors of a script, without its name, and without advice."""
    (cache / "script.py").write_text(code)
    options = ["--strict", f"--cache-dir={cache}", "--no-error-summary"]
    found = run("mypy", *options, "script.py", folder=cache)
    return [
        line.partition("script.py:")[2]
        for line in found.splitlines()
        if ": note: " not in line
    ]


def test_every_name(cache: Path) -> None:
    assert check(SCRIPT.read_text(), cache) == []


def test_the_examples(cache: Path) -> None:
    examples = str(HERE.parents[1] / "examples")
    options = ["--strict", f"--cache-dir={cache}", examples]
    assert run("mypy", *options, folder=cache).startswith("Success")


def test_the_script_leaves_no_name_out() -> None:
    package = api_page.load()
    words = set(re.findall(r"\w+", SCRIPT.read_text()))
    names = [
        name
        for module in api_page.PUBLIC
        for entry in api_page.entries_of(package, module)
        for name in (entry.name, *(m.name for m in entry.members))
    ]
    assert len(names) > 100
    assert [n for n in names if n.rpartition(".")[2] not in words] == []


SCENARIO = """
import molotov
from molotov.session import ClientSession

@molotov.scenario()
async def one(session: ClientSession) -> None:
    LINE
"""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("session.get('/', headders={})", 'Unexpected keyword argument "head'),
        ("session.get('/', timeout=1).status", '"Request" has no attribute'),
        ("session.get(1)", 'Argument 1 to "get" of "Session" has incompatible'),
        ("(await session.get('/')).status + 'a'", "Unsupported operand types"),
        ("session.statsd.incr('a')", '"None" of "Statsd | None" has no attr'),
        ("molotov.scenario()(lambda s: 1)", "type"),
    ],
)
def test_mistakes_are_found(line: str, why: str, cache: Path) -> None:
    errors = check(SCENARIO.replace("LINE", line), cache)
    assert len(errors) == 1, errors
    assert errors[0].startswith("7: error: ")
    assert why in errors[0]


def test_a_script_without_annotations_is_left_alone(cache: Path) -> None:
    (cache / "old.py").write_text(
        "from molotov import scenario, setup\n\n"
        "@setup()\nasync def start(worker_id, args):\n    return {}\n\n"
        "@scenario(weight=1)\nasync def one(session):\n"
        "    async with session.get('/') as resp:\n        resp.anything\n"
    )
    found = run("mypy", f"--cache-dir={cache}", "old.py", folder=cache)
    assert found.startswith("Success")


def test_the_stubs_of_the_engine(tmp_path: Path) -> None:
    # What is missing of them is of nobody's concern but the engine's.
    found = run(
        "mypy.stubtest",
        "molotov._engine",
        "--concise",
        "--ignore-missing-stub",
        folder=tmp_path,
    )
    assert found == ""


def parameters_of(function: object) -> set[str]:
    assert callable(function)
    return set(inspect.signature(function).parameters)


def test_keywords_are_those_that_are_taken() -> None:
    taken = parameters_of(Options)
    assert set(keywords.RequestOptions.__annotations__) == taken
    taken = parameters_of(session_options)
    assert set(keywords.SessionOptions.__annotations__) == taken

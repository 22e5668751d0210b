"""What can be wrong with a script, and what is then said.

Each script is loaded by a Python of its own, as the supervisor does it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python"

LOAD = """
import argparse, sys
sys.path.insert(0, {package!r})
from molotov import loader
from molotov.supervised import OPTION_DEFAULTS
options = OPTION_DEFAULTS | {options!r}
try:
    scenarios = loader.load_script(argparse.Namespace(**options))
except loader.CannotUseScript:
    sys.exit(1)
print([s.name for s in scenarios])
"""

GOOD = """
from molotov import scenario

@scenario()
async def one(session):
    pass
"""

HINT = "Try `molotov molotov.dummy`\n"
BYE = "*** Bye ***\n"


class Loaded:
    def __init__(self, folder: Path, scenario: str, **options: object) -> None:
        code = LOAD.format(
            package=str(PACKAGE), options={"scenario": scenario} | options
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file(tmp_path: Path) -> None:
    write(tmp_path, "loadtest.py", GOOD)
    loaded = Loaded(tmp_path, "loadtest.py")
    assert (loaded.status, loaded.stdout, loaded.stderr) == (0, "['one']\n", "")


def test_a_file_elsewhere_may_import_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "there/neighbour.py", "NAME = 'from_there'")
    write(
        tmp_path,
        "there/test.py",
        "from neighbour import NAME\n" + GOOD.replace("()", "(name=NAME)", 1),
    )
    assert Loaded(tmp_path, "there/test.py").stdout == "['from_there']\n"


def test_a_module_brings_its_folder(tmp_path: Path) -> None:
    write(tmp_path, "inner.py", GOOD)
    write(tmp_path, "neighbour.py", "")
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        f"sys.path.insert(0, {str(PACKAGE)!r})\n"
        "from molotov.loader import import_script\n"
        "import_script('inner')\n"
        "print(sys.path[0])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (f"{tmp_path}\n", "")


def test_the_working_directory_is_not_on_the_path(tmp_path: Path) -> None:
    write(tmp_path, "mine.py", GOOD)
    assert "Cannot import 'mine'" in Loaded(tmp_path, "mine").stdout


def test_a_files_name_and_module(tmp_path: Path) -> None:
    write(
        tmp_path,
        "script.py",
        GOOD
        + """
import os, sys
assert __name__ == "loadtest"
assert os.path.isabs(__file__)
assert sys.modules["loadtest"].one is one
""",
    )
    assert Loaded(tmp_path, "script.py").stderr == ""


def test_dataclasses_with_postponed_annotations(tmp_path: Path) -> None:
    write(
        tmp_path,
        "script.py",
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\nclass User:\n    name: str\n" + GOOD,
    )
    assert Loaded(tmp_path, "script.py").stdout == "['one']\n"


def test_a_neighbour_called_loadtest_is_importable(tmp_path: Path) -> None:
    write(tmp_path, "loadtest.py", "NAME = 'shared'")
    write(
        tmp_path,
        "big.py",
        "from loadtest import NAME\n" + GOOD.replace("()", "(name=NAME)", 1),
    )
    assert Loaded(tmp_path, "big.py").stdout == "['shared']\n"


@pytest.mark.parametrize("scenario", ["missing.py", "missing", "a.b", "", ".x"])
def test_not_there(tmp_path: Path, scenario: str) -> None:
    loaded = Loaded(tmp_path, scenario)
    assert loaded.status == 1
    assert loaded.stdout == f"Cannot import '{scenario}'\n{HINT}{BYE}"
    assert loaded.stderr == ""


@pytest.mark.parametrize("name", ["folder", "script.txt"])
def test_a_path_that_is_no_script(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path, "script.txt", GOOD)
    loaded = Loaded(tmp_path, name)
    assert (loaded.status, loaded.stdout) == (1, f"Cannot import '{name}'\n")


RAISES = {
    "raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "import": ("import not_there", "ModuleNotFoundError"),
    "syntax": ("def f(:", "SyntaxError: "),
    "coroutine": (
        "import molotov\n@molotov.scenario()\ndef f(session): pass",
        "needs to be a coroutine",
    ),
}


@pytest.mark.parametrize("code, message", RAISES.values(), ids=RAISES.keys())
def test_a_file_that_raises(tmp_path: Path, code: str, message: str) -> None:
    write(tmp_path, "bad.py", code)
    loaded = Loaded(tmp_path, "bad.py")
    assert (loaded.status, loaded.stdout) == (1, "")
    assert message in loaded.stderr
    assert "bad.py" in loaded.stderr
    assert str(PACKAGE / "molotov" / "loader.py") not in loaded.stderr
    assert "importlib" not in loaded.stderr


@pytest.mark.parametrize("code, message", RAISES.values(), ids=RAISES.keys())
def test_a_module_that_raises(tmp_path: Path, code: str, message: str) -> None:
    write(tmp_path, "bad.py", code)
    driver = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-c",
            driver
            + LOAD.format(package=str(PACKAGE), options={"scenario": "bad"}),
        ],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == f"Cannot import 'bad'\n{BYE}"
    assert message in done.stderr
    assert "importlib" not in done.stderr


def test_no_scenario(tmp_path: Path) -> None:
    write(tmp_path, "empty.py", GOOD.replace("()", "(weight=0)", 1))
    loaded = Loaded(tmp_path, "empty.py")
    assert loaded.status == 1
    assert loaded.stdout == (
        "You need at least one scenario. No scenario was found.\n"
        "A scenario with a weight of 0 is ignored\n"
    )


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"quiet": True, "verbose": 1},
            "You can't use -q and -v at the same time",
        ),
        (
            {"single_mode": "one", "single_run": True},
            "You can't use --single-mode and --single-run",
        ),
        ({"single_mode": "no"}, "Can't find 'no' in registered scenarii"),
    ],
)
def test_options_that_contradict(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    write(tmp_path, "loadtest.py", GOOD)
    loaded = Loaded(tmp_path, "loadtest.py", **options)
    assert (loaded.status, loaded.stdout) == (1, message + "\n")


def test_the_import_is_tried_before_the_options(tmp_path: Path) -> None:
    loaded = Loaded(tmp_path, "missing.py", quiet=True, verbose=1)
    assert "Cannot import 'missing.py'" in loaded.stdout
    assert "You can't" not in loaded.stdout


# --- Packages, and what looks modules up --------------------------------------

POSTPONED = """
from __future__ import annotations
import dataclasses, inspect, pickle, sys

@dataclasses.dataclass
class User:
    name: str
    age: int = 3

assert pickle.loads(pickle.dumps(User("a"))) == User("a")
assert pickle.loads(pickle.dumps(User)) is User
assert inspect.getmodule(User).User is User
"""


def load_from_path(folder: Path, scenario: str, cwd: Path) -> "Loaded":
    """With the folder on the path, as $PYTHONPATH puts it there."""
    loaded = Loaded.__new__(Loaded)
    code = LOAD.format(package=str(PACKAGE), options={"scenario": scenario})
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded.status = done.returncode
    loaded.stdout = done.stdout
    loaded.stderr = done.stderr
    return loaded


@pytest.mark.parametrize("name", ["script.py", "elsewhere/script.py"])
def test_a_file_is_a_findable_module(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, POSTPONED + GOOD)
    loaded = Loaded(tmp_path, name)
    assert (loaded.stdout, loaded.stderr) == ("['one']\n", "")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("pack.loads.test", "pack/loads/test.py"),
        ("pack.loads", "pack/loads/__init__.py"),
        ("pack", "pack/__init__.py"),
    ],
)
@pytest.mark.parametrize("here", [False, True])
def test_a_module_of_a_package(
    tmp_path: Path, name: str, file: str, here: bool
) -> None:
    """Also where the package's folder is a path from where the user stands."""
    script = (
        POSTPONED + "from pack.shared import NAME\nimport beside\n"
        f"assert __name__ == {name!r}\n" + GOOD.replace("()", "(name=NAME)", 1)
    )
    for package in ("pack", "pack/loads"):
        write(tmp_path, f"{package}/__init__.py", "")
    write(tmp_path, "pack/shared.py", "NAME = 'of a package'")
    write(tmp_path, "beside.py", "")
    write(tmp_path, file, script)
    loaded = load_from_path(tmp_path, name, tmp_path if here else PACKAGE)
    assert (loaded.stdout, loaded.stderr) == ("['of a package']\n", "")


def test_a_folder_that_is_no_package(tmp_path: Path) -> None:
    write(tmp_path, "pack/test.py", GOOD)
    loaded = load_from_path(tmp_path, "pack", tmp_path)
    assert (loaded.status, loaded.stdout) == (1, "Cannot import 'pack'\n")


# --- Extensions ---------------------------------------------------------------


def test_extensions_by_path_and_by_module(tmp_path: Path) -> None:
    write(tmp_path, "loadtest.py", GOOD + "print('scenario')\n")
    write(
        tmp_path,
        "more/ext.py",
        POSTPONED
        + "import helper\nprint(__name__, helper.__file__)\n"
        + "assert sys.modules[__name__].User is User\n",
    )
    write(tmp_path, "more/helper.py", "")
    write(tmp_path, "more/other.py", POSTPONED + "print(__name__)\n")
    write(tmp_path, "more/by_name.py", "print(__name__)")
    extensions = ["more/ext.py", "more/other.py", "by_name"]
    loaded = Loaded(tmp_path, "loadtest.py", use_extension=extensions)
    assert loaded.stderr == ""
    assert loaded.stdout.splitlines() == [
        "Loading extension 'more/ext.py'",
        f"extension {tmp_path}/more/helper.py",
        "Loading extension 'more/other.py'",
        "extension_2",
        "Loading extension 'by_name'",
        "by_name",
        "scenario",
        "['one']",
    ]


def test_an_extensions_folder_hides_nothing(tmp_path: Path) -> None:
    """What was found without it still is: the scenario's own, Python's own."""
    write(tmp_path, "more/ext.py", "import colorsys; print(colorsys.ONE_THIRD)")
    write(tmp_path, "more/colorsys.py", "")
    write(tmp_path, "more/helper.py", "NAME = 'of the extension'")
    write(tmp_path, "helper.py", "NAME = 'of the scenario'")
    write(
        tmp_path,
        "loadtest.py",
        "from helper import NAME\n" + GOOD.replace("()", "(name=NAME)", 1),
    )
    loaded = Loaded(tmp_path, "loadtest.py", use_extension=["more/ext.py"])
    assert loaded.stderr == ""
    assert loaded.stdout.endswith("\n['of the scenario']\n")


def test_an_extension_registers(tmp_path: Path) -> None:
    write(tmp_path, "ext.py", GOOD)
    write(tmp_path, "loadtest.py", "")
    loaded = Loaded(
        tmp_path, "loadtest.py", use_extension=["ext.py"], quiet=True
    )
    assert loaded.stdout == "['one']\n"


EXTENSION_FAILS = [
    ("absent.py", "ModuleNotFoundError(\"No module named 'absent'\")\n"),
    ("absent", "ModuleNotFoundError(\"No module named 'absent'\")\n"),
    ("", "ValueError('Empty module name')\n"),
    ("folder", ""),
    ("notes.txt", ""),
    (
        "raises.py",
        "ZeroDivisionError('division by zero')\n"
        '  File "{folder}/raises.py", line 2, in <module>\n'
        "    1 / 0\n    ~~^~~\n",
    ),
]


@pytest.mark.parametrize(("name", "said"), EXTENSION_FAILS)
def test_an_extension_that_cannot_be_used(
    tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path, "notes.txt", "")
    write(tmp_path, "raises.py", "\n1 / 0\n")
    write(tmp_path, "loadtest.py", GOOD)
    loaded = Loaded(tmp_path, "loadtest.py", use_extension=[name])
    assert (loaded.status, loaded.stderr) == (1, "")
    lines = [f"Loading extension {name!r}", f"Cannot import {name!r}"]
    said = said.replace("{folder}", str(tmp_path))
    assert loaded.stdout.rstrip("\n") == (
        "\n".join([*lines, said]).rstrip("\n")
    )


def test_a_module_that_raises_as_an_extension(tmp_path: Path) -> None:
    """As one that is a path does."""
    write(tmp_path, "first.py", "")
    write(tmp_path, "second.py", "import third")
    write(tmp_path, "third.py", "raise ValueError('no')")
    write(tmp_path, "loadtest.py", GOOD)
    loaded = Loaded(
        tmp_path, "loadtest.py", use_extension=["first.py", "second"]
    )
    assert (loaded.status, loaded.stderr) == (1, "")
    assert loaded.stdout.splitlines()[2:] == [
        "Cannot import 'second'",
        "ValueError('no')",
        f'  File "{tmp_path}/second.py", line 1, in <module>',
        "    import third",
        f'  File "{tmp_path}/third.py", line 1, in <module>',
        "    raise ValueError('no')",
    ]


def test_a_syntax_error_shows_its_line(tmp_path: Path) -> None:
    write(tmp_path, "ext.py", "x = 1\ndef f(:\n")
    loaded = Loaded(tmp_path, "loadtest.py", use_extension=["ext.py"])
    assert loaded.status == 1
    lines = loaded.stdout.splitlines()
    assert lines[1] == "Cannot import 'ext.py'"
    assert lines[2].startswith("SyntaxError(")
    assert lines[3:5] == [f'  File "{tmp_path}/ext.py", line 2', "    def f(:"]


def test_an_extension_that_exits(tmp_path: Path) -> None:
    write(tmp_path, "ext.py", "import sys; sys.exit(7)")
    loaded = Loaded(tmp_path, "loadtest.py", use_extension=["ext.py"])
    assert (loaded.status, loaded.stderr) == (7, "")

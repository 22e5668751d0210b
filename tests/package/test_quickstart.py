"""molostart, as a person at a terminal meets it, and what it writes."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from molotov import quickstart

PACKAGE = Path(__file__).resolve().parents[2] / "python"
MOLOSTART = [sys.executable, "-m", "molotov.quickstart"]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(PACKAGE),
    "PYTHONIOENCODING": "utf-8",
}
TARGET = "> Target directory [.]: "
MAKEFILE = "> Create Makefile [y]: "


def take_terminal() -> None:
    """Makes a typed Ctrl+C a signal to this process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """molostart on a pseudo-terminal; what is typed is echoed."""

    def __init__(self, folder: Path) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            MOLOSTART,
            cwd=folder,
            env=ENVIRONMENT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=take_terminal,
        )
        os.close(slave)
        self.screen = ""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select(
            [self._master], [], [], deadline - time.monotonic()
        )
        assert ready, f"nothing more came after {self.screen!r}"
        try:
            text = os.read(self._master, 4096).decode()
        except OSError:  # the other end is closed
            text = ""
        self.screen += text.replace("\r\n", "\n")
        return bool(text)

    def expect(self, prompt: str) -> None:
        deadline = time.monotonic() + 30
        while not self.screen.endswith(prompt):
            assert self._read(deadline), self.screen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Types Ctrl+C until it is heeded: CPython's input() may lose one that
        comes between its prompt and its read."""
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            self.type("\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)

    def end(self) -> int:
        deadline = time.monotonic() + 30
        while self._read(deadline):
            pass
        return self._process.wait(30)


def run(folder: Path, answers: str, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*MOLOSTART, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=answers,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_tutorials_dialogue(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "mytest"
    with Terminal(tmp_path) as terminal:
        terminal.expect(TARGET)
        terminal.type(f"{target}\n")
        terminal.expect(MAKEFILE)
        terminal.type("\n")
        assert terminal.end() == 0
        assert (
            terminal.screen
            == f"""\
**** Molotov Quickstart ****

Answer to a few questions to get started...
{TARGET}{target}
{MAKEFILE}
Generating Molotov test...
…copying 'Makefile' in '{target}'
…copying 'loadtest.py' in '{target}'
…copying 'molotov.json' in '{target}'

All done. Happy Breaking!
Go in '{target}'
Run 'make build' to get started...
"""
        )
    names = sorted(path.name for path in target.iterdir())
    assert names == ["Makefile", "loadtest.py", "molotov.json"]


@pytest.mark.parametrize("end", ["\x04", "\x03"], ids=["eof", "ctrl-c"])
def test_leaving_a_dialogue_at_the_terminal(tmp_path: Path, end: str) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.expect(TARGET)
        if end == "\x03":
            terminal.interrupt()
        else:
            terminal.type(end)
        assert terminal.end() == (1 if end == "\x04" else 130)
        assert "Traceback" not in terminal.screen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("no", ["n", "no", "N", "NO"])
def test_without_a_makefile(tmp_path: Path, no: str) -> None:
    status, out, err = run(tmp_path, f"\n{no}\n")
    assert (status, err) == (0, "")
    assert out.endswith("All done. Happy Breaking!\nGo in '.'\n")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["loadtest.py", "molotov.json"]


def test_an_unclear_answer_is_asked_again(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "\nmaybe\nYes\n")
    assert status == 0
    assert (
        f"{MAKEFILE}Please enter either 'y' or 'n'.\n{MAKEFILE}Generating"
        in out
    )


@pytest.mark.parametrize("there", quickstart.FILES)
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    status, out, err = run(tmp_path, "\n\n")
    assert (status, err) == (1, "")
    assert out.endswith(
        f"…copying '{there}' in '.'\n"
        f"'./{there}' already exists. Cowardly stopping here\n"
    )
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize("answers", ["", "\n"])
def test_too_few_answers(tmp_path: Path, answers: str) -> None:
    status, _, err = run(tmp_path, answers)
    assert status == 1
    assert err == "molostart: the answers ended too early\n"


def test_the_target_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, err = run(tmp_path, "file\n\n")
    assert status == 1
    assert err == "molostart: cannot write 'file': File exists\n"


def test_the_target_is_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, _, err = run(tmp_path, "file/below\n\n")
    assert status == 1
    assert err.startswith("molostart: cannot write 'file")
    assert err.count("\n") == 1


def test_the_target_cannot_be_written(tmp_path: Path) -> None:
    # /proc takes no folders, not even root's.
    status, _, err = run(tmp_path, "/proc/mytest\n\n")
    assert status == 1
    assert err.startswith("molostart: cannot write '/proc/mytest': ")
    assert err.count("\n") == 1


def test_version(tmp_path: Path) -> None:
    assert run(tmp_path, "", "--version") == (0, "3.0\n", "")


def test_arguments_are_refused(tmp_path: Path) -> None:
    status, out, err = run(tmp_path, "", "somewhere")
    assert (status, out) == (2, "")
    assert "unrecognized arguments: somewhere" in err


def test_the_generated_configuration(tmp_path: Path) -> None:
    run(tmp_path, "\n\n")
    config = json.loads((tmp_path / "molotov.json").read_text())
    assert config["molotov"]["tests"] == {
        "big": {
            "scenario": "loadtest.py",
            "duration": 60,
            "processes": 10,
            "workers": 100,
        },
        "small": {"scenario": "loadtest.py", "duration": 60},
        "smoke": {"scenario": "loadtest.py", "duration": 1},
    }


def test_the_generated_script_loads(tmp_path: Path) -> None:
    run(tmp_path, "\n\n")
    code = (
        "from molotov import api, loader\n"
        "loader.import_script('loadtest.py')\n"
        "print({s.name: s.weight for s in api.get_scenarios()})\n"
        "print(sorted(api.get_fixtures()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == (
        "{'scenario_one': 40, 'scenario_two': 30, 'scenario_three': 30}\n"
        "['global_setup', 'global_teardown', 'setup', 'teardown']\n"
    ), done.stderr


def makes(folder: Path, *arguments: str) -> str:
    # Under `make test` it would tell of its level and its folder.
    outside = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(
        ["make", "-n", *arguments],
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_generated_makefile(tmp_path: Path) -> None:
    run(tmp_path, "\n\n")
    assert makes(tmp_path, "build").splitlines()[0] == "python3 -m venv venv"
    assert "venv/bin/pip install " in makes(tmp_path, "build")
    last = makes(tmp_path, "test", "TESTNAME=big").splitlines()[-1]
    assert last == "venv/bin/molotov --config molotov.json big"


@pytest.mark.parametrize(
    "requirement",
    [
        "molotov==3.0",
        "/a b/it's",
        "/dollar$HOME",
        "/hash#1",
        "m @ https://x/#y",
    ],
)
def test_what_make_hands_to_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requirement: str
) -> None:
    monkeypatch.setattr(quickstart, "requirement", lambda: requirement)
    quickstart.generate(str(tmp_path), with_makefile=True)
    pip = tmp_path / "venv" / "bin" / "pip"
    pip.parent.mkdir(parents=True)
    pip.write_text('#!/bin/sh\nprintf "<%s>" "$@" > given\n')
    pip.chmod(0o755)
    (pip.parent / "python").write_text("")
    subprocess.run(["make", "-s", "build"], cwd=tmp_path, check=True)
    assert (tmp_path / "given").read_text() == f"<install><{requirement}>"


@pytest.mark.parametrize(
    "record, expected",
    [
        ({"url": "file://{here}", "dir_info": {}}, "{here}"),
        ({"url": "file://{here}", "dir_info": {"editable": True}}, "{here}"),
        (
            {"url": "file://{here}/a%20b.whl", "archive_info": {}},
            "{here}/a b.whl",
        ),
        (
            {"url": "https://x.test/m-3.0.whl", "archive_info": {}},
            "https://x.test/m-3.0.whl",
        ),
        (
            {
                "url": "https://x.test/m.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
            },
            "molotov @ git+https://x.test/m.git@abc",
        ),
        ({"url": "file:///gone/for/good.whl", "archive_info": {}}, None),
    ],
)
def test_where_molotov_came_from(
    tmp_path: Path, record: dict[str, object], expected: str | None
) -> None:
    (tmp_path / "a b.whl").write_text("")
    given = {
        key: value.format(here=tmp_path) if isinstance(value, str) else value
        for key, value in record.items()
    }
    wanted = expected and expected.format(here=tmp_path)
    assert quickstart.requirement_of(given) == wanted

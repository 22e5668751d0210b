"""MOLOTOV_WORKERS=50: each option from the environment, weaker than the command
line."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def options_of(command, monkeypatch):
    """What the process is told, with these variables and arguments."""

    def run(variables: dict[str, str], *arguments: str) -> dict[str, object]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        command.plays(
            """
            Path("options.json").write_text(json.dumps(seat.options))
            seat.play()
            """
        )
        done = command.run(*arguments)
        assert done.stderr == ""
        # 99: nothing is there for a threshold.
        assert done.returncode in (0, 99)
        options: dict[str, object] = json.loads(
            command.path("options.json").read_text()
        )
        return options

    return run


@pytest.mark.parametrize(
    ("name", "value", "want"),
    [
        ("WORKERS", "50", 50),
        ("SCENARIO", "mine.py", "mine.py"),
        ("SINGLE_MODE", "one two", "one two"),
        ("DURATION", "1h30m", 5400),
        ("DURATION", "3", 3),
        ("RAMP_UP", "1.5", 1.5),
        ("GRACE", "30s", 30),
        ("MAX_RUNS", "-1", -1),
        ("VERBOSE", "2", 2),
        ("EXCEPTION", "1", True),
        ("EXCEPTION", "Yes", True),
        ("EXCEPTION", "off", False),
        ("USE_EXTENSION", "a.py,b c.py", ["a.py", "b c.py"]),
        ("CONNECT_TO", "a:1:b:2,c:3:d:4", ["a:1:b:2", "c:3:d:4"]),
        ("THRESHOLD", "p99 < 1s,errors==0", ["p99 < 1s", "errors==0"]),
        (
            "THRESHOLD",
            r'"a,\"b" p99 < 1s,errors == 0',
            [r'"a,\"b" p99 < 1s', "errors == 0"],
        ),
        # An empty one is none.
        ("WORKERS", "", 1),
        ("EXCEPTION", "", False),
        ("CONNECT_TO", "", []),
    ],
)
def test_sets_an_option(
    options_of, name: str, value: str, want: object
) -> None:
    dest = name.lower()
    assert options_of({f"MOLOTOV_{name}": value})[dest] == want


def test_the_command_line_wins(options_of) -> None:
    options = options_of(
        {
            "MOLOTOV_WORKERS": "50",
            "MOLOTOV_DURATION": "9",
            "MOLOTOV_VERBOSE": "2",
            "MOLOTOV_CONNECT_TO": "a:1:b:2",
            "MOLOTOV_SCENARIO": "theirs.py",
        },
        *("-w", "3", "-v", "--connect-to", "c:3:d:4", "mine.py"),
    )
    assert options["workers"] == 3
    assert options["duration"] == 9
    assert options["verbose"] == 1
    assert options["connect_to"] == ["c:3:d:4"]
    assert options["scenario"] == "mine.py"


def test_counts_as_given(options_of) -> None:
    """--sizing has defaults of its own for what was not."""
    options = options_of({"MOLOTOV_WORKERS": "1"}, "--sizing")
    assert (options["workers"], options["ramp_up"]) == (1, 300)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WORKERS", "many", "invalid int value: 'many'"),
        ("RAMP_UP", "5x", "invalid float value: '5x'"),
        ("DURATION", "1s1s", "invalid duration value: '1s1s'"),
        (
            "QUIET",
            "maybe",
            "invalid flag value: 'maybe' (choose from 1, true, yes, on, 0, "
            "false, no, off)",
        ),
        ("CONNECT_TO", "x", "must be HOST:PORT:HOST:PORT: 'x'"),
        ("ABORT_ON_THRESHOLD", "3", "needs a --threshold"),
        (
            "CACERT",
            "absent.pem",
            "can't open 'absent.pem': No such file or directory",
        ),
    ],
)
def test_bad_value(
    command, monkeypatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"MOLOTOV_{name}", value)
    done = command.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: molotov ")
    assert done.stderr.splitlines()[-1] == (
        f"molotov: error: environment variable MOLOTOV_{name}: {said}"
    )


def test_help_and_version_come_first(command, monkeypatch) -> None:
    monkeypatch.setenv("MOLOTOV_WORKERS", "many")
    monkeypatch.setenv("MOLOTOV_VERSION", "2.7")  # of a build file, say
    assert command.run("--help").returncode == 0
    done = command.run("--version")
    assert (done.returncode, done.stdout) == (0, "3.0\n")


def test_other_variables_are_nobodys(options_of) -> None:
    assert options_of(
        {"MOLOTOV_TARGET_URL": "x", "MOLOTOV_": "", "MOLOTOV": ""}
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MOLOTOV_WORKER", "MOLOTOV_WORKERS"),
        ("MOLOTOV_MAXRUNS", "MOLOTOV_MAX_RUNS"),
        ("MOLOTOV_DURATIONS", "MOLOTOV_DURATION"),
        ("MOLOTOV_DELAX", "MOLOTOV_DELAY"),
    ],
)
def test_slip_of_the_pen(command, monkeypatch, name: str, meant: str) -> None:
    monkeypatch.setenv(name, "1")
    command.plays("seat.play()")
    done = command.run()
    assert done.stderr == (
        f"warning: the environment variable {name} is no option of Molotov's; "
        f"did you mean {meant}?\n"
    )
    assert done.returncode == 0

"""--config: what it says wins, what is wrong with it is said with its place."""

from __future__ import annotations

import json
import os
import re

import pytest

GOOD = {
    "molotov": {
        "env": {"X": "y"},
        "requirements": "",
        "tests": {
            "test": {"scenario": "mine.py", "duration": 1.5, "max_runs": 2},
            "other": {
                "verbose": True,
                "quiet": False,
                "single_mode": None,
                "use_extension": None,
                "uvloop": False,
                "connect_to": ["a:1:b:2"],
                "workers": 3,
            },
        },
    }
}


def options_of(command, *arguments: str) -> tuple[dict[str, object], str]:
    command.plays(
        """
        Path("options.json").write_text(json.dumps(seat.options))
        seat.play()
        """
    )
    done = command.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(command.path("options.json").read_text()), done.stderr


def write(command, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    command.path("c.json").write_text(text)


@pytest.mark.parametrize("name", [[], ["test"], ["loadtest.py"]])
def test_wins_over_the_command_line(command, name: list[str]) -> None:
    write(command, GOOD)
    options, err = options_of(
        command, "--config", "c.json", *name, "-r", "5", "-w", "7"
    )
    assert err == ""
    assert options["scenario"] == "mine.py"
    assert options["max_runs"] == 2
    assert options["duration"] == 1.5
    assert options["workers"] == 7


def test_values_of_each_kind(command) -> None:
    write(command, GOOD)
    options, err = options_of(command, "--config", "c.json", "other", "-s", "x")
    assert err == ""
    assert options["scenario"] == "loadtest.py"
    assert options["verbose"] == 1
    assert options["single_mode"] is None
    assert options["connect_to"] == ["a:1:b:2"]
    assert options["workers"] == 3


def test_env_is_the_scripts(command, monkeypatch) -> None:
    monkeypatch.setenv("X", "the user's")
    test = {"tests": {"test": {}}, "env": {"X": "the file's", "Y": 8080}}
    write(command, {"molotov": test})
    command.plays("print(os.environ['X'], os.environ['Y'])", "seat.play()")
    assert "the file's 8080\n" in command.run("--config", "c.json").stdout


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (["A=b"], "'molotov/env' must be an object of strings, not a list"),
        ({"A": True}, "'molotov/env/A' must be a string, not true or false"),
        ({"A": None}, "'molotov/env/A' must be a string, not null"),
    ],
)
def test_env_that_cannot_be_used(command, env, said) -> None:
    write(command, {"molotov": {"tests": {"test": {}}, "env": env}})
    result = command.run("--config", "c.json")
    assert result.returncode == 1
    assert re.fullmatch(rf"c\.json(:\d+)?: {said}\n", result.stderr), result


def test_durations_and_auto(command) -> None:
    test = {
        "duration": "1h30m",
        "ramp_up": "500ms",
        "delay": 1.5,
        "console_update": "1s",
        "grace": "30s",
    }
    write(command, {"molotov": {"tests": {"test": test}}})
    options, err = options_of(command, "--config", "c.json")
    assert err == ""
    assert options["duration"] == 5400
    assert options["ramp_up"] == 0.5
    assert options["delay"] == 1.5
    assert options["console_update"] == 1
    assert options["grace"] == 30


def test_a_process_a_core(command) -> None:
    write(command, {"molotov": {"tests": {"test": {"processes": "auto"}}}})
    command.plays(
        """
        for index in range(seat.processes):
            seat.play(1, index=index)
            seat.report_exit(index, 0)
        """
    )
    for arguments in (["--config", "c.json"], ["-p", "auto"]):
        done = command.run(*arguments)
        cores = len(os.sched_getaffinity(0))
        assert f"SUCCESSES: {cores} | FAILURES: 0" in done.stdout
        assert (done.returncode, done.stderr) == (0, "")


def test_wins_over_the_environment(command, monkeypatch) -> None:
    monkeypatch.setenv("MOLOTOV_MAX_RUNS", "9")
    monkeypatch.setenv("MOLOTOV_WORKERS", "4")
    write(command, GOOD)
    options, err = options_of(command, "--config", "c.json")
    assert err == ""
    assert (options["max_runs"], options["workers"]) == (2, 4)


def test_unknown_keys_are_said_and_passed_on(command) -> None:
    write(
        command,
        """{"molotov": {"tests": {"test": {
            "mine": {"a": [1]},
            "max-runs": 3
        }}}}""",
    )
    options, err = options_of(command, "--config", "c.json")
    assert options["mine"] == {"a": [1]}
    assert options["max-runs"] == 3
    assert options["max_runs"] is None
    assert sorted(err.splitlines()) == [
        "c.json:2: warning: 'mine' is no option of Molotov's",
        "c.json:3: warning: 'max-runs' is no option of Molotov's; "
        "did you mean 'max_runs'?",
    ]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("{", "test", "Can't parse 'c.json'"),
        ("", "test", "Can't parse 'c.json'"),
        ("5", "test", "Bad config -- no molotov key"),
        ([], "test", "Bad config -- no molotov key"),
        ({}, "test", "Bad config -- no molotov key"),
        ({"molotov": {}}, "test", "Bad config -- no molotov/tests key"),
        ({"molotov": None}, "test", "Bad config -- no molotov/tests key"),
        (GOOD, "nope", "Can't find 'nope' in the config"),
        (GOOD, "it's", "Can't find \"it's\" in the config"),
    ],
)
def test_unusable(command, content: object, name: str, said: str) -> None:
    write(command, content)
    done = command.run("--config", "c.json", name)
    assert done.stdout == said + "\n"
    assert done.returncode == 1


def test_absent(command) -> None:
    done = command.run("--config", "absent.json")
    assert (done.stdout, done.returncode) == ("Can't find 'absent.json'\n", 1)


def test_directory(command) -> None:
    done = command.run("--config", ".")
    assert done.stderr == "Can't read '.': Is a directory\n"
    assert done.returncode == 1


def test_says_where_it_does_not_parse(command) -> None:
    write(command, '{\n "molotov": nope\n}')
    done = command.run("--config", "c.json")
    assert done.stderr.startswith("c.json: parse error at line 2, column ")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "duration",
            "1",
            "'duration' must be a number or a duration such as '1h30m', "
            "not '1'",
        ),
        ("grace", "5x", "'grace' must be a number or a duration such as"),
        (
            "delay",
            [],
            "'delay' must be a number or a duration such as '1h30m', n",
        ),
        (
            "sizing_tolerance",
            "5s",
            "'sizing_tolerance' must be a number, not a",
        ),
        (
            "processes",
            "all",
            "'processes' must be a whole number or 'auto', not",
        ),
        ("fail_on_any", 1, "'fail_on_any' must be true or false, not a number"),
        ("max_runs", "2", "'max_runs' must be a whole number, not a string"),
        ("workers", 1.5, "'workers' must be a whole number, not a number"),
        ("workers", None, "'workers' must be a whole number, not null"),
        ("quiet", 1, "'quiet' must be true or false, not a number"),
        ("scenario", ["a"], "'scenario' must be a string, not a list"),
        ("single_mode", 3, "'single_mode' must be a string, not a number"),
        ("verbose", "x", "'verbose' must be a whole number, not a string"),
        ("delay", True, "'delay' must be a number or a duration such as"),
        ("fail", {}, "'fail' must be a whole number, not an object"),
        ("connect_to", [1], "'connect_to' must be a list of strings, not"),
        ("use_extension", "e.py", "'use_extension' must be a list of strings"),
        ("threshold", "p99 < 1s", "'threshold' must be a list of strings, not"),
    ],
)
def test_wrong_type(command, key: str, value: object, said: str) -> None:
    text = f'{{"molotov": {{"tests": {{"test": {{\n\n"{key}": '
    write(command, f"{text}{json.dumps(value)}}}}}}}}}")
    done = command.run("--config", "c.json")
    assert done.stdout == ""
    assert done.stderr.startswith(f"c.json:3: {said}")
    assert done.returncode == 1


def test_all_mistakes_are_said(command) -> None:
    test = {"workers": "1", "delay": "2", "duration": 3}
    write(command, {"molotov": {"tests": {"test": test}}})
    done = command.run("--config", "c.json")
    assert len(done.stderr.splitlines()) == 2


def test_a_test_that_is_none(command) -> None:
    write(command, '{"molotov": {"tests": {\n"test": null}}}')
    done = command.run("--config", "c.json")
    assert done.stderr == (
        "c.json:2: the test 'test' must be an object, not null\n"
    )
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("key", "value", "arguments", "said"),
    [
        (
            "connect_to",
            ["x"],
            [],
            "argument --connect-to: must be HOST:PORT:HOST:PORT: 'x'",
        ),
        (
            "threshold",
            ["errors == 0", "p99 < 250"],
            [],
            "argument --threshold: give a unit: us, ms or s\n"
            "  p99 < 250\n"
            "           ^",
        ),
        (
            "abort_on_threshold",
            "30s",
            [],
            "argument --abort-on-threshold: needs a --threshold",
        ),
        (
            "statsd_address",
            "udp://h:port",
            ["--statsd"],
            "argument --statsd-address: must be udp://HOST:PORT: 'udp://h:port'",
        ),
        (
            "cacert",
            "absent.pem",
            [],
            "argument --cacert: can't open 'absent.pem': "
            "No such file or directory",
        ),
        (
            "insecure",
            True,
            ["--cacert", "/dev/null"],
            "argument --insecure: not allowed with argument --cacert",
        ),
        (
            "cacert",
            "/dev/null",
            ["--insecure"],
            "argument --cacert: not allowed with argument --insecure",
        ),
    ],
)
def test_a_value_that_cannot_be_used(
    command, key: str, value: object, arguments: list[str], said: str
) -> None:
    text = f'{{"molotov": {{"tests": {{"test": {{\n\n"{key}": '
    write(command, f"{text}{json.dumps(value)}}}}}}}}}")
    done = command.run("--config", "c.json", *arguments)
    assert done.stdout == ""
    assert done.stderr == f"c.json:3: {said}\n"
    assert done.returncode == 1


def test_a_number_too_large(command) -> None:
    write(command, '{"molotov": {"tests": {"test": {\n"delay": 1e999}}}}')
    done = command.run("--config", "c.json")
    assert done.stdout == "Can't parse 'c.json'\n"
    assert done.stderr.startswith("c.json: ")
    assert "1e999" in done.stderr
    assert done.returncode == 1

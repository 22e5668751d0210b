"""The options that say what the load is like: what they mean for others, and
what is refused before anything starts."""

from __future__ import annotations

import json
import resource

import pytest


def options_of(command, *arguments: str, **how: object) -> dict[str, object]:
    command.plays(
        """
        Path("options.json").write_text(json.dumps(seat.options))
        seat.play()
        """
    )
    done = command.run(*arguments, **how)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(command.path("options.json").read_text())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--rate 500", {"rate": 500.0, "workers": 10_000, "duration": 86400}),
        ("--rate 30000/m -w 7", {"rate": 500.0, "workers": 7}),
        ("--rate 5/s -d 10", {"rate": 5.0, "duration": 10}),
        ("--rate 5 -s one -r 3", {"single_mode": "one", "max_runs": 3}),
        ("--rate 5 --arrival poisson", {"arrival": "poisson"}),
        (
            "--stages 30s:100,2m:50,30:0",
            {"stages": "30s:100,2m:50,30:0", "workers": 100, "duration": 180},
        ),
        (
            "--stages 30s:100/s,500ms:0 --arrival poisson",
            {"workers": 10_000, "duration": 30.5, "rate": None},
        ),
        ("--stages 30s:100/s -w 5", {"workers": 5}),
        ("--warmup 1m30s --seed -3", {"warmup": 90.0, "seed": -3}),
        ("", {"rate": None, "stages": None, "warmup": 0.0, "seed": None}),
        ("", {"arrival": "constant", "workers": 1}),
    ],
)
def test_what_they_mean(
    command, line: str, expected: dict[str, object]
) -> None:
    options = options_of(command, *line.split())
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--rate 0", "--rate: must be above 0"),
        ("--rate=-5/s", "--rate: must be above 0"),
        ("--rate inf", "--rate: must be below 10^9 a second"),
        ("--rate fast", "--rate: invalid rate value: 'fast'"),
        ("--rate 5/h", "--rate: invalid rate value: '5/h'"),
        ("--rate 5 --sizing", "--rate: not allowed with argument --sizing"),
        (
            "--rate 5 --single-run",
            "--rate: not allowed with argument --single-run",
        ),
        (
            "--rate 5 --stages 1s:5/s",
            "--stages: not allowed with argument --rate",
        ),
        (
            "--stages 1s:5 -d 3",
            "--stages: not allowed with argument -d/--duration",
        ),
        (
            "--stages 1s:5 --ramp-up 3",
            "--stages: not allowed with argument --ramp-up",
        ),
        (
            "--stages 1s:5 --single-run",
            "--stages: not allowed with argument --single-run",
        ),
        (
            "--stages 1s:5 --sizing",
            "--stages: not allowed with argument --sizing",
        ),
        (
            "--stages 1s:5 -w 3",
            "--stages: of workers are not allowed with argument -w/--workers",
        ),
        ("--stages 5", "--stages: must be DURATION:LEVEL,...: '5'"),
        (
            "--stages 100/s:5s",
            "--stages: must have the duration first, DURATION:LEVEL,...: "
            "'100/s:5s'",
        ),
        (
            "--stages 1s:5,1s:5/s",
            "--stages: must be of workers or of rates throughout: "
            "'1s:5,1s:5/s'",
        ),
        ("--stages 1s:0", "--stages: must rise above 0: '1s:0'"),
        (
            "--stages x:1",
            "--stages: must begin each stage with a duration: 'x:1'",
        ),
        ("--arrival poisson", "--arrival: needs --rate, or --stages of rates"),
        ("--arrival constant", "--arrival: needs --rate, or --stages of rates"),
        (
            "--arrival poisson --stages 1s:5",
            "--arrival: needs --rate, or --stages of rates",
        ),
        (
            "--rate 5 --arrival often",
            "--arrival: invalid choice: 'often' (choose from 'constant', "
            "'poisson')",
        ),
        ("--warmup=-1", "--warmup: must not be negative"),
        ("--warmup inf", "--warmup: must end some day"),
        (
            "--warmup 1 --single-run",
            "--warmup: not allowed with argument --single-run",
        ),
        (
            "--warmup 5 --stages 3s:1,2s:0",
            "--warmup: must be shorter than all stages together",
        ),
        ("--seed x", "--seed: invalid int value: 'x'"),
    ],
)
def test_refused(command, line: str, said: str) -> None:
    command.plays("raise SystemExit('it began')")
    done = command.run(*line.split())
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last == f"molotov: error: argument {said}"
    assert "it began" not in done.stderr


def write(command, **test: object) -> None:
    content = {"molotov": {"tests": {"test": test}}}
    command.path("c.json").write_text(json.dumps(content, indent=0))


@pytest.mark.parametrize("value", [500, 500.0, "500/s", "30000/m"])
def test_in_the_configuration(command, value: object) -> None:
    write(command, rate=value, arrival="poisson", warmup="10s", seed=7)
    options = options_of(command, "--config", "c.json")
    assert options["rate"] == 500.0
    assert options["workers"] == 10_000
    assert options["arrival"] == "poisson"
    assert (options["warmup"], options["seed"]) == (10.0, 7)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (
            {"rate": "fast"},
            "c.json:5: 'rate' must be a number or a rate such as '500/s', "
            "not 'fast'",
        ),
        ({"rate": 0}, "c.json:5: argument --rate: must be above 0"),
        (
            {"rate": 1, "sizing": True},
            "c.json:6: argument --sizing: not allowed with argument --rate",
        ),
        (
            {"stages": "1s:5", "duration": 5},
            "c.json:6: argument -d/--duration: not allowed with argument "
            "--stages",
        ),
        ({"stages": 5}, "c.json:5: 'stages' must be a string, not a number"),
        (
            {"arrival": "poisson"},
            "c.json:5: argument --arrival: needs --rate, or --stages of rates",
        ),
    ],
)
def test_refused_in_the_configuration(
    command, test: dict[str, object], said: str
) -> None:
    write(command, **test)
    done = command.run("--config", "c.json")
    assert (done.returncode, done.stderr) == (1, said + "\n")


def test_in_the_environment(command, monkeypatch) -> None:
    monkeypatch.setenv("MOLOTOV_RATE", "120/m")
    monkeypatch.setenv("MOLOTOV_ARRIVAL", "poisson")
    monkeypatch.setenv("MOLOTOV_WARMUP", "3s")
    monkeypatch.setenv("MOLOTOV_SEED", "12")
    options = options_of(command)
    assert (options["rate"], options["arrival"]) == (2.0, "poisson")
    assert (options["warmup"], options["seed"]) == (3.0, 12)
    monkeypatch.setenv("MOLOTOV_RATE", "-2")
    done = command.run()
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "molotov: error: environment variable MOLOTOV_RATE: must be above 0"
    )


def test_no_more_workers_than_descriptors(command) -> None:
    """Nobody has asked for so many, so fewer will do."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))

    assert hard > 500
    workers = options_of(command, "--rate", "5", preexec_fn=few)["workers"]
    assert isinstance(workers, int)
    assert 300 < workers < 500
    done = command.run("--rate", "5", "-w", "10000", preexec_fn=few)
    assert done.returncode == 1
    assert "10,000 workers in a process need" in done.stderr

"""--threshold and --abort-on-threshold: what a run is to reach."""

import json
import sys
import textwrap
from typing import Any

import pytest
from commands import BYE, Molotov, run

SCRIPT = """
    @scenario()
    async def one(session):
        async with session.get(URL + "/delay/30") as response:
            await response.read()
        async with session.get(URL + "/status/404") as response:
            await response.read()
"""
REFUSED = """
    @scenario()
    async def one(session):
        async with session.get("http://127.0.0.1:9/"):
            pass
"""


def options(*thresholds: str) -> list[str]:
    return [part for text in thresholds for part in ("--threshold", text)]


def judged(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("threshold ")]


def report_of(molotov: Molotov) -> Any:
    return json.loads((molotov.folder / "report.json").read_text())


@pytest.mark.parametrize("processes", ["1", "2"])
def test_what_is_reached(molotov: Molotov, processes: str) -> None:
    thresholds = options("failures == 0", "http_errors <= 50%", "max < 60s")
    result = molotov(SCRIPT, "-r", "5", "-p", processes, *thresholds)
    assert (result.status, result.stderr) == (0, "")
    passed = judged(result.lines)
    assert passed[:2] == [
        "threshold passed: failures == 0 (found 0)",
        "threshold passed: http_errors <= 50% (found 50%)",
    ]
    assert passed[2].startswith("threshold passed: max < 60s (found ")
    # Behind the table.
    assert result.table[-1].startswith("All ")
    assert result.lines[-4:] == [*passed, BYE]


def test_what_is_crossed(molotov: Molotov) -> None:
    """Each says so, whatever the others do; and the report has them all."""
    thresholds = (
        '"GET /delay/{}" server p50 < 30ms',
        '"GET /status/{}" errors == 0',
        '"GET /never" p99 < 1s',
        "http_errors < 5",
    )
    result = molotov(
        SCRIPT, "-r", "5", *options(*thresholds), "--report", "report.json"
    )
    assert (result.status, result.stderr) == (99, "")
    slow, errors, never, many = judged(result.lines)
    assert slow.startswith(f"threshold crossed: {thresholds[0]} (found ")
    assert slow.endswith("ms, with only 2 beyond)")
    assert errors == f"threshold passed: {thresholds[1]} (found 0)"
    assert never == f"threshold crossed: {thresholds[2]} (never seen)"
    assert many == "threshold crossed: http_errors < 5 (found 5)"
    report = report_of(molotov)["thresholds"]
    assert [each["crossed"] for each in report] == [True, False, True, True]
    assert report[0]["found_seconds"] >= 0.03
    assert report[3]["found_count"] == 5


@pytest.mark.parametrize(
    ("printing", "said", "table"),
    [
        (["-c"], True, False),
        (["-q"], False, False),
        (["-q", "--summary"], True, True),
    ],
)
def test_where_it_is_said(
    molotov: Molotov, printing: list[str], said: bool, table: bool
) -> None:
    """The status tells it in any case."""
    result = molotov(SCRIPT, "-r", "1", *printing, *options("http_errors < 1"))
    line = "threshold crossed: http_errors < 1 (found 1)"
    assert judged(result.lines) == ([line] if said else [])
    assert (result.status, bool(result.table)) == (99, table)


@pytest.mark.parametrize(
    ("others", "status"),
    [([], 99), (["-f", "3"], 99), (["-f", "2"], 1), (["--fail-on-any"], 1)],
)
def test_what_failed_is_stronger(
    molotov: Molotov, others: list[str], status: int
) -> None:
    script = "\n@scenario()\nasync def one(session):\n    raise ValueError\n"
    thresholds = options("failures == 0")
    assert molotov(script, "-r", "2", *thresholds, *others).status == status


def test_what_the_script_exits_with_is_stronger(molotov: Molotov) -> None:
    script = "\n@scenario()\nasync def one(session):\n    sys.exit(7)\n"
    assert molotov(script, *options("failures == 0")).status == 7


def test_a_dry_run_judges_nothing(molotov: Molotov) -> None:
    result = molotov(SCRIPT, "--dry-run", *options("errors == 0"))
    assert (result.status, judged(result.lines)) == (0, [])


def test_one_that_is_none_is_told_before_the_run(molotov: Molotov) -> None:
    result = molotov(SCRIPT, *options("p99 < 250"))
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.endswith("\n  p99 < 250\n           ^\n")


def test_in_the_configuration(molotov: Molotov) -> None:
    molotov.write(SCRIPT)
    test = {"max_runs": 1, "threshold": ["errors == 0", "http_errors == 0"]}
    config = molotov.folder / "molotov.json"
    config.write_text(json.dumps({"molotov": {"tests": {"test": test}}}))
    result = molotov(SCRIPT, "--config", "molotov.json")
    assert result.status == 99
    assert judged(result.lines) == [
        "threshold passed: errors == 0 (found 0)",
        "threshold crossed: http_errors == 0 (found 1)",
    ]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_run_is_aborted(molotov: Molotov, processes: str) -> None:
    """And ends as after Ctrl+C: it would last a day."""
    result = molotov(
        f"{textwrap.dedent(REFUSED)}\n"
        "@teardown()\ndef done(worker): print('torn down')\n",
        *("-p", processes, "--delay", "0.01", "--abort-on-threshold", "1s"),
        *options('"GET /never" errors == 0', "errors < 1"),
    )
    assert result.status == 99
    assert result.lines.count("torn down") == int(processes)
    (reason,) = [x for x in result.stderr.splitlines() if "Stopping" in x]
    assert reason.startswith("Stopping: threshold crossed: errors < 1 (found ")


def test_what_was_never_seen_does_not_abort(molotov: Molotov) -> None:
    result = molotov(
        SCRIPT,
        *("-d", "3", "--abort-on-threshold", "0"),
        *options('"GET /never" errors == 0'),
    )
    assert (result.status, result.stderr) == (99, "")


def host(molotov: Molotov, arguments: str) -> Any:
    """A run in the process of another program."""
    script = (
        f"{textwrap.dedent(SCRIPT)}\n"
        'if __name__ == "__main__":\n'
        "    import argparse\n"
        "    from molotov.run import run\n"
        f"    run(argparse.Namespace(scenario=__file__, {arguments}))\n"
        "    print('returned')\n"
    )
    path = molotov.write(script)
    return run(molotov.folder, sys.executable, path)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_embedded_run(molotov: Molotov, processes: int) -> None:
    common = f"max_runs=2, processes={processes}, report='report.json'"
    requests = 2 * processes
    result = host(molotov, f"{common}, threshold=['http_errors == {requests}']")
    passed = f"threshold passed: http_errors == {requests} (found {requests})"
    assert (result.status, judged(result.lines)) == (0, [passed])
    assert result.lines[-1] == "returned"
    result = host(molotov, f"{common}, threshold=['http_errors == 0']")
    crossed = f"threshold crossed: http_errors == 0 (found {requests})"
    assert (result.status, judged(result.lines)) == (99, [crossed])
    assert report_of(molotov)["thresholds"][0]["crossed"]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_embedded_run_is_aborted(molotov: Molotov, processes: int) -> None:
    result = host(
        molotov,
        f"processes={processes}, threshold=['http_errors < 1'], "
        "abort_on_threshold=1.0",
    )
    assert result.status == 99
    assert result.stderr.startswith("Stopping: threshold crossed: http_errors")


def test_an_embedded_run_with_one_that_is_none(molotov: Molotov) -> None:
    result = host(molotov, "threshold=['p99 < 250']")
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr.endswith(
        "ValueError: not a threshold: give a unit: us, ms or s\n"
        "  p99 < 250\n"
        "           ^\n"
    )

"""The table of results and the report of a run."""

import json
import signal
import sys
import textwrap
from typing import Any

import pytest
from commands import BYE, Molotov, run
from running import running

SCRIPT = """
    @scenario()
    async def one(session):
        async with session.get(URL + "/users/42?q=1") as response:
            await response.read()
        async with session.get(URL) as response:
            await response.read()
"""


def report_of(molotov: Molotov) -> Any:
    return json.loads((molotov.folder / "report.json").read_text())


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_run_ends_in_a_table(molotov: Molotov, processes: str) -> None:
    result = molotov(SCRIPT, "-r", "5", "-p", processes)
    requests = 5 * int(processes)
    assert (result.status, result.lines[-1]) == (0, BYE)
    page, user, outcomes, total = (row.split() for row in result.table[2:])
    assert page[:4] == ["GET", "/", str(requests), "0"]
    assert user[:4] == ["GET", "/users/{}", str(requests), "0"]
    assert outcomes == ["404:", str(requests)]
    assert total[:3] == ["All", str(2 * requests), "0"]


@pytest.mark.parametrize(
    ("options", "there"),
    [
        (["-q"], False),
        (["-c"], False),
        (["-q", "--summary"], True),
        (["-c", "--summary"], True),
    ],
)
def test_the_table_is_left_out(
    molotov: Molotov, options: list[str], there: bool
) -> None:
    result = molotov(SCRIPT, "-r", "2", *options)
    assert result.status == 0
    assert bool(result.table) == there
    if "-q" in options:
        assert result.stdout == ""


def test_no_requests_no_table(molotov: Molotov) -> None:
    script = "\n@scenario()\nasync def one(session):\n    pass\n"
    assert molotov(script, "-r", "2", "--summary").table == []


def test_a_run_that_is_stopped_has_its_results(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                await response.read()
            print("one", flush=True)
            await asyncio.sleep(0.01)
    """
    with running(molotov, script, "--report", "report.json") as command:
        command.wait_for("one")
        command.send(signal.SIGINT)
        result = command.finish()
    assert result.table[2].startswith("GET /")
    assert report_of(molotov)["all_requests"]["requests"] > 0


def test_a_process_that_is_killed_has_counted(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                await response.read()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    result = molotov(script, "--report", "report.json")
    assert result.status == 1
    assert report_of(molotov)["all_requests"]["requests"] == 1
    assert result.table[2].split()[:4] == ["GET", "/", "1", "0"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("missing/report.json", "No such file or directory"),
        (".", "Is a directory"),
    ],
)
def test_a_report_that_cannot_be_written(
    molotov: Molotov, path: str, why: str
) -> None:
    """It is said before the run, which does not begin."""
    result = molotov(SCRIPT, "-r", "1", "--report", path)
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr == f"molotov: cannot write '{path}': {why}\n"


def test_a_full_disk(molotov: Molotov) -> None:
    result = molotov(SCRIPT, "-r", "1", "--report", "/dev/full")
    assert result.status == 1
    assert result.lines[-1] == BYE
    assert (
        result.stderr
        == "molotov: cannot write '/dev/full': No space left on device\n"
    )


def test_an_embedded_run(molotov: Molotov) -> None:
    script = (
        textwrap.dedent(SCRIPT)
        + """
if __name__ == "__main__":
    import argparse
    from molotov.run import run
    run(argparse.Namespace(
        scenario=__file__, max_runs=3, processes=2, report="report.json"
    ))
"""
    )
    result = run(molotov.folder, sys.executable, molotov.write(script))
    assert (result.status, result.stderr) == (0, ""), result
    assert len(result.table) == 6
    assert report_of(molotov)["all_requests"]["requests"] == 12


def test_a_million_urls_do_not_grow_memory(molotov: Molotov) -> None:
    """Nor the report: all but a thousand are counted together."""
    script = """
        def pages():
            with open("/proc/self/statm") as sizes:
                return int(sizes.read().split()[1])

        @scenario()
        async def one(session):
            for number in range(20_000):
                async with session.get(URL + f"/items/no{number}"):
                    pass
            before = pages()
            for number in range(20_000, 60_000):
                async with session.get(URL + f"/items/no{number}"):
                    pass
            print("grown by", pages() - before)
    """
    result = molotov(script, "-r", "1", "--report", "report.json")
    assert result.status == 0, result
    (line,) = [line for line in result.lines if line.startswith("grown by")]
    assert int(line.split()[-1]) < 512, line  # 2 MiB
    endpoints = report_of(molotov)["endpoints"]
    # The scenario has one of the names.
    assert len(endpoints) == 1000
    assert endpoints[-1]["name"] == "(other)"
    assert endpoints[-1]["requests"] == 59_001

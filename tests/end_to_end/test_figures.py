"""What scripts measure themselves: checks, steps, counters, values, names of
requests; and the runs of each scenario."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from typing import Any

import pytest
from commands import BYE, Molotov, run

import molotov

EVERYTHING = """
    @scenario(name="buy")
    async def buy(session):
        async with molotov.step("login"):
            page = session.get(URL + "/redirect/1", name="front\\tpage")
            async with page as r:
                await r.read()
        with molotov.step("pay"):
            pass
        assert molotov.check(r.status == 200, "is there")
        assert not molotov.check([], "basket not empty")
        molotov.count("orders")
        molotov.count("items", 3)
        molotov.record("basket value", 12.5, unit="EUR")
        molotov.record("balance", -3)

    @scenario(name="fail")
    async def fail(session):
        try:
            async with molotov.step("login"):
                1 / 0
        except ZeroDivisionError:
            pass
        with molotov.step("pay"):
            raise ValueError("no money")

    @scenario_picker()
    def pick(worker_id, step):
        return "fail" if step == 3 else "buy"
"""


def report_of(molotov: Molotov) -> Any:
    return json.loads((molotov.folder / "report.json").read_text())


def without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


EMBEDDED = """
import argparse
from molotov.run import run
run(argparse.Namespace(
    scenario="loadtest.py", max_runs=1, quiet=True, summary=True
))
"""


@pytest.mark.parametrize("embedded", [False, True])
def test_a_quiet_run_with_a_summary_has_all_tables(
    molotov: Molotov, embedded: bool
) -> None:
    """And nothing else."""
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL):
                check(True, "fine")
    """
    molotov.write(script)
    if embedded:
        result = run(molotov.folder, sys.executable, "-c", EMBEDDED)
    else:
        result = molotov(script, "-r", "1", "-q", "--summary")
    assert (result.status, result.stdout, result.stderr) == (0, "", ""), result
    heads = [row.split()[0] for row in result.table]
    assert heads == ["response", "requests", "GET", "Checks", "fine"]


@pytest.mark.parametrize("processes", [1, 2])
def test_everything_is_counted(molotov: Molotov, processes: int) -> None:
    result = molotov(
        EVERYTHING, "-r", "4", "-p", str(processes), "--report", "report.json"
    )
    assert (result.status, result.lines[-1]) == (0, BYE), result
    n = processes
    report = report_of(molotov)
    buy, fail = report["scenarios"]
    assert buy["duration_seconds"].pop("count") == 3 * n
    assert without(buy, "duration_seconds") == {
        "name": "buy",
        "runs": 3 * n,
        "failures": 0,
        "cancelled": 0,
    }
    assert (fail["name"], fail["runs"], fail["failures"]) == ("fail", n, n)
    login, pay = report["steps"]
    assert without(login, "duration_seconds") == {
        "name": "login",
        "count": 4 * n,
        "failures": n,
        "cancelled": 0,
    }
    assert (pay["name"], pay["count"], pay["failures"]) == ("pay", 4 * n, n)
    # The step is within the run.
    assert (
        0
        < login["duration_seconds"]["min"]
        <= buy["duration_seconds"]["max"]
        < 3600
    )
    assert report["checks"] == [
        {"name": "basket not empty", "passed": 0, "failed": 3 * n},
        {"name": "is there", "passed": 3 * n, "failed": 0},
    ]
    assert report["counters"] == [
        {"name": "items", "count": 9 * n},
        {"name": "orders", "count": 3 * n},
    ]
    balance, basket = report["values"]
    assert (balance["min"], balance["max"]) == (-3, -3)
    assert (basket["unit"], basket["count"]) == ("EUR", 3 * n)
    assert (basket["sum"], basket["mean"]) == (37.5 * n, 12.5)
    (page,) = report["endpoints"]
    assert (page["name"], page["requests"]) == ("front page", 6 * n)
    table = [re.sub(" +", " ", line) for line in result.table]
    for line in (
        "Scenarios runs failed per s p50 p95 p99 max",
        "Steps count failed per s p50 p95 p99 max",
        f"basket not empty 0 {3 * n}",
        f"basket value {3 * n} 12.5 12.5 12.5 12.5 EUR",
    ):
        assert line in table
    assert max(map(len, result.table)) <= 80


def test_tasks_and_threads_count(molotov: Molotov) -> None:
    script = """
        async def task():
            for _ in range(1000):
                molotov.count("tasks")
                await asyncio.sleep(0)

        def thread():
            for number in range(1000):
                molotov.count("threads")
                molotov.record("number", number)
                with molotov.step("of a thread"):
                    pass

        @scenario()
        async def one(session):
            await asyncio.gather(
                task(), task(), *(asyncio.to_thread(thread) for _ in range(4))
            )
    """
    result = molotov(script, "-r", "1", "--report", "report.json")
    assert result.status == 0, result
    report = report_of(molotov)
    assert report["counters"] == [
        {"name": "tasks", "count": 2000},
        {"name": "threads", "count": 4000},
    ]
    (number,) = report["values"]
    assert (number["count"], number["sum"]) == (4000, 4 * 499_500)
    assert report["steps"][0]["count"] == 4000


def test_what_is_cancelled_has_no_duration(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with molotov.step("waits"):
                await asyncio.sleep(3600)
    """
    result = molotov(
        script, "-d", "1", "--force-shutdown", "--report", "report.json"
    )
    assert result.status == 0, result
    report = report_of(molotov)
    for row in (*report["scenarios"], *report["steps"]):
        assert row["cancelled"] == 1
        assert row["duration_seconds"] == {"count": 0}


def test_fixtures_of_a_worker_count_those_of_the_run_do_not(
    molotov: Molotov,
) -> None:
    script = """
        @global_setup()
        def before(args):
            molotov.count("global")

        @setup()
        async def start(worker_id, args):
            molotov.count("setup")

        @scenario()
        async def one(session):
            pass

        @teardown()
        def end(worker_id):
            molotov.count("teardown")

        @global_teardown()
        def after():
            molotov.count("global")
    """
    result = molotov(script, "-r", "1", "--report", "report.json")
    assert result.status == 0, result
    names = [row["name"] for row in report_of(molotov)["counters"]]
    assert names == ["setup", "teardown"]


def test_too_many_names_are_counted_together(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            for number in range(2000):
                molotov.count(f"number {number}")
                molotov.record(f"value {number}", number)
    """
    result = molotov(script, "-r", "1", "--report", "report.json")
    assert result.status == 0, result
    report = report_of(molotov)
    assert sum(row["count"] for row in report["counters"]) == 2000
    assert sum(row["count"] for row in report["values"]) == 2000
    # The scenario came first, and has its name.
    assert report["scenarios"][0]["name"] == "one"
    assert report["counters"][-1]["name"] == "(other)"


def test_a_tasks_end_in_a_step(molotov: Molotov) -> None:
    """A step that a timeout cuts off is cancelled, whatever becomes of it."""
    script = """
        @scenario()
        async def one(session):
            try:
                async with asyncio.timeout(0.01):
                    async with molotov.step("slow"):
                        await asyncio.sleep(3600)
            except TimeoutError:
                pass
    """
    result = molotov(script, "-r", "1", "--report", "report.json")
    assert result.status == 0, result
    (step,) = report_of(molotov)["steps"]
    assert (step["count"], step["cancelled"]) == (0, 1)


# Here, where no load is run.


def test_outside_of_a_load_test_nothing_is_counted() -> None:
    async def steps() -> None:
        async with molotov.step("one"):
            with molotov.step("in one"):
                pass

    asyncio.run(steps())
    assert molotov.check("text", "is true") is True
    assert molotov.check(0, "is false") is False
    molotov.count("orders", 2)
    molotov.record("value", 10**300, unit="EUR")
    thread = threading.Thread(target=molotov.count, args=("orders",))
    thread.start()
    thread.join()


def test_a_step_stops_no_exception_and_is_entered_once() -> None:
    step = molotov.step("one")
    with pytest.raises(ZeroDivisionError), step:
        raise ZeroDivisionError
    with pytest.raises(RuntimeError, match="'one' was entered before"):
        step.__enter__()
    with pytest.raises(RuntimeError, match="'two' was not entered"):
        molotov.step("two").__exit__(None, None, None)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "said"),
    [
        ("check", (True, 1), TypeError, "name needs to be a str, not 1"),
        ("check", (True, ""), ValueError, "name needs to be a name"),
        ("step", (None,), TypeError, "name needs to be a str, not None"),
        ("step", ("",), ValueError, "name needs to be a name"),
        ("count", (b"a",), TypeError, "name needs to be a str, not b'a'"),
        ("count", ("a", 1.5), TypeError, "n needs to be an int, not 1.5"),
        ("count", ("a", -1), ValueError, "n needs to be 0 to"),
        ("count", ("a", 2**63), ValueError, "n needs to be 0 to"),
        ("record", (1, 1), TypeError, "name needs to be a str, not 1"),
        ("record", ("a", "1"), TypeError, "value needs to be a number"),
        ("record", ("a", None), TypeError, "value needs to be a number"),
        ("record", ("a", 1, 2), TypeError, "unit needs to be a str, not 2"),
        ("record", ("a", float("nan")), ValueError, "a finite number"),
        ("record", ("a", -(10**400)), ValueError, "a finite number"),
    ],
)
def test_wrong_arguments(
    name: str, arguments: tuple[Any, ...], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=re.escape(said)):
        getattr(molotov, name)(*arguments)


@pytest.mark.parametrize(
    ("name", "error"), [("", ValueError), (1, TypeError), (b"a", TypeError)]
)
def test_a_wrong_name_of_a_request(name: Any, error: type[Exception]) -> None:
    async def ask() -> None:
        async with molotov.ClientSession() as session:
            with pytest.raises(error, match="name needs to be a"):
                await session.get("http://localhost:1", name=name)

    asyncio.run(ask())


def test_the_engine_is_loaded_when_it_is_asked_for() -> None:
    script = (
        "import sys, molotov; print('molotov.measures' in sys.modules);"
        "molotov.check; print('molotov.measures' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True"]

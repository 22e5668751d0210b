"""What listeners are told of scenarios' runs, and what they may do."""

import re
import signal

import pytest
from commands import BYE, Molotov
from running import SOON, running

LISTENER = """
@events()
async def listen(event, **info):
    if event.startswith("scenario"):
        scenario = info["scenario"]
        assert sorted(scenario) == [
            "args", "delay", "func", "kw", "name", "weight"
        ]
        print(event, scenario["name"], info["wid"], repr(info.get("exception")))
"""


def test_events_of_runs(molotov: Molotov) -> None:
    script = """
@scenario(delay=0.01)
async def a(session):
    print("a")

@scenario()
async def b(session):
    raise ValueError("b")

@scenario()
async def c(): pass
"""
    result = molotov(script + LISTENER, "--single-run")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[2:9] == [
        "scenario_start a 0 None",
        "a",
        "scenario_success a 0 None",
        "scenario_start b 0 None",
        "scenario_failure b 0 ValueError('b')",
        "[W:0] Failure!",
        "ValueError('b')",
    ]
    assert "scenario_code.py" not in result.stdout
    assert "scenario_failure c 0 TypeError(" in result.stdout
    assert "SUCCESSES: 1 | FAILURES: 2 | WORKERS: 1" in result.lines


def test_a_failure_is_the_one_handled_meanwhile(molotov: Molotov) -> None:
    """As in an `except`: traceback.print_exc() prints it. Also once the
    listener has waited, and no longer afterwards."""
    script = """
@scenario()
async def one(session):
    print("one", sys.exc_info()[1])
    raise ValueError("mine")

@events()
async def listen(event, **info):
    if event.startswith("scenario"):
        print(event, repr(sys.exc_info()[1]))
        await asyncio.sleep(0)
        print(event, repr(sys.exc_info()[1]))
"""
    result = molotov(script, "-r", "2")
    assert (result.status, result.stderr) == (0, "")
    told = [x for x in result.lines if re.match("one|scenario_", x)]
    assert told == 2 * [
        "scenario_start None",
        "scenario_start None",
        "one None",
        "scenario_failure ValueError('mine')",
        "scenario_failure ValueError('mine')",
    ]


def test_a_scenario_that_cancels_itself_at_its_end(molotov: Molotov) -> None:
    """Nothing of it waits any more, and so it has ended well: listeners or
    not."""
    script = """
@scenario()
async def one(session):
    asyncio.current_task().cancel()
"""
    for listener in ("", LISTENER):
        result = molotov(script + listener, "-r", "2")
        assert (result.status, result.stderr) == (0, "")
        assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_a_failure_is_told_when_a_listener_is_cut_off(
    molotov: Molotov,
) -> None:
    script = """
@scenario()
async def one(session):
    raise ValueError("mine")

@events()
async def listen(event, **info):
    if event == "scenario_failure":
        task = asyncio.current_task()
        asyncio.get_running_loop().call_soon(task.cancel)
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            task.uncancel()
            print("cut off")
"""
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, "")
    assert "cut off" in result.lines
    assert "ValueError('mine')" in result.lines
    assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines


@pytest.mark.parametrize("processes", ["1", "2"])
def test_current_workers(molotov: Molotov, processes: str) -> None:
    """Told by one process: at the start, and then of all workers together, as
    far as they have begun."""
    everyone = 3 * int(processes)
    script = f"""
@scenario()
async def one(session):
    while not os.path.exists("seen"):
        await asyncio.sleep(0.01)

@events()
async def listen(event, workers=None, **info):
    if event == "current_workers":
        print("workers", workers, os.getpid(), flush=True)
        if workers == {everyone}:
            open("seen", "w").close()
"""
    result = molotov(script, "-w", "3", "-r", "1", "-p", processes)
    assert (result.status, result.stderr) == (0, "")
    told = re.findall(r"^workers (\d+) (\d+)$", result.stdout, re.M)
    assert len({pid for _, pid in told}) == 1
    counts = [int(count) for count, _ in told]
    assert counts[0] == 0
    assert max(counts) == everyone


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_slow_listener_does_not_delay_the_end(
    molotov: Molotov, processes: str
) -> None:
    script = """
@scenario()
async def one(session): pass

@events()
async def listen(event, **info):
    if event == "current_workers":
        await asyncio.sleep(1000)
"""
    with running(molotov, script, "-r", "1", "-p", processes) as command:
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    assert f"SUCCESSES: {processes} | FAILURES: 0" in result.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_listener_that_raises(molotov: Molotov, processes: str) -> None:
    script = """
@scenario()
async def one(session): pass

@events()
async def listen(event, **info):
    raise ValueError(event)

@events()
async def other(event, **info):
    print("other", event)
"""
    result = molotov(script, "-r", "1", "-p", processes)
    assert (result.status, result.stderr) == (0, "")
    for event in ("current_workers", "scenario_start", "scenario_success"):
        assert f"ValueError('{event}')" in result.stdout
        assert f"other {event}" in result.stdout
    assert f"SUCCESSES: {processes} | FAILURES: 0" in result.stdout


@pytest.mark.parametrize(
    ("event", "processes"),
    [
        ("current_workers", "1"),
        ("scenario_start", "1"),
        ("scenario_start", "2"),
    ],
)
def test_a_listener_that_exits(
    molotov: Molotov, processes: str, event: str
) -> None:
    script = f"""
@scenario()
async def one(session):
    await asyncio.sleep(2)  # so that none is done before

@events()
async def listen(event, **info):
    if event == {event!r}:
        sys.exit(3)
"""
    result = molotov(script, "-p", processes)
    assert (result.status, result.stderr) == (3, "")
    # Also when no worker has begun yet.
    assert result.lines[-2].startswith("SUCCESSES: 0 | FAILURES: 0")
    assert result.lines[-1] == BYE


def test_a_listener_of_all_processes_that_exits(molotov: Molotov) -> None:
    """Runs that have begun by then are finished, in whichever process."""
    script = """
@scenario()
async def one(session):
    await asyncio.sleep(0.01)

@events()
async def listen(event, **info):
    if event == "current_workers":
        sys.exit(3)
"""
    result = molotov(script, "-p", "2")
    assert (result.status, result.stderr) == (3, "")
    assert re.match(r"SUCCESSES: \d+ \| FAILURES: 0", result.lines[-2])
    assert result.lines[-1] == BYE


@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_exit_while_others_listen(molotov: Molotov, processes: str) -> None:
    script = """
@scenario()
async def one(session):
    sys.exit(3)

@events()
async def listen(event, **info): pass
"""
    result = molotov(script, "-p", processes)
    assert (result.status, result.stderr) == (3, "")


@pytest.mark.parametrize("event", ["scenario_start", "scenario_failure"])
def test_a_listener_that_hangs(molotov: Molotov, event: str) -> None:
    script = f"""
@scenario()
async def one(session):
    1 / 0

@events()
async def listen(event, **info):
    if event == {event!r}:
        print("hangs", flush=True)
        await asyncio.sleep(1000)
"""
    with running(molotov, script) as command:
        command.wait_for("hangs")
        command.send(signal.SIGINT)
        command.expect_no_end(0.3)
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert result.status == 130
    assert "CANCELLED: 1" in result.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_listener_that_blocks_before_the_first_worker(
    molotov: Molotov, processes: str
) -> None:
    script = """
@scenario()
async def one(session): pass

@events()
async def listen(event, **info):
    if event == "current_workers":
        print("blocks", flush=True)
        time.sleep(1000)
"""
    with running(molotov, script, "-p", processes, "-d", "1000") as command:
        command.wait_for("blocks")
        command.send(signal.SIGINT)
        command.expect_no_end(0.1)
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert result.status == 130
    assert result.lines[-2].startswith("SUCCESSES: ")
    assert result.lines[-1] == BYE

"""Ctrl+C and SIGTERM in each state of a run, and what bounds its time."""

import os
import re
import signal
import time

import pytest
from commands import BANNER, BYE, PATIENCE, Molotov
from running import SOON, Running, running, takes_less

FIXTURES = """
@setup()
async def init(worker_id, args):
    print("setup", worker_id, flush=True)

@teardown_session()
async def end_session(worker_id, session):
    async with session.get(URL) as response:
        print("teardown_session", worker_id, response.status)

@teardown()
def end_worker(worker_id):
    print("teardown", worker_id)

@global_teardown()
def end():
    print("global_teardown")
"""

SCENARIO = """
@scenario()
async def one(session):
    print("run", flush=True)
    async with session.get(URL + "/delay/300") as response:
        assert response.status == 200
"""


@pytest.fixture(params=["signal", "terminal"])
def how(request: pytest.FixtureRequest) -> str:
    """Ctrl+C as a signal to the command alone, or as that key."""
    return str(request.param)


def interrupt(command: Running) -> None:
    if command.terminal is None:
        command.send(signal.SIGINT)
    else:
        os.write(command.terminal, b"\x03")


def counts(lines: list[str]) -> list[int]:
    """Successes, failures, and those cancelled."""
    numbers = re.search(
        r"^SUCCESSES: (\d+) \| FAILURES: (\d+)(?: \| WORKERS: \d+)?"
        r"(?: \| CANCELLED: (\d+))?$",
        "\n".join(lines),
        re.M,
    )
    assert numbers is not None, lines
    return [int(number or 0) for number in numbers.groups()]


@pytest.mark.parametrize(
    ("number", "status", "processes"),
    [(signal.SIGINT, 130, "2"), (signal.SIGTERM, 143, "1")],
)
@pytest.mark.parametrize(
    "where", ["module level", "in global_setup", "in the C library"]
)
def test_before_the_load(
    molotov: Molotov,
    number: signal.Signals,
    status: int,
    processes: str,
    where: str,
) -> None:
    waits = "print('waits', flush=True); time.sleep(1000)"
    script = {
        "module level": waits,
        "in global_setup": (
            f"@global_setup()\ndef init(args):\n    {waits}\n{FIXTURES}"
        ),
        # Where Python's own handlers of signals do not get their turn.
        "in the C library": (
            "import ctypes\nprint('waits', flush=True)\n"
            "ctypes.CDLL(None).pause()"
        ),
    }[where]
    with running(molotov, script + SCENARIO, "-p", processes) as command:
        command.wait_for("waits")
        command.send(number)
        result = command.finish_within(SOON)
    assert result.status == status
    assert result.lines == [BANNER, "waits"]
    assert "Traceback" not in result.stderr


def test_the_load_has_begun_when_its_line_is_there(molotov: Molotov) -> None:
    with running(molotov, FIXTURES + SCENARIO) as command:
        command.wait_for("...OK")
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.count("global_teardown") == 1


@pytest.mark.parametrize("processes", ["1", "2"])
def test_runs_in_progress_finish(
    molotov: Molotov, processes: str, how: str
) -> None:
    with running(
        molotov,
        FIXTURES + SCENARIO,
        *("-p", processes, "-w", "3", "-c"),
        terminal=how == "terminal",
    ) as command:
        total = 3 * int(processes)
        command.wait_for("run", total)
        interrupt(command)
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    begun = result.lines.count("run")
    assert counts(result.lines) == [begun, 0, 0]
    assert result.stdout.count("teardown_session") == total
    assert len(re.findall(r"^teardown \d", result.stdout, re.M)) == total
    assert result.stdout.count("global_teardown") == 1
    assert result.lines[-1] == BYE
    # Each worker ends, then all is over.
    order = re.findall(
        r"^(?:teardown_session|teardown|global_teardown)\b",
        result.stdout,
        re.M,
    )
    assert order.index("teardown_session") < order.index("teardown")
    assert order[-1] == "global_teardown"


@pytest.mark.parametrize(
    ("waits", "arguments"),
    [
        ("--delay", ["--delay", "1000"]),
        ("ramp-up", ["-w", "2", "--ramp-up", "2000", "--delay", "1000"]),
        ("a scenario's delay", []),
    ],
)
@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_sleeping_workers_wake(
    molotov: Molotov,
    processes: str,
    quiet: list[str],
    waits: str,
    arguments: list[str],
) -> None:
    script = (
        FIXTURES
        + """
@scenario(delay=1000)
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
    print("run", flush=True)
"""
    )
    with running(
        molotov, script, "-p", processes, *arguments, *quiet
    ) as command:
        command.wait_for("run", int(processes))
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    if not quiet:
        assert counts(result.lines) == [int(processes), 0, 0]
    # Of the one in each process that has been started.
    assert result.stdout.count("setup 0") == int(processes)
    assert result.stdout.count("teardown_session 0") == int(processes)
    assert "setup 1" not in result.stdout
    assert "teardown 1" not in result.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("arguments", [[], ["-q"]])
def test_sleeping_workers_wake_when_one_fails(
    molotov: Molotov, processes: str, arguments: list[str]
) -> None:
    """Those in a delay, and those whose turn in the ramp-up has not come."""
    script = """
        @setup()
        async def init(worker_id, args):
            print("setup", worker_id, flush=True)

        @scenario()
        async def sleeps(session):
            print("asleep", flush=True)

        @scenario()
        async def fails(session):
            # When the first one of each process is in its delay.
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
            assert False

        @scenario_picker()
        def pick(worker_id, step):
            return "fails" if worker_id else "sleeps"
    """
    options = ["-x", "--delay", "1000", "-w", "100", "--ramp-up", "100"]
    with running(
        molotov, script, *options, "-p", processes, *arguments
    ) as command:
        # The second starts a second after the first.
        command.wait_for("setup 1", int(processes))
        command.wait_for("asleep", int(processes))
        (molotov.folder / "go").touch()
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    assert "setup 99" not in result.stdout


# Where it is when the signal comes; what it waits for then.
LATE = {
    "setup": """
@setup()
async def init(worker_id, args):
    print("here", flush=True)
    await asyncio.sleep(0.3)
    print("over")
""",
    "setup_session": """
@setup_session()
async def init(worker_id, session):
    print("here", flush=True)
    await asyncio.sleep(0.3)
    print("over")
""",
    "teardown_session": """
@teardown_session()
async def end(worker_id, session):
    print("here", flush=True)
    await asyncio.sleep(0.3)
    print("over")
""",
    "teardown": """
@teardown()
def end(worker_id):
    print("here", flush=True)
    time.sleep(0.3)
    print("over")
""",
    "global_teardown": """
@global_teardown()
def end():
    print("here", flush=True)
    time.sleep(0.3)
    print("over")
""",
}


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("where", LATE)
def test_in_a_fixture(
    molotov: Molotov, where: str, processes: str, how: str
) -> None:
    """It is let finish."""
    script = LATE[where] + "@scenario()\nasync def one(session): pass"
    with running(
        molotov,
        script,
        *("-r", "1", "-p", processes, "-c"),
        terminal=how == "terminal",
    ) as command:
        times = 1 if where == "global_teardown" else int(processes)
        command.wait_for("here", times)
        interrupt(command)
        result = command.finish_within(SOON)
    assert result.lines.count("over") == times, result
    assert "Traceback" not in result.stdout + result.stderr
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[-1] == BYE


@pytest.mark.parametrize(
    ("number", "status", "processes"),
    [(signal.SIGINT, 130, "2"), (signal.SIGTERM, 143, "1")],
)
@pytest.mark.parametrize(
    "waits",
    [
        "await asyncio.sleep(1000)",
        "await session.get(URL + '/never')",
        "await asyncio.wait_for(session.get(URL + '/never'), 1000)",
        "await asyncio.gather(session.get(URL + '/never'), asyncio.sleep(999))",
        "await asyncio.to_thread(time.sleep, 1000)",
        "time.sleep(1000)",
    ],
)
def test_a_second_signal_cancels(
    molotov: Molotov,
    number: signal.Signals,
    status: int,
    processes: str,
    waits: str,
) -> None:
    script = f"""
        @scenario()
        async def one(session):
            print("run", flush=True)
            {waits}
    """
    with running(molotov, script, "-p", processes, "-w", "2") as command:
        blocks = waits == "time.sleep(1000)"
        runs = int(processes) * (1 if blocks else 2)
        command.wait_for("run", runs)
        command.send(number)
        command.expect_no_end(0.2)
        command.send(number)
        result = command.finish_within(SOON)
    assert result.status == status
    assert counts(result.lines) == [0, 0, 0 if blocks else runs]
    assert result.lines[-1] == BYE
    assert "Traceback" not in result.stdout + result.stderr


# Where it hangs for good, without letting anything else run.
BLOCKED = {
    "setup": """
@setup()
async def init(worker_id, args):
    hang()
""",
    "setup_session": """
@setup_session()
async def init(worker_id, session):
    hang()
""",
    "teardown_session": """
@teardown_session()
async def end(worker_id, session):
    hang()
""",
    "teardown": """
@teardown()
def end(worker_id):
    hang()
""",
    "global_teardown": """
@global_teardown()
def end():
    hang()
""",
}
BLOCKED["setup, then global_teardown"] = (
    BLOCKED["setup"] + BLOCKED["global_teardown"]
)
HANG = """
def hang():
    print("hangs", flush=True)
    time.sleep(1000)

@scenario()
async def one(session): pass
"""


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("where", BLOCKED)
def test_a_second_signal_where_a_fixture_hangs(
    molotov: Molotov, where: str, processes: int
) -> None:
    hanging = 1 if where == "global_teardown" else processes
    options = ("-r", "1", "-p", str(processes))

    def ending() -> float:
        with running(molotov, BLOCKED[where] + HANG, *options) as command:
            command.wait_for("hangs", hanging)
            command.send(signal.SIGINT)
            command.expect_no_end(0.2)
            begin = time.monotonic()
            command.send(signal.SIGINT)
            result = command.finish()
            took = time.monotonic() - begin
        assert result.status == 130
        assert result.lines[-1] == BYE
        assert "Traceback" not in result.stdout + result.stderr
        return took

    takes_less(1.0, ending)


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize(
    "waits", ["await session.get(URL + '/never')", "time.sleep(1000)"]
)
def test_a_second_signal_ends_it_within_a_second(
    molotov: Molotov, processes: str, waits: str
) -> None:
    script = f"""
        @scenario()
        async def one(session):
            print("run", flush=True)
            {waits}
    """

    def ending() -> float:
        with running(molotov, script, "-p", processes) as command:
            command.wait_for("run", int(processes))
            command.send(signal.SIGINT)
            command.expect_no_end(0.2)
            begin = time.monotonic()
            command.send(signal.SIGINT)
            command.process.wait(PATIENCE)
            return time.monotonic() - begin

    takes_less(1.0, ending)


def test_a_second_ctrl_c_on_a_terminal(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            print("run", flush=True)
            await session.get(URL + "/never")
    """
    with running(molotov, script, "-p", "2", "-c", terminal=True) as command:
        command.wait_for("run", 2)
        interrupt(command)
        command.wait_for("Waiting for 2 workers")
        interrupt(command)
        result = command.finish_within(SOON)
    assert result.status == 130
    assert counts(result.lines) == [0, 0, 2]
    assert "Traceback" not in result.stdout


def timed(molotov: Molotov, script: str, *arguments: str) -> tuple[float, str]:
    """How long the load took, by the script's own clock."""
    script = (
        """
@global_setup()
def init(args):
    set_var("began", time.monotonic())

@global_teardown()
def end():
    print("took", time.monotonic() - get_var("began"))
"""
        + script
    )
    with running(molotov, script, *arguments) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, ""), result
    (took,) = command.find(r"^took (.*)$")
    return float(took), result.lines[-2]


SHORT = """
@scenario()
async def one(session):
    await asyncio.sleep(0.001)
"""


@pytest.mark.parametrize(
    ("arguments", "least"),
    [
        (["-d", "1"], 1.0),
        # Each from its own start: the last begins two thirds into the ramp.
        (["-d", "1", "-w", "3", "--ramp-up", "1.5"], 2.0),
        # A worker that sleeps goes on sleeping: as in 2.7.
        (["-r", "2", "--delay", "0.5"], 1.0),
        (["-d", "0"], 0.0),
    ],
)
@pytest.mark.parametrize("processes", ["1", "2"])
def test_lasts(
    molotov: Molotov, processes: str, arguments: list[str], least: float
) -> None:
    def lasting() -> float:
        took, _ = timed(molotov, SHORT, "-p", processes, *arguments)
        assert took >= least
        return took

    takes_less(least + 0.9, lasting)


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("path", ["/never", "/delay/30000"])
def test_force_shutdown_cancels(
    molotov: Molotov, processes: str, path: str
) -> None:
    script = f"""
@scenario()
async def one(session):
    async with session.get(URL + "{path}"): pass
"""

    def lasting() -> float:
        took, line = timed(
            molotov, script, "-d", "1", "--force-shutdown", "-p", processes
        )
        assert took >= 1.0
        assert counts([line]) == [0, 0, int(processes)]
        return took

    takes_less(1.9, lasting)


def test_without_force_shutdown_the_run_finishes(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    async with session.get(URL + "/delay/1500"): pass
"""
    took, line = timed(molotov, script, "-d", "1")
    assert took >= 1.5
    assert counts([line]) == [1, 0, 0]


def test_signal_without_a_load_process_that_listens(molotov: Molotov) -> None:
    """The first one waits as long as a run takes, then all is as usual."""
    script = """
        @scenario()
        async def one(session):
            print("run", flush=True)
            time.sleep(0.5)
    """
    begin = time.monotonic()
    with running(molotov, script, "-w", "2") as command:
        command.wait_for("run")
        command.send(signal.SIGINT)
        result = command.finish()
    assert time.monotonic() - begin >= 0.5
    assert result.status == 0
    assert counts(result.lines)[0] == result.stdout.count("run")

"""--sizing against a service that stands so much and no more."""

import re
import signal

import pytest
from commands import BYE, Molotov
from running import SOON, running

# Fails while more than LIMIT runs are in progress in this process.
LIMITED = """
LIMIT = 20
busy = []

@scenario()
async def one(session):
    busy.append(1)
    try:
        async with session.get(URL + "/delay/20") as response:
            assert response.status == 200
        assert len(busy) <= LIMIT, "too much"
    finally:
        busy.pop()
"""
FOUND = re.compile(
    r"Sizing is over!\n\n"
    r"Error Ratio (\d+\.\d\d) % obtained with (\d+) workers\.\n\n"
    r"OVERALL: SUCCESSES: (\d+) \| FAILURES: (\d+)\n"
    r"LAST MINUTE: SUCCESSES: (\d+) \| FAILURES: (\d+)\n\n"
    r"\*\*\* Bye \*\*\*\n$"
)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_finds_the_limit(molotov: Molotov, processes: str) -> None:
    with running(
        molotov,
        LIMITED,
        *("--sizing", "-w", "60", "--ramp-up", "3", "-p", processes),
    ) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    found = FOUND.search(result.stdout)
    assert found is not None, result.stdout
    ratio, workers, *counts = (float(number) for number in found.groups())
    assert ratio > 5.0
    # It cannot be found before all are in use that the service stands.
    assert workers > 20
    assert workers <= 60 * int(processes)
    good, bad = counts[2:]
    assert ratio == pytest.approx(100 * bad / (good + bad), abs=0.006)
    assert counts[0] >= good
    assert counts[1] >= bad


def test_tolerance(molotov: Molotov) -> None:
    """The ratio may be anything up to it; --max-runs ends this one."""
    script = """
        done = []

        @scenario()
        async def one(session):
            done.append(1)
            assert len(done) % 10
    """
    arguments = ("--sizing", "-w", "2", "--ramp-up", "0.1", "-r", "500")
    kept = molotov(script, *arguments, "--sizing-tolerance", "10")
    assert "Sizing was not finished. (interrupted)" in kept.lines
    crossed = molotov(script, *arguments, "--sizing-tolerance", "9.9")
    assert FOUND.search(crossed.stdout) is not None, crossed.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_server_that_is_down_from_the_start(
    molotov: Molotov, processes: str
) -> None:
    script = """
        import socket
        held = socket.socket()
        held.bind(("127.0.0.1", 0))

        @scenario()
        async def one(session):
            host, port = held.getsockname()
            async with session.get(f"http://{host}:{port}/"): pass
    """
    with running(
        molotov,
        script,
        *("--sizing", "-w", "50", "--ramp-up", "5", "-p", processes),
    ) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    found = FOUND.search(result.stdout)
    assert found is not None, result.stdout
    assert found[1] == "100.00"
    assert int(found[2]) >= 1
    assert found[3] == "0"
    assert "refused" in result.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_interrupted(molotov: Molotov, processes: str) -> None:
    script = """
        @scenario()
        async def one(session):
            print("run", flush=True)
            await asyncio.sleep(0.01)
    """
    with running(molotov, script, "--sizing", "-p", processes) as command:
        command.wait_for("run", int(processes))
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    assert "Sizing was not finished. (interrupted)" in result.lines
    assert re.match(
        r"SUCCESSES: \d+ \| FAILURES: 0 \| WORKERS: [1-9]", result.lines[-2]
    )
    assert result.lines[-1] == BYE

"""molotov.dummy: it runs anywhere, and disturbs nobody but this machine."""

import os
import re
import signal

from commands import PROGRAMS, Molotov, run
from running import running

HURRIED = "from molotov import dummy; dummy.PAUSE = 0"
LINES = [
    "This is a dummy load test that runs against example.com",
    "Some random failures were added on purpose (1%)",
    "The test will start the Molotov console in 5 secs",
]


def test_as_it_is(molotov: Molotov) -> None:
    result = run(
        molotov.folder,
        *(PROGRAMS / "molotov", "-r", "500", "-w", "2", "-p", "2"),
        "molotov.dummy",
    )
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[1:4] == LINES
    counts = re.search(r"SUCCESSES: (\d+) \| FAILURES: (\d+)", result.stdout)
    assert counts, result
    succeeded, failed = int(counts[1]), int(counts[2])
    assert succeeded + failed == 2000
    # 20 are to be expected: never none, nor five times as many.
    assert 0 < failed < 100
    blocks = result.stdout.count("AssertionError('Failed')")
    assert blocks == min(failed, 100)
    assert 'raise AssertionError("Failed")' in result.stdout


ANSWERS = """
@events()
async def tell_who_answers(event, **info):
    if event == "response_received":
        print("from", info["response"].headers["Server"])
"""


def test_answers_come_from_this_machine(molotov: Molotov) -> None:
    result = molotov(HURRIED + ANSWERS, "-r", "20")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("from molotarget") == 20


def test_ctrl_c(molotov: Molotov) -> None:
    """The key reaches all of the terminal's processes; not the server, which
    is needed to the end."""
    with running(molotov, HURRIED + ANSWERS, "-c", terminal=True) as command:
        # So that runs have ended: more of them than fail by chance.
        command.wait_for("from molotarget", 6)
        assert len(command.others()) == 2  # Python, and the server
        assert command.terminal is not None
        os.write(command.terminal, b"\x03")
        result = command.finish()
    assert result.status == 0
    assert re.match(r"SUCCESSES: [1-9]", result.lines[-2]), result
    assert "ClientConnector" not in result.stdout
    assert "ServerDisconnected" not in result.stdout


def test_its_server_dies_with_it(molotov: Molotov) -> None:
    with running(molotov, HURRIED) as command:
        command.wait_for("...OK")
        command.send(signal.SIGKILL)
        assert command.finish().status == -signal.SIGKILL

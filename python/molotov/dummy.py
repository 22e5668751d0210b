"""A load test to try Molotov with: ``molotov molotov.dummy``.

It asks for example.com, but nothing leaves this machine: a molotarget is
started for it, and takes the connections.
"""

import argparse
import random
import signal
import subprocess
import time
from urllib.parse import urlsplit

import molotov
from molotov.installation import find_program
from molotov.processes import dying_with_parent
from molotov.session import ClientSession

HOST = "example.com"
PAUSE = 5.0
"""Seconds to read what it says."""

_target: "subprocess.Popen[str] | None" = None


@molotov.global_setup()
def starting(args: argparse.Namespace) -> None:
    """Says what this is, and starts the server."""
    print("This is a dummy load test that runs against example.com")
    print("Some random failures were added on purpose (1%)")
    print("The test will start the Molotov console in 5 secs")
    address = _start_target()
    print(f"(On this machine, {address} plays example.com)")
    args.connect_to = [*args.connect_to, f"{HOST}:80:{address}"]
    time.sleep(PAUSE)


@molotov.global_teardown()
def ending() -> None:
    """Ends the server."""
    if _target is not None:
        _target.terminate()
        _target.wait()


@molotov.scenario()
async def scenario_one(session: ClientSession) -> None:
    """Asks for the page; one run in a hundred fails on purpose."""
    async with session.get(f"http://{HOST}") as response:
        if random.randint(1, 100) == 5:
            raise AssertionError("Failed")
        assert response.status == 200


def _start_target() -> str:
    """Starts the server; returns its address."""
    global _target
    _target = subprocess.Popen(
        [find_program("molotarget"), "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dying_with_parent(signal.SIGKILL),
        process_group=0,  # a terminal's Ctrl+C is not for it
    )
    assert _target.stdout is not None
    url = _target.stdout.readline().strip()
    if not url:
        raise RuntimeError("molotarget did not start")
    return urlsplit(url).netloc

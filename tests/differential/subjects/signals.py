"""Signals that come once the server has seen a request."""

from __future__ import annotations

import signal

from differential.case import Case, Differs, Signal

# Each run waits for its answer, and the answer for the signal.
HELD = """
@setup()
async def s(worker_id, args):
    say("setup")
@scenario()
async def one(session):
    async with session.get(URL + "/held") as response:
        await response.read()
@teardown_session()
async def ts(worker_id, session):
    say("teardown_session")
@teardown()
def t(worker_id):
    say("teardown")
@global_teardown()
def gt():
    say("global_teardown")
"""
ONE_HELD = (
    HELD
    + """
@scenario_picker()
def pick(worker_id, step_id):
    return "one" if step_id == 1 else "sleeps"
@scenario()
async def sleeps(session):
    await asyncio.sleep(0.01)
"""
)
IN_SETUP = """
@global_setup()
def gs(args):
    say(request(URL + "/held")["status"])
    say("never")
@scenario()
async def one(session):
    say("never")
@global_teardown()
def gt():
    say("never")
"""


def signalled(
    name: str,
    script: str,
    number: signal.Signals,
    *arguments: str,
    requests: int = 1,
    differs: tuple[Differs, ...] = (),
    quick: bool = False,
) -> Case:
    return Case(
        name,
        script,
        arguments,
        signals=(Signal(number, requests),),
        any_count=True,
        ordered=False,
        differs=differs,
        quick=quick,
    )


INT, TERM = signal.SIGINT, signal.SIGTERM
CASES = [
    signalled("SIGINT in a run", ONE_HELD, INT, quick=True),
    signalled("SIGTERM in a run", ONE_HELD, TERM, quick=True),
    signalled("SIGINT with two workers", ONE_HELD, INT, "-w", "2", requests=2),
    signalled(
        "SIGTERM with two processes", ONE_HELD, TERM, "-p", "2", requests=2
    ),
    signalled(
        "SIGINT with two processes", ONE_HELD, INT, "-p", "2", requests=2
    ),
    signalled("SIGINT of a quiet run", ONE_HELD, INT, "-q"),
    signalled("SIGINT and fail", ONE_HELD, INT, "-f", "99"),
    signalled("SIGTERM in global_setup", IN_SETUP, TERM),
]

"""Which scenario is run: weights, pickers, single mode and single run."""

from __future__ import annotations

from differential.case import Case, Differs
from differential.reasons import DEAD_WORKER, WORKER_DIED

THREE = """
random.seed(5)
@scenario(weight=10)
async def one(session):
    say("one")
@scenario(weight=30, name="two")
async def second(session):
    say("two")
@scenario(60)
async def three(session):
    say("three")
"""
SEEDED = "import random" + THREE
PICKED = (
    SEEDED
    + """
@scenario_picker()
def pick(worker_id, step_id):
    say(worker_id, step_id)
    return ("one", "two", "three")[step_id % 3]
"""
)

CASES = [
    Case("weights and a seed", SEEDED, ("-r", "20"), quick=True),
    Case("a picker", PICKED, ("-r", "6"), quick=True),
    Case(
        "a picker of two workers", PICKED, ("-r", "4", "-w", "2"), ordered=False
    ),
    Case(
        "a picker of a name that is not there",
        SEEDED
        + """
@scenario_picker()
def pick(worker_id, step_id):
    return "nobody" if step_id == 2 else "one"
""",
        ("-r", "3"),
        differs=(
            Differs(
                "stdout",
                "2.7 has words of its own for it",
                ours=(
                    "[W:0] Could not pick a scenario",
                    "ValueError('Could not pick a scenario')",
                ),
                original=(
                    "[W:0] Failure!",
                    "TypeError(\"'NoneType' object is not subscriptable\")",
                ),
            ),
        ),
    ),
    Case(
        "a picker that raises",
        SEEDED
        + """
@scenario_picker()
def pick(worker_id, step_id):
    raise ValueError("no choice")
@teardown()
def t(worker_id):
    say("teardown")
""",
        differs=(
            DEAD_WORKER[0],
            Differs(
                "stdout",
                WORKER_DIED,
                ours=("[W:0] The scenario picker failed", "…"),
            ),
        ),
    ),
    Case("single mode", SEEDED, ("-r", "3", "-s", "two"), quick=True),
    Case("single mode ignores the picker", PICKED, ("-r", "2", "-s", "one")),
    Case("single run", SEEDED, ("--single-run",), ordered=False),
    Case(
        "single run of two workers",
        SEEDED,
        ("--single-run", "-w", "2"),
        ordered=False,
    ),
    Case(
        "single run with fewer runs",
        """
@scenario()
async def a(session):
    say("a")
@scenario()
async def b(session):
    say("b")
""",
        ("--single-run", "-r", "1"),
    ),
    Case(
        "single run with a failure",
        SEEDED
        + """
@scenario()
async def bad(session):
    raise ValueError("bad")
""",
        ("--single-run",),
        ordered=False,
    ),
    Case(
        "weights with fractions",
        """
import random
random.seed(1)
@scenario(weight=0.25)
async def one(session):
    say("one")
@scenario(weight=0.75)
async def two(session):
    say("two")
""",
        ("-r", "10"),
    ),
    Case(
        "scenarios of scenarios",
        """
@scenario(weight=0)
async def inner(session):
    say("inner")
@scenario()
async def outer(session):
    await inner(session)
""",
        ("-r", "2"),
    ),
    Case(
        "scenarios made in a loop",
        """
for number in range(3):
    @scenario(name=f"number {number}")
    async def made(session, number=number):
        say(number)
""",
        ("-s", "number 1", "-r", "1"),
    ),
    Case(
        "a scenario's delay",
        """
@scenario(delay=0.02)
async def one(session):
    say("one")
""",
        ("-r", "3"),
    ),
    Case(
        "a step is counted in the context",
        """
from molotov.session import get_context
@scenario()
async def one(session):
    say(get_context(session).step, get_context(session).worker_id)
""",
        ("-r", "3"),
    ),
]

"""Several processes."""

from __future__ import annotations

from differential.case import Case, Differs
from differential.subjects.life_cycle import STEPS

ONE = """
@scenario()
async def one(session):
    async with session.get(URL + "/one") as response:
        say(response.status)
"""


def two(
    name: str,
    script: str,
    *arguments: str,
    differs: tuple[Differs, ...] = (),
    quick: bool = False,
) -> Case:
    """With two processes, whose lines come as they come."""
    return Case(
        name,
        script,
        ("-p", "2", *arguments),
        ordered=False,
        differs=differs,
        quick=quick,
    )


CASES = [
    two("two processes", ONE, "-r", "2", quick=True),
    two("two processes of two workers", ONE, "-r", "2", "-w", "2"),
    two("each step of two processes", "RAISES = ''\n" + STEPS, "-r", "1"),
    two(
        "failures of two processes",
        """
@scenario()
async def one(session):
    raise ValueError("in a process")
""",
        "-r",
        "1",
        "-f",
        "2",
    ),
    two("quiet processes", ONE, "-r", "1", "-q"),
    two("single run of two processes", ONE, "--single-run"),
    two(
        "a process that is killed",
        """
@scenario()
async def one(session):
    os.kill(os.getpid(), signal.SIGKILL)
""",
        "-q",
        "-r",
        "1",
        differs=(
            Differs(
                "status",
                "2.x does not notice (D3)",
                ("exit status 1",),
                ("exit status 0",),
            ),
            Differs(
                "stderr", "2.x does not notice (D3)", ours=("…SIGKILL…", "…")
            ),
        ),
    ),
    two("no negative processes", ONE, "-p", "-1", "-r", "1"),
    two("zero processes", ONE, "-p", "0", "-r", "1"),
    two(
        "the parent's pid",
        """
PARENT = os.getpid()
@scenario()
async def one(session):
    pass
@global_setup()
def gs(args):
    say("global_setup")
@global_teardown()
def gt():
    say("global_teardown")
""",
        "-r",
        "1",
    ),
]

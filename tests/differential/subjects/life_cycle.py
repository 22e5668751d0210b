"""Which step of a run comes when, and what one does that raises."""

from __future__ import annotations

from differential.case import Case, Differs
from differential.reasons import DEAD_WORKER, FAILED_FIXTURE, only_in_27

STEPS = """
def step(name, *what):
    say(name, *what)
    if name == RAISES:
        raise ValueError(f"{name} raised")
@global_setup()
def gs(args):
    step("global_setup", args.workers, args.max_runs)
@setup()
async def s(worker_id, args):
    step("setup", worker_id, args.max_runs)
    return {"headers": {"X-Worker": str(worker_id)}}
@setup_session()
async def ss(worker_id, session):
    step("setup_session", worker_id)
@scenario()
async def one(session):
    step("scenario")
    async with session.get(URL + "/life") as response:
        say(response.status)
@teardown_session()
async def ts(worker_id, session):
    step("teardown_session", worker_id, session.closed)
@teardown()
def t(worker_id):
    step("teardown", worker_id)
@global_teardown()
def gt():
    step("global_teardown")
"""


def raising(step: str) -> str:
    return f"RAISES = {step!r}\n" + STEPS


CASES = [
    Case("each step", raising(""), ("-r", "2"), quick=True),
    Case(
        "each step of two workers",
        raising(""),
        ("-r", "2", "-w", "2"),
        ordered=False,
    ),
    Case(
        "global_setup raises",
        raising("global_setup"),
        differs=(
            Differs(
                "stderr",
                "2.x has only the traceback (D7)",
                ours=("The global_setup() fixture failed",),
            ),
        ),
        quick=True,
    ),
    Case(
        "setup raises",
        raising("setup"),
        differs=(FAILED_FIXTURE,),
        quick=True,
    ),
    Case(
        "setup_session raises",
        raising("setup_session"),
        differs=(FAILED_FIXTURE,),
    ),
    Case("the scenario raises", raising("scenario"), ("-r", "2")),
    Case(
        "teardown_session raises",
        raising("teardown_session"),
        differs=(FAILED_FIXTURE,),
    ),
    Case("teardown raises", raising("teardown"), differs=(FAILED_FIXTURE,)),
    Case(
        "global_teardown raises",
        raising("global_teardown"),
        differs=(
            FAILED_FIXTURE,
            Differs(
                "stderr",
                "2.x has only the error's text, on stdout, which both print",
                ours=(
                    "Traceback (most recent call last):",
                    '  File "FOLDER/loadtest.py", line …, in gt',
                    "ValueError: global_teardown raised",
                    "…",
                ),
            ),
        ),
    ),
    Case(
        "sys.exit in global_setup",
        """
        @global_setup()
        def gs(args):
            sys.exit(7)
        @scenario()
        async def one(session):
            say("never")
        @global_teardown()
        def gt():
            say("never")
        """,
    ),
    Case(
        "sys.exit in a scenario",
        """
        @scenario()
        async def one(session):
            say("one")
            sys.exit(5)
        @teardown()
        def t(worker_id):
            say("teardown")
        @global_teardown()
        def gt():
            say("global_teardown")
        """,
        differs=(
            Differs(
                "stdout",
                "results are never lost; no fixture runs once a script has"
                " asked for the end, as in 2.7",
                ours=("SUCCESSES: 0 | FAILURES: 0", "*** Bye ***"),
                original=("> teardown", "> global_teardown"),
            ),
        ),
    ),
    Case(
        "setup returns no dict",
        """
        @setup()
        async def s(worker_id, args):
            return [1]
        @scenario()
        async def one(session):
            say("never")
        """,
        differs=(FAILED_FIXTURE,),
    ),
    Case(
        "setup returns None",
        """
        @setup()
        async def s(worker_id, args):
            say("setup")
        @scenario()
        async def one(session):
            say("one")
        """,
    ),
    Case(
        "setup returns what no session takes",
        """
        @setup()
        async def s(worker_id, args):
            return {"no_such_option": 1}
        @scenario()
        async def one(session):
            say("never")
        """,
        differs=(
            only_in_27(
                "[W:0] Session creation failure!",
                "TypeError(…unexpected keyword argument 'no_such_option'…",
                "SUCCESSES: 0 | FAILURES: 1",
                original=("SUCCESSES: 0 | FAILURES: 0",),
            ),
        ),
    ),
    Case(
        "fixtures that are not there",
        """
        @scenario()
        async def one(session):
            say("one")
        """,
    ),
    Case(
        "args are changed in global_setup",
        """
        @global_setup()
        def gs(args):
            args.max_runs = 3
            args.workers = 2
        @scenario()
        async def one(session):
            say("one")
        """,
    ),
    Case(
        "a worker is cancelled",
        """
        @scenario()
        async def one(session):
            raise asyncio.CancelledError
        @teardown_session()
        async def ts(worker_id, session):
            say("teardown_session")
        @teardown()
        def t(worker_id):
            say("teardown")
        """,
        differs=DEAD_WORKER,
    ),
]

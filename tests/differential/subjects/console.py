"""What is printed, and the status at the end."""

from __future__ import annotations

from differential.case import Case, Differs

ONE = """
@scenario()
async def one(session):
    async with session.get(URL + "/") as response:
        say(response.status, await response.text())
"""
HALF = """
COUNT = []
@scenario()
async def one(session):
    COUNT.append(1)
    assert len(COUNT) % 2, f"run {len(COUNT)}"
"""

CASES = [
    Case("a run that ends well", ONE, ("-r", "3"), quick=True),
    Case("several workers", ONE, ("-r", "2", "-w", "3"), quick=True),
    Case("no worker", ONE, ("-w", "0"), quick=False),
    Case("a negative number of workers", ONE, ("-w", "-1")),
    Case("failures are printed and counted", HALF, ("-r", "4"), quick=True),
    Case("fail is reached", HALF, ("-r", "4", "-f", "2"), quick=True),
    Case("fail is not reached", HALF, ("-r", "4", "--fail", "3")),
    Case("fail of zero", ONE, ("-r", "1", "-f", "0")),
    Case("quiet", HALF, ("-r", "2", "-q")),
    Case(
        "quiet and fail",
        HALF,
        ("-r", "4", "-q", "-f", "1"),
        differs=(
            Differs(
                "status",
                "2.x switches --fail off with -q (D1)",
                ours=("exit status 1",),
                original=("exit status 0",),
            ),
        ),
    ),
    Case("the first failure ends it", HALF, ("-r", "9", "-x"), quick=True),
    Case(
        "exception without a text",
        """
        @scenario()
        async def one(session):
            raise ValueError
        """,
    ),
    Case(
        "exception of the script's own",
        """
        class Mine(Exception):
            def __repr__(self):
                return "Mine <&> " + repr(self.args)
        @scenario()
        async def one(session):
            raise Mine(1, "zwei")
        """,
    ),
    Case(
        "exception with a cause",
        """
        @scenario()
        async def one(session):
            try:
                {}["key"]
            except KeyError as error:
                raise RuntimeError("no key") from error
        """,
    ),
    Case(
        "exception in a function that is called",
        """
        def inner(value):
            return 1 / value
        async def outer(value):
            return inner(value)
        @scenario()
        async def one(session):
            await outer(0)
        """,
    ),
    Case(
        "exception of several lines",
        """
        @scenario()
        async def one(session):
            raise ValueError("one\\ntwo\\n")
        """,
    ),
    Case(
        "what a script prints",
        """
        @scenario()
        async def one(session):
            say("stdout", "Zürich ☃")
            print("stderr", file=sys.stderr)
        """,
    ),
]

"""What goes to StatsD."""

from __future__ import annotations

from differential.case import Case, Differs

FETCH = """
@scenario()
async def one(session):
    async with session.get(URL + "/path/of?query=1") as response:
        await response.read()
    async with session.post(URL + "/status/404", data="a") as response:
        await response.read()
"""
STATSD = ("--statsd", "--statsd-address", "udp://UDP")


def sends(
    name: str,
    script: str,
    *arguments: str,
    runs: int = 1,
    differs: tuple[Differs, ...] = (),
    quick: bool = False,
) -> Case:
    counted = Differs(
        "datagrams",
        "runs of scenarios are counted (D31)",
        ours=(f"….scenario.one.success:{runs}|c",),
    )
    return Case(
        name,
        script,
        (*STATSD, *(arguments or ("-r", "1"))),
        ordered=False,
        differs=(counted, *differs),
        quick=quick,
    )


CASES = [
    sends("statsd of requests", FETCH, "-r", "2", runs=2, quick=True),
    sends("statsd of two workers", FETCH, "-r", "1", "-w", "2", runs=2),
    sends("statsd of two processes", FETCH, "-r", "2", "-p", "2", runs=4),
    sends(
        "statsd of redirects",
        """
@scenario()
async def one(session):
    async with session.get(URL + "/redirect/302/next") as response:
        await response.read()
""",
    ),
    sends(
        "statsd of a script's own",
        """
@scenario()
async def one(session):
    statsd = get_context(session).statsd
    statsd.increment("one")
    statsd.increment("two", value=5, tags={"a": "b"})
    statsd.decrement("three")
    statsd.gauge("four", value=1.5)
    statsd.histogram("five", value=7)
    statsd.distribution("six", value=8)
    statsd.timing("seven", value=9)
    statsd.increment("eight", sample_rate=1)
""",
        quick=True,
    ),
    sends(
        "statsd that measures",
        """
@scenario()
async def one(session):
    statsd = get_context(session).statsd
    with statsd.timeit("block"):
        pass
    say(statsd.connected, statsd.closing, statsd.disconnected)
""",
    ),
    sends(
        "statsd from setup_session",
        """
@setup_session()
async def ss(worker_id, session):
    get_context(session).statsd.increment("set.up")
@scenario()
async def one(session):
    pass
@teardown_session()
async def ts(worker_id, session):
    get_context(session).statsd.increment("torn.down")
""",
    ),
    sends(
        "session.statsd and incr",
        """
@scenario()
async def one(session):
    session.statsd.incr("one")
""",
        differs=(
            Differs(
                "datagrams",
                "molostart writes it, and 2.x lacks it (D28)",
                ours=("one:1|c",),
            ),
            Differs(
                "stdout",
                "molostart writes it, and 2.x lacks it (D28)",
                ours=("SUCCESSES: 1 | FAILURES: 0",),
                original=("AttributeError(…", "…"),
            ),
        ),
    ),
    sends(
        "statsd of names that break the protocol",
        """
@scenario()
async def one(session):
    async with session.get(URL + "/a:b|c%20d") as response:
        await response.read()
""",
        differs=(
            Differs(
                "datagrams",
                "such characters are sent as _ (D31)",
                ours=("…/a_b_c_d:N|ms", "…/a_b_c_d.200:1|c"),
                original=("…/a:b|c d:N|ms", "…/a:b|c d.200:1|c"),
            ),
        ),
    ),
    Case(
        "no statsd",
        FETCH
        + """
@setup_session()
async def ss(worker_id, session):
    say(get_context(session).statsd)
""",
    ),
    Case(
        "an address without statsd",
        FETCH,
        ("--statsd-address", "udp://UDP", "-r", "1"),
    ),
]

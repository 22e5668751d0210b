"""Command lines that can be used."""

from __future__ import annotations

from differential.case import Case, Differs

TWO = """
@scenario(weight=1)
async def one(session):
    async with session.get(URL + "/one") as response:
        say("one", response.status)
@scenario(weight=0)
async def never(session):
    say("never")
"""
# Which steps are slow is for a busy machine to say.
NEVER_SLOW = """
import logging
def kept(record):
    return not record.getMessage().startswith("Executing ")
logging.getLogger("asyncio").addFilter(kept)
"""
QUIET = """
@scenario()
async def one(session):
    pass
"""
ARGS = """
@global_setup()
def gs(args):
    shown = {k: v for k, v in vars(args).items() if k in NAMES}
    say(sorted(shown.items()))
NAMES = (
    "scenario", "single_run", "single_mode", "config", "version", "debug",
    "verbose", "workers", "ramp_up", "sizing", "sizing_tolerance", "delay",
    "processes", "duration", "max_runs", "quiet", "exception", "fail",
    "statsd", "statsd_address", "uvloop", "use_extension", "force_shutdown",
)
@scenario()
async def one(session):
    pass
"""

CASES = [
    Case("args by default", ARGS, ("-r", "1"), quick=True),
    Case(
        "args of a command line",
        ARGS,
        ("-xr2", "-w", "2", "-p1", "--delay=0.01", "-f9", "-d", "60"),
        quick=True,
    ),
    Case(
        "prefixes of options",
        ARGS,
        ("--max", "1", "--work", "2", "--fa", "9", "--excep", "--ramp", "0"),
    ),
    Case("options after the script", ARGS, ("loadtest.py", "-r", "1")),
    Case("a path to the script", ARGS, ("-r", "1", "./loadtest.py")),
    Case("double dash", ARGS, ("-r", "1", "--", "loadtest.py")),
    Case("an option twice", ARGS, ("-r", "7", "-r", "1")),
    Case("a weight of zero", TWO, ("-r", "5"), ordered=False),
    Case(
        "no more runs than asked for", TWO, ("-r", "3", "-w", "2", "-d", "99")
    ),
    Case("a negative number of runs", TWO, ("-r", "-1")),
    Case("a delay", TWO, ("-r", "2", "--delay", "0.02")),
    Case("a negative delay", TWO, ("-r", "2", "--delay", "-1")),
    Case("a ramp-up", TWO, ("-r", "1", "-w", "3", "--ramp-up", "0.3")),
    Case("a negative ramp-up", TWO, ("-r", "1", "-w", "2", "--ramp-up", "-1")),
    Case("a duration", QUIET, ("-d", "1", "--delay", "0.1"), any_count=True),
    Case("debug", NEVER_SLOW + TWO, ("-r", "1", "--debug")),
    Case(
        "uvloop that is not installed",
        TWO,
        ("-r", "1", "--uvloop"),
        differs=(
            Differs(
                "stdout",
                "--uvloop needs nothing (D2)",
                ours=("Preparing 1 workers...OK", "> one 200", "…"),
                original=("You need to install uvloop when using --uvloop",),
            ),
            Differs(
                "requests",
                "--uvloop needs nothing (D2)",
                ours=("GET /one | …",),
            ),
        ),
    ),
    Case(
        "the version",
        "",
        ("--version",),
        differs=(
            Differs(
                "stdout", "each has its own", ours=("3.0",), original=("2.6",)
            ),
        ),
    ),
    Case(
        "the version before all else",
        "",
        ("--version", "no/such.py"),
        differs=(
            Differs(
                "stdout", "each has its own", ours=("3.0",), original=("2.6",)
            ),
        ),
    ),
    Case(
        "verbose",
        TWO,
        ("-r", "1", "-v"),
        differs=(
            Differs(
                "stdout",
                "-v has the endpoints at the end",
                ours=("Requests per endpoint:", "…GET /one…"),
            ),
        ),
    ),
    Case("a module as the script", "", ("-r", "1", "json.tool")),
    Case(
        "another script",
        "",
        ("-r", "1", "folder/other.py"),
        files={
            "folder/other.py": """
from molotov import scenario
from beside import VALUE
@scenario()
async def one(session):
    print(">", VALUE, __name__, __file__.endswith("folder/other.py"))
""",
            "folder/beside.py": "VALUE = 5\n",
        },
        quick=True,
    ),
    Case(
        "a package that imports its own",
        "",
        ("-r", "1", "loadtest.py"),
        files={
            "loadtest.py": """
import lib.inner
from molotov import scenario
@scenario()
async def one(session):
    print(">", lib.inner.VALUE)
""",
            "lib/__init__.py": "",
            "lib/inner.py": "VALUE = 7\n",
        },
    ),
]

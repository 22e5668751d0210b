"""Load tests that a program of one's own runs."""

from __future__ import annotations

from differential.case import Case, Differs

SCRIPT = """
@scenario()
async def one(session):
    async with session.get(URL + "/one") as response:
        say(response.status)
@scenario(name="bad")
async def two(session):
    raise ValueError("bad")
"""
ARGUMENTS = """
import io, sys
from molotov.run import _parser, run, main
"""


def embedded(name: str, program: str, *differs: Differs) -> Case:
    """That program runs loadtest.py."""
    return Case(
        name,
        SCRIPT,
        ("program.py",),
        program="python",
        files={"program.py": program},
        differs=differs,
        ordered=False,
    )


NAMESPACE = """
import sys
from types import SimpleNamespace
from molotov.run import run
args = SimpleNamespace(
    scenario="loadtest.py", workers=2, max_runs=2, duration=60, processes=1,
    ramp_up=0.0, delay=0.0, verbose=0, quiet=False, exception=False, fail=None,
    console=True, console_update=0.0, statsd=False, statsd_address=None,
    use_extension=None, single_mode="one", single_run=False, sizing=False,
    sizing_tolerance=5.0, debug=False, force_shutdown=False, uvloop=False,
    config=None, version=False,
)
"""
CASES = [
    embedded(
        "run of a namespace",
        NAMESPACE
        + """
result = run(args)
print(">", sorted(result.items()))
""",
    ),
    embedded(
        "run with a stream",
        NAMESPACE
        + """
import io
stream = io.StringIO()
run(args, stream)
print(stream.getvalue())
""",
    ),
    embedded(
        "run that reaches fail",
        NAMESPACE
        + """
args.single_mode, args.fail = "bad", 1
try:
    run(args)
    print("> returned")
except SystemExit as error:
    print("> exit", error.code)
""",
    ),
    embedded(
        "run of a script that is not there",
        NAMESPACE
        + """
args.scenario = "no/such.py"
run(args)
""",
    ),
    embedded(
        "run with two processes",
        NAMESPACE
        + """
args.processes = 2
result = run(args)
print(">", result["OK"], result["FAILED"], result["MAX_WORKERS"])
""",
    ),
    embedded(
        "main with a namespace",
        NAMESPACE
        + """
from molotov.run import main
print(">", main(args))
""",
    ),
    embedded(
        "main with a command line",
        """
import sys
from molotov.run import main
sys.argv = ["molotov", "-c", "--console-update", "0", "-s", "one", "-r", "1"]
print(">", main())
""",
    ),
]

"""Variables, synchronous requests, extensions and the modules users import."""

from __future__ import annotations

from differential.case import Case, Differs

PASSES = """
@scenario()
async def one(session):
    pass
"""


def in_global_setup(name: str, code: str, *differs: Differs) -> Case:
    lines = "\n".join(
        "    " + line.strip("\n") for line in code.split("\n    ")
    )
    return Case(
        name,
        f"@global_setup()\ndef gs(args):\n{lines}\n{PASSES}",
        differs=differs,
    )


CASES = [
    Case(
        "variables",
        """
@global_setup()
def gs(args):
    set_var("number", 5)
    say(set_var("none", None), get_var("nothing"))
@setup()
async def s(worker_id, args):
    set_var("number", get_var("number") + 1)
@scenario()
async def one(session):
    say(get_var("number"), get_var("made", factory=list))
    get_var("made").append(1)
@global_teardown()
def gt():
    say(get_var("number"), get_var("made"), get_var("none", factory=dict))
""",
        ("-r", "2"),
        quick=True,
    ),
    Case(
        "variables in two processes",
        """
@global_setup()
def gs(args):
    set_var("number", 5)
@scenario()
async def one(session):
    set_var("number", get_var("number") + 1)
    say(get_var("number"))
@global_teardown()
def gt():
    say("at the end", get_var("number"))
""",
        ("-r", "1", "-p", "2"),
        ordered=False,
    ),
    in_global_setup(
        "request",
        """
    answer = request(URL + "/json")
    say(sorted(answer), answer["status"], answer["content"])
    say(answer["headers"]["content-type"])
    answer = request(URL + "/echo", verb="post", data="text")
    say(answer["content"])
    answer = request(URL + "/m", "DELETE", headers={"X-A": "1"})
    say(answer["status"])
    """.strip(),
    ),
    in_global_setup(
        "json_request",
        """
    say(json_request(URL + "/json")["content"]["text"])
    answer = json_request(URL + "/echo", verb="POST", data='{"a": 1}',
                          headers={"Content-Type": "application/json"})
    say(answer["content"], answer["status"])
    """.strip(),
    ),
    in_global_setup(
        "request with options of the session",
        """
    answer = request(URL, session_options={"headers": {"X-S": "1"}})
    say(answer["status"])
    """.strip(),
    ),
    in_global_setup(
        "request of another status",
        """
    say(request(URL + "/status/404")["status"])
    """.strip(),
    ),
    in_global_setup(
        "json_request of text",
        """
    try:
        json_request(URL)
    except Exception as error:
        say(type(error).__name__)
    """.strip(),
    ),
    in_global_setup(
        "request of nobody",
        """
    try:
        request("http://127.0.0.1:1/")
    except Exception as error:
        say(type(error).__name__)
    """.strip(),
    ),
    in_global_setup(
        "request by a method that is none",
        """
    try:
        request(URL, verb="nonsense")
    except AttributeError as error:
        say("AttributeError")
    """.strip(),
    ),
    Case(
        "request in a scenario",
        """
@scenario()
async def one(session):
    say(request(URL + "/inner")["status"])
    async with session.get(URL + "/outer") as response:
        say(response.status)
""",
    ),
    Case(
        "request with json",
        """
@scenario()
async def one(session):
    say(request(URL + "/echo", "POST", json={"a": 1})["content"])
""",
        differs=(
            Differs(
                "requests",
                "2.x sends no body (D30)",
                ours=("POST /echo | …: application/json | …b'{\"a\": 1}'",),
                original=("POST /echo | …Content-Length: 0 | …",),
            ),
            Differs(
                "stdout",
                "2.x sends no body, and reads JSON (D30)",
                ours=('> {"a": 1}', "SUCCESSES: 1 | FAILURES: 0"),
                original=("ContentTypeError(…", "…"),
            ),
        ),
    ),
    Case(
        "an extension by its path",
        PASSES,
        ("--use-extension=ext.py", "-r1"),
        files={
            "ext.py": """
import molotov
@molotov.events()
async def heard(event, **info):
    if event == "scenario_start":
        print("> started")
print("> loaded", __name__)
"""
        },
        quick=True,
    ),
    Case(
        "two extensions",
        PASSES,
        ("--use-extension", "one.py", "two.py", "-r", "1"),
        files={"one.py": "print('> one')\n", "two.py": "print('> two')\n"},
    ),
    Case(
        "an extension by its module",
        PASSES,
        ("--use-extension=json.tool", "-r", "1"),
    ),
    Case(
        "an extension with a scenario",
        "",
        ("--use-extension", "ext.py", "-r1", "--", "loadtest.py"),
        files={
            "ext.py": """
import molotov
@molotov.scenario()
async def extra(session):
    print("> extra")
""",
            "loadtest.py": "print('> loaded')\n",
        },
    ),
    Case(
        "a quiet extension",
        PASSES,
        ("--use-extension=ext.py", "-q", "-r", "1"),
        files={"ext.py": "print('> loaded')\n"},
    ),
    Case(
        "names of modules",
        """
import molotov.api, molotov.util, molotov.run, molotov.session
import molotov.listeners, molotov.slave, molotov.quickstart
import molotov.shared.counter, molotov.worker
NAMES = (
    "scenario", "setup", "global_setup", "teardown", "global_teardown",
    "setup_session", "teardown_session", "scenario_picker", "events",
    "request", "json_request", "set_var", "get_var", "get_context",
)
say([name for name in NAMES if not hasattr(molotov, name)])
say([name for name in ("main", "run") if not hasattr(molotov.run, name)])
say([name for name in ("get_context", "get_eventer", "get_session")
     if not hasattr(molotov.session, name)])
say(molotov.listeners.BaseListener.__name__, molotov.shared.counter.Counters)
"""
        + PASSES,
    ),
    Case(
        "modules that are not there",
        PASSES
        + """
import importlib
for name in ("runner", "ui.console"):
    try:
        importlib.import_module("molotov." + name)
    except ImportError:
        say("no", name)
""",
        differs=(
            Differs(
                "stdout",
                "the runner and its display are no Python",
                ours=("> no runner", "> no ui.console"),
            ),
        ),
    ),
    Case(
        "expand_options",
        """
from types import SimpleNamespace
from molotov.util import expand_options, OptionError
for name in ("test", "other"):
    args = SimpleNamespace(workers=1)
    try:
        expand_options("config.json", name, args)
        say(args.workers, args.mine)
    except OptionError as error:
        say(error)
"""
        + PASSES,
        files={
            "config.json": """
{"molotov": {"tests": {"test": {"workers": 7, "mine": [1]}}}}
"""
        },
    ),
    Case(
        "counters",
        """
from molotov.shared.counter import Counters
counters = Counters("one", "two")
counters["one"] += 1
counters["two"] -= 2
say(counters["one"] == 1, counters["two"].value, sorted(counters.keys()))
try:
    counters["three"]
except KeyError as error:
    say(error)
"""
        + PASSES,
    ),
    Case(
        "get_session without a load test",
        """
import asyncio
from molotov.session import get_session
async def make():
    session = get_session(asyncio.get_running_loop(), None)
    say(type(session).__name__)
    await session.close()
asyncio.run(make())
"""
        + PASSES,
    ),
]

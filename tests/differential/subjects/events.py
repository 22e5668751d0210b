"""Events, listeners and the context of a session."""

from __future__ import annotations

from differential.case import Case, Differs
from differential.reasons import only_in_27

HEARD = """
@events()
async def heard(event, **info):
    if event != "current_workers":
        say(event, *sorted(info))
"""
FETCH = """
@scenario()
async def one(session):
    async with session.get(URL + "/echo") as response:
        say(response.status)
"""
FAILS = """
@scenario()
async def one(session):
    raise ValueError("failed")
"""

CASES = [
    Case("events of a run", HEARD + FETCH, ("-r", "2"), quick=True),
    Case("events of a failure", HEARD + FAILS),
    Case(
        "what scenario events tell",
        """
@events()
async def heard(event, **info):
    if event.startswith("scenario"):
        record = info["scenario"]
        say(event, info["wid"], sorted(record), record["name"],
            record["weight"], record["delay"], info.get("exception"))
@scenario(weight=3, delay=0.01)
async def one(session):
    pass
@scenario()
async def two(session):
    raise ValueError("failed")
""",
        ("--single-run",),
        ordered=False,
    ),
    Case(
        "what HTTP events tell",
        """
SENT = []
@events()
async def heard(event, **info):
    if event == "sending_request":
        request = info["request"]
        SENT.append(request)
        say(event, request.method, str(request.url).removeprefix(URL),
            request.headers["X-A"], request.headers["Accept"])
    if event == "response_received":
        response = info["response"]
        say(event, response.status, response.reason,
            info["request"] in SENT, await response.text())
@scenario()
async def one(session):
    headers = {"X-A": "1"}
    async with session.post(URL + "/echo?a=b", data="x", headers=headers) as r:
        say(await r.text())
""",
        quick=True,
    ),
    Case(
        "HTTP events of redirects",
        """
@events()
async def heard(event, **info):
    if "request" in info:
        say(event, str(info["request"].url).removeprefix(URL))
@scenario()
async def one(session):
    async with session.get(URL + "/redirect/302/redirect/301/end") as response:
        say(response.status)
""",
    ),
    Case(
        "HTTP events of a request that fails",
        """
@events()
async def heard(event, **info):
    if "session" in info:
        say(event)
@scenario()
async def one(session):
    async with session.get(URL + "/drop") as response:
        say("never")
""",
    ),
    Case(
        "several listeners",
        """
@events()
async def first(event, **info):
    if event == "scenario_start":
        say("first")
@events()
async def second(event, **info):
    if event == "scenario_start":
        say("second")
"""
        + FETCH,
    ),
    Case(
        "a listener that raises",
        """
@events()
async def heard(event, **info):
    if event == "scenario_start":
        raise ValueError("in the listener")
@events()
async def other(event, **info):
    if event == "scenario_start":
        say("other")
"""
        + FETCH,
    ),
    Case(
        "a listener that raises in a request",
        """
@events()
async def heard(event, **info):
    if event == "response_received":
        raise ValueError("in the listener")
"""
        + FETCH,
    ),
    Case(
        "workers are told of",
        """
@events()
async def heard(event, **info):
    if event == "current_workers":
        TOLD.append(info["workers"])
TOLD = []
@scenario()
async def one(session):
    pass
@global_teardown()
def gt():
    say(TOLD[:1], all(isinstance(number, int) for number in TOLD))
""",
        ("-r", "1", "--delay", "0.2"),
    ),
    Case(
        "a listener of one session",
        """
from molotov.session import get_eventer
from molotov.listeners import BaseListener
class Heard(BaseListener):
    async def on_response_received(self, session, response, request):
        say("response", response.status)
@setup_session()
async def ss(worker_id, session):
    get_eventer(session).add_listener(Heard())
"""
        + FETCH,
        ("-r", "2"),
    ),
    Case(
        "a listener that is no coroutine",
        """
from molotov.session import get_eventer
from molotov.listeners import BaseListener
class Heard(BaseListener):
    def on_response_received(self, session, response, request):
        say("response", response.status)
@setup_session()
async def ss(worker_id, session):
    get_eventer(session).add_listener(Heard())
"""
        + FETCH,
        differs=(
            Differs(
                "stdout",
                "what it returns need not be awaited",
                original=("TypeError(\"object NoneType can't be used in …",),
            ),
        ),
    ),
    Case(
        "the context of a session",
        """
@scenario()
async def one(session):
    context = get_context(session)
    say(context.worker_id, context.step, context.statsd, context.args.max_runs)
    context.mine = context.step
    say(get_context(session).mine)
""",
        ("-r", "2", "-w", "2"),
        ordered=False,
        quick=True,
    ),
    Case(
        "the context in setup_session",
        """
@setup_session()
async def ss(worker_id, session):
    context = get_context(session)
    say(context.worker_id, context.args.max_runs)
@teardown_session()
async def ts(worker_id, session):
    context = get_context(session)
    say(context.worker_id, context.step)
"""
        + FETCH,
        ("-r", "2"),
    ),
    Case(
        "attach to the context",
        """
@scenario()
async def one(session):
    get_context(session).attach("name", 5)
    say(get_context(session).name)
""",
        differs=(
            Differs(
                "stdout",
                "it is documented, and missing in 2.x (D27)",
                ours=("> 5", "SUCCESSES: 1 | FAILURES: 0"),
                original=("AttributeError(…", "…"),
            ),
        ),
    ),
    Case(
        "the context of a session of aiohttp's",
        """
import aiohttp
@scenario()
async def one(session):
    async with aiohttp.ClientSession() as own:
        say(get_context(own))
""",
    ),
    Case(
        "session.print",
        """
@scenario()
async def one(session):
    session.print("one\\ntwo")
""",
        differs=(
            only_in_27(
                "one",
                "two",
                "SUCCESSES: 1 | FAILURES: 0",
                original=("AttributeError(…", "…"),
            ),
        ),
    ),
    Case(
        "two-fold verbose",
        HEARD.replace("say", "str")
        + """
@scenario()
async def one(session):
    headers = {"X-A": "1"}
    async with session.post(URL + "/echo", json={"a": 1}, headers=headers) as r:
        say(await r.json())
    async with session.get(URL + "/gzip") as r:
        say(len(await r.text()))
    async with session.get(URL + "/status/204") as r:
        say(r.status)
""",
        ("-r", "1", "-vv"),
        differs=(
            Differs(
                "stdout",
                "each says its own name; -v has the endpoints at the end",
                ours=("User-Agent: Molotov/3.0",) * 3
                + (
                    "Requests per endpoint:",
                    "…GET …/gzip …",
                    "…GET …/status/{} …",
                    "…POST …/echo …",
                ),
                original=("User-Agent: Python/…",) * 3,
            ),
        ),
    ),
]

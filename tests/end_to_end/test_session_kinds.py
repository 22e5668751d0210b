"""Scenarios with sessions of several kinds, and their factories."""

import re
import textwrap

import pytest
from commands import PROGRAMS, Molotov, run

# A kind of the script's own; what its factory was given is printed.
THINGS = """
class Thing:
    closed = False

    def __init__(self, name):
        self.name = name

    async def close(self):
        print("close", self.name)
        self.closed = True

@session_factory("thing")
def make_thing(loop, console, verbose, statsd, trace_config, **options):
    assert loop is asyncio.get_running_loop()
    console.print("factory " + " ".join(sorted(options)))
    assert (verbose, statsd) == (0, None)
    return Thing(options["name"])
"""


def script(*parts: str) -> str:
    return "\n".join(textwrap.dedent(part) for part in parts)


def test_a_session_for_each_kind_and_worker(molotov: Molotov) -> None:
    body = """
        @setup()
        async def init(worker_id, args):
            options = {"headers": {"X-Token": "abc"}}
            made.append(options)
            return options

        @setup_session()
        async def init_session(worker_id, session):
            print("setup_session", type(session).__name__)

        @scenario()
        async def a(session, session_factory="thing", name="it", more=1):
            print("a", session.name, session_factory)

        @scenario()
        async def b(session):
            async with session.get(URL + "/headers") as response:
                print("b", "abc" in await response.text())

        @scenario()
        async def c(session, session_factory="thing", name="another"):
            print("c", session.name)

        @scenario()
        async def d(session, session_factory=None):
            print("d", type(session).__name__)

        @scenario_picker()
        def pick(worker_id, step_id):
            return "abcda"[step_id - 1]

        @teardown_session()
        async def end_session(worker_id, session):
            print("teardown_session", type(session).__name__, session.closed)

        @teardown()
        def end(worker_id):
            print("teardown", made[0])

        made = []
    """
    result = molotov(script(THINGS, body), "-r", "5")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[2:-2] == [
        "factory headers more name",
        "setup_session Thing",
        "a it thing",
        "setup_session ClientSession",
        "b True",
        "c it",
        "d ClientSession",
        "a it thing",
        "teardown_session Thing False",
        "close it",
        "teardown_session ClientSession False",
        "teardown {'headers': {'X-Token': 'abc'}}",
    ]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_worker_has_its_own(molotov: Molotov, processes: str) -> None:
    body = """
        @setup_session()
        async def init_session(worker_id, session):
            print("made", os.getpid(), worker_id, type(session).__name__)

        @scenario()
        async def a(session, session_factory="thing", name="it"): pass

        @scenario()
        async def b(session): pass
    """
    result = molotov(
        script(THINGS, body), "--single-run", "-w", "3", "-p", processes
    )
    assert (result.status, result.stderr) == (0, "")
    made = re.findall(r"^made (\d+) (\d) (\w+)$", result.stdout, re.M)
    assert len(made) == len(set(made)) == 3 * 2 * int(processes)
    assert result.stdout.count("close it") == 3 * int(processes)


def test_verbose_names_the_kinds(molotov: Molotov) -> None:
    body = """
        @scenario()
        async def a(session, session_factory="other"): pass

        @scenario()
        async def b(session): pass

        @session_factory("other")
        def make(loop, console, verbose, *rest, **options):
            print("verbose", verbose)
            return object()
    """
    result = molotov(script(body), "-v", "--single-run")
    assert result.lines[4:8] == [
        "[W:0] Setting up session of kind other",
        "verbose 1",
        "[W:0] Setting up session of kind http",
        "[W:0] Done!",
    ]


# The scenario's parameters, and what is said of its sessions.
NO_SESSION = {
    "unknown": ("session_factory='nobody'", "KeyError('nobody')"),
    "raises": ("session_factory='broken'", "ZeroDivisionError("),
    "returns none": (
        "session_factory='empty'",
        "TypeError(\"the factory of 'empty' returned no session\")",
    ),
    "needs more": ("session_factory='thing'", "KeyError('name')"),
    "takes less": (
        "session_factory='empty', more=1",
        "got an unexpected keyword argument 'more'",
    ),
    "no URL": ("session_factory='grpc'", "KeyError('grpc_url')"),
    "not a name": ("session_factory=[]", "KeyError('[]')"),
}


@pytest.mark.parametrize(
    ("parameters", "said"), NO_SESSION.values(), ids=NO_SESSION.keys()
)
def test_no_session(molotov: Molotov, parameters: str, said: str) -> None:
    if "grpc" in parameters:
        pytest.importorskip("grpc")
    body = f"""
        @session_factory("broken")
        def broken(*args, **options):
            1 / 0

        @session_factory("empty")
        def empty(*args): pass

        @scenario()
        async def a(session, {parameters}):
            print("not run")

        @scenario()
        async def b(session):
            print("run")

        @events()
        async def listen(event, **info):
            if event.startswith("scenario"):
                print(event, info["scenario"]["name"], info["wid"])
                if event == "scenario_failure":
                    print("told", repr(info["exception"]))
    """
    result = molotov(script(THINGS, body), "--single-run")
    assert (result.status, result.stderr) == (0, "")
    lines = [x for x in result.lines if not x.startswith("factory")]
    assert lines[2] == "scenario_failure a 0"
    assert said in lines[3]
    assert lines[4] == "[W:0] Session creation failure!"
    assert lines[3] == "told " + lines[5]
    assert "not run" not in lines
    assert "SUCCESSES: 1 | FAILURES: 1 | WORKERS: 1" in lines


def test_each_run_tries_again(molotov: Molotov) -> None:
    body = """
        @session_factory("late")
        def make(*args):
            tries.append(1)
            assert len(tries) > 2
            return "session"

        @scenario()
        async def a(session, session_factory="late"):
            print("run with", session)

        tries = []
    """
    result = molotov(script(body), "-r", "4")
    assert result.stdout.count("[W:0] Session creation failure!") == 2
    assert result.lines.count("run with session") == 2
    assert "SUCCESSES: 2 | FAILURES: 2 | WORKERS: 1" in result.lines


def test_a_failed_setup_session_closes_all(molotov: Molotov) -> None:
    """The scenario is not called, and neither session is left open."""
    body = """
        @setup_session()
        async def init_session(worker_id, session):
            assert isinstance(session, molotov.session.ClientSession)

        @teardown_session()
        async def end_session(worker_id, session):
            print("teardown_session", type(session).__name__)

        @scenario()
        async def a(session):
            print("a")

        @scenario()
        async def b(session, session_factory="thing", name="it"):
            print("not run")
    """
    result = molotov(script(THINGS, body), "--single-run")
    assert result.status == 1
    assert "AssertionError()" in result.stdout
    assert "not run" not in result.lines
    assert result.lines.count("close it") == 1
    assert result.lines.count("teardown_session ClientSession") == 1
    assert "teardown_session Thing" not in result.lines
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_a_failing_teardown_session_keeps_no_other_from_its_own(
    molotov: Molotov,
) -> None:
    body = """
        @teardown_session()
        async def end_session(worker_id, session):
            raise ValueError(type(session).__name__)

        @scenario()
        async def a(session, session_factory="thing", name="it"): pass

        @scenario()
        async def b(session): pass
    """
    result = molotov(script(THINGS, body), "--single-run")
    assert result.status == 1
    assert "ValueError('Thing')" in result.lines
    assert "ValueError('ClientSession')" in result.lines
    assert "close it" in result.lines


# Bodies of a class of sessions that can, or cannot, be closed.
CLOSING = {
    "no close": "pass",
    "not awaited": "def close(self): print('closed')",
    "raises": "async def close(self): print('closed'); 1 / 0",
}


@pytest.mark.parametrize("body", CLOSING.values(), ids=CLOSING.keys())
def test_closing_a_session(molotov: Molotov, body: str) -> None:
    parts = f"""
        class Other:
            {body}

        @session_factory("other")
        def make(*args):
            return Other()

        @scenario()
        async def a(session, session_factory="other"): pass
    """
    result = molotov(script(parts), "-r", "2")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("closed") == (0 if body == "pass" else 1)


def test_a_factory_for_http(molotov: Molotov) -> None:
    """The script's own goes before the built-in one."""
    body = """
        @session_factory("http")
        def make(*args, **options):
            return {"options": options}

        @setup()
        async def init(worker_id, args):
            return {"a": 1}

        @scenario()
        async def a(session):
            print("a", session)
    """
    result = molotov(script(body), "-r", "1")
    assert "a {'options': {'a': 1}}" in result.lines


def test_a_session_of_aiohttp(molotov: Molotov) -> None:
    pytest.importorskip("aiohttp")
    body = """
        import aiohttp

        @session_factory("aiohttp")
        def make(loop, console, verbose, statsd, trace_config, **options):
            return aiohttp.ClientSession(
                loop=loop, trace_configs=[trace_config], **options
            )

        @setup()
        async def init(worker_id, args):
            return {"headers": {"X-Token": "abc"}}

        @scenario()
        async def a(session, session_factory="aiohttp"):
            async with session.get(URL + "/headers") as response:
                assert "abc" in await response.text()
            print("worker", get_context(session).worker_id)
    """
    result = molotov(script(body), "-r", "3")
    assert result.status == 0
    assert result.stderr.endswith("sent, but not measured\n")
    assert result.lines.count("worker 0") == 3


GRPC_SERVER = """
import asyncio
import sys

import grpc


async def greet(request, context):
    return b"Hello, " + request


async def main():
    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(greet)
    service = {"Greet": handler}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("test.Greeter", service)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


asyncio.run(main())
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_grpc(molotov: Molotov, processes: str) -> None:
    pytest.importorskip("grpc")
    body = """
        import subprocess

        @global_setup()
        def start(args):
            global server, port
            server = subprocess.Popen(
                [sys.executable, "server.py"], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            port = server.stdout.readline().strip()
            a.__defaults__ = ("grpc", "127.0.0.1:" + port)

        @global_teardown()
        def end():
            server.communicate()

        @setup()
        async def init(worker_id, args):
            return {"headers": {"X-Token": "abc"}}

        @scenario()
        async def a(session, session_factory="grpc", grpc_url=""):
            greet = session.unary_unary("/test.Greeter/Greet")
            answer = await greet(b"worker %d" % get_context(session).worker_id)
            session.print(answer.decode())
            assert get_context(session).args.workers == 2

        @scenario()
        async def b(session):
            async with session.get(URL) as response:
                assert response.status == 200

        @teardown_session()
        async def end_session(worker_id, session):
            print("teardown_session", type(session).__name__)
    """
    (molotov.folder / "server.py").write_text(GRPC_SERVER)
    result = molotov(script(body), "-w", "2", "--single-run", "-p", processes)
    assert result.status == 0, result
    runs = 4 * int(processes)
    assert f"SUCCESSES: {runs} | FAILURES: 0" in result.stdout, result
    for worker in range(2):
        assert result.stdout.count(f"Hello, worker {worker}\n") == runs / 4
    assert result.lines.count("teardown_session Channel") == runs / 2


def test_grpc_without_grpcio(molotov: Molotov) -> None:
    body = """
        sys.modules["grpc"] = None

        @scenario()
        async def a(session, session_factory="grpc", grpc_url="x"): pass
    """
    result = molotov(script(body), "-r", "1")
    assert "[W:0] Session creation failure!" in result.lines
    assert "pip install 'molotov[grpc]'" in result.stdout
    assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines


def test_dry_run_with_kinds(molotov: Molotov) -> None:
    path = molotov.write(script(THINGS, "@scenario()\nasync def a(s): pass"))
    result = run(path.parent, PROGRAMS / "molotov", "--dry-run")
    assert (result.status, result.stderr) == (0, "")

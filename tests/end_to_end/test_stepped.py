"""A worker's session that is traced, or has middlewares: listeners are told as
ever, requests may be cut off, and all is counted."""

import contextlib
import socketserver
import textwrap
import threading
from collections.abc import Iterator

import pytest
from commands import Molotov
from scripts import run_well, scenario
from test_http_events import ORDERS, SEEN

# Both kinds, on the session of each worker.
STEPPED = """
from molotov.client import TraceConfig

SIGNALS = [name for name in vars(TraceConfig()) if name.startswith("on_")]
told = []

def make_config():
    config = TraceConfig()
    for name in SIGNALS:
        def add(name):
            async def tell(session, context, params):
                told.append(name)
            getattr(config, name).append(tell)
        add(name)
    return config

async def between(request, handler):
    return await handler(request)

@setup()
async def stepped(worker_id, args):
    return {"trace_configs": [make_config()], "middlewares": [between]}
"""


@pytest.mark.parametrize("name", ORDERS)
def test_listeners_are_told_as_ever(molotov: Molotov, name: str) -> None:
    code, expected = ORDERS[name]
    assert run_well(molotov, STEPPED + SEEN + scenario(code)) == expected


def test_cut_off(molotov: Molotov) -> None:
    """Wherever it waits: for a connection's answer, in a function that is told,
    in a middleware."""
    script = scenario("""
        async def never(*_):
            await asyncio.get_running_loop().create_future()

        async def slow(signal):
            config = TraceConfig()
            getattr(config, signal).append(never)
            session = molotov_session(trace_configs=[config])
            async with session, asyncio.timeout(0.1):
                await session.post(URL + "/echo", data=b"x")

        for signal in (
            "on_request_start", "on_connection_create_start",
            "on_request_headers_sent", "on_request_chunk_sent",
            "on_request_end",
        ):
            try:
                await slow(signal)
            except TimeoutError:
                print(signal)
        for ways in ((never,), (between, never)):
            try:
                async with asyncio.timeout(0.1):
                    await session.get(URL, middlewares=ways)
            except TimeoutError:
                print("middleware")
        await session.get(URL)  # whose connection the next one has
        told.clear()
        try:
            async with asyncio.timeout(0.1):
                await session.get(URL + "/never")
        except TimeoutError:
            print(*told[-2:])
        async with session.get(URL) as response:
            print(response.status)
    """)
    script += """
def molotov_session(**options):
    from molotov.session import get_session
    return get_session(asyncio.get_running_loop(), None, **options)
"""
    assert run_well(molotov, STEPPED + script) == [
        "on_request_start",
        "on_connection_create_start",
        "on_request_headers_sent",
        "on_request_chunk_sent",
        "on_request_end",
        "middleware",
        "middleware",
        "on_request_headers_sent on_request_exception",
        "200",
    ]


def test_time_outs(molotov: Molotov) -> None:
    """The total is of the whole chain."""
    script = scenario("""
        async def twice(request, handler):
            await handler(request)
            return await handler(request)

        for path, more in (
            ("/never", {}), ("/delay/300", {"middlewares": [twice]}),
        ):
            try:
                await session.get(URL + path, timeout=0.4, **more)
            except TimeoutError as error:
                print(type(error).__name__)
        async with session.get(URL + "/delay/300", timeout=None) as r:
            print(r.status)
    """)
    assert run_well(molotov, STEPPED + script) == [
        "TimeoutError",
        "TimeoutError",
        "200",
    ]


def test_requests_are_counted(molotov: Molotov) -> None:
    """Each hop, and what middlewares send."""
    script = scenario("""
        async def twice(request, handler):
            await handler(request)
            return await handler(request)

        await session.get(URL + "/redirect/1", middlewares=[twice])
        await session.get(URL)
    """)
    result = molotov(STEPPED + script, "-r", "1", "-v")
    assert "  2  GET /redirect/{}  302" in result.lines, result


def test_connections_are_kept(molotov: Molotov) -> None:
    """Also over redirects, and over answers that nobody reads."""
    script = scenario("""
        for _ in range(3):
            async with session.get(URL + "/redirect/2") as response:
                await response.read()
        print(*sorted({n for n in told if "connection" in n}),
              told.count("on_connection_create_start"),
              told.count("on_connection_reuseconn"))
    """)
    assert run_well(molotov, STEPPED + script) == [
        "on_connection_create_end on_connection_create_start "
        "on_connection_reuseconn 1 8"
    ]


def test_times_of_a_connection(molotov: Molotov) -> None:
    """They are those when it happened, in their order."""
    script = scenario("""
        steps = []
        config = TraceConfig()
        for name in SIGNALS:
            async def tell(session, context, params):
                steps.append((type(params).__name__, params.at))
            getattr(config, name).append(tell)
        from molotov.session import get_session
        new = get_session(asyncio.get_running_loop(), None,
                          trace_configs=[config])
        began = time.monotonic()
        url = URL.replace("127.0.0.1", "localhost")
        async with new, new.get(url) as response:
            await response.read()
        ended = time.monotonic()
        times = [began] + [at for _, at in steps] + [ended]
        print(times == sorted(times), len(steps))
        end = dict(steps)["TraceDnsResolveHostEndParams"]
        print(end > dict(steps)["TraceDnsResolveHostStartParams"])
        print(dict(steps)["TraceConnectionCreateEndParams"] > end)
    """)
    assert run_well(molotov, STEPPED + script) == ["True 9", "True", "True"]


def test_one_that_is_never_awaited(molotov: Molotov) -> None:
    script = STEPPED + scenario("session.get(URL)")
    result = molotov(script, "-r", "1")
    assert (
        "coroutine 'ClientSession._request' was never awaited" in result.stderr
    )


def test_a_session_of_a_factory(molotov: Molotov) -> None:
    """The trace configuration that it is given can be used."""
    script = """
    from molotov.session import get_session

    @session_factory("traced")
    def make(loop, console, verbose, statsd, trace_config, **options):
        async def tell(session, context, params):
            print("told", trace_config.context is not None)
        trace_config.on_request_start.append(tell)
        return get_session(loop, console, trace_configs=[trace_config])

    @scenario()
    async def one(session, session_factory="traced"):
        async with session.get(URL) as response:
            print(response.status)
    """
    assert run_well(molotov, script) == ["told True", "200"]


def test_response_attributes(molotov: Molotov) -> None:
    script = STEPPED + scenario("""
        told.clear()
        async with session.get(URL + "/json") as response:
            print(await response.json(), await response.json())
            print(await response.text("latin1"), response.request)
        print(told.count("on_response_chunk_received"))
        async with session.get(URL + "/bytes/300000") as response:
            print(len(await response.content.read()))
        print(told.count("on_response_chunk_received"))
    """)
    assert run_well(molotov, script) == [
        "{'result': 'OK'} {'result': 'OK'}",
        '{"result": "OK"} None',
        "1",
        "300000",
        "1",
    ]


def test_what_listeners_see_of_a_body(molotov: Molotov) -> None:
    seen = """
    @events()
    async def listen(event, **info):
        if event == "sending_request":
            print(info["request"].body)
    """
    script = scenario("""
        await session.post(URL + "/echo", data=b"bytes")
        await session.post(URL + "/echo", data="text")
        await session.post(URL + "/echo", json=[1])
        await session.post(URL + "/echo", data={"a": "b"})
        await session.get(URL)
    """)
    plain = run_well(molotov, textwrap.dedent(seen) + script)
    stepped = run_well(molotov, STEPPED + textwrap.dedent(seen) + script)
    assert stepped == plain
    assert plain[0] == "b'bytes'"


class Redirecting(socketserver.StreamRequestHandler):
    """Answers one request a connection: to /end with what it was sent, to all
    else with a redirect there."""

    def handle(self) -> None:
        lines, size = [], 0
        while line := self.rfile.readline().strip():
            lines.append(line)
            name, _, value = line.partition(b": ")
            if name == b"Content-Length":
                size = int(value)
        self.rfile.read(size)
        path = lines[0].split()[1].decode()
        port = self.server.server_address[1]
        here = lines[1].split(b": ")[1].decode()
        if path == "/end":
            head = b"\n".join(sorted(lines)).replace(b"%d" % port, b"PORT")
            size = len(head)
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % size
            )
            self.wfile.write(b"Connection: close\r\n\r\n" + head)
            return
        status = path[1:4] if path[1:4].isdigit() else "302"
        host = f"localhost:{port}" if "away" in path else here
        self.wfile.write(
            f"HTTP/1.1 {status} x\r\nConnection: close\r\n"
            f"Location: http://{host}/end\r\n".encode()
        )
        if path == "/endless":
            self.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        elif path == "/short":
            self.wfile.write(b"Content-Length: 1000\r\n\r\nabc")
        else:
            self.wfile.write(b"Content-Length: 0\r\n\r\n")


@pytest.fixture
def redirecting() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(
        ("127.0.0.1", 0), Redirecting
    ) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/endless", "/short"])
def test_bodies_of_redirects(
    molotov: Molotov, redirecting: str, path: str
) -> None:
    """That cost a lot, or are cut off."""
    script = scenario(f"""
        async with session.get({redirecting + path!r}) as response:
            print(response.status, len(response.history))
    """)
    assert run_well(molotov, STEPPED + script) == ["200 1"]


def test_redirects_send_what_the_engines_do(
    molotov: Molotov, redirecting: str
) -> None:
    """The fields that go along, to the same origin and to another."""
    script = scenario(f"""
        headers = {{"Content-Type": "a/b", "X-A": "b", "Authorization": "c"}}
        for path in ("/302", "/307", "/302-away", "/307-away"):
            async with session.post(
                {redirecting!r} + path, data=b"x", headers=headers,
                cookies={{"d": "e"}},
            ) as response:
                print(path, await response.text())
    """)
    plain = run_well(molotov, script)
    assert "Authorization: c" in plain
    assert run_well(molotov, STEPPED + script) == plain


def test_an_answer_of_the_middlewares_own(molotov: Molotov) -> None:
    script = scenario("""
        class Mine:
            status = 200
            def release(self):
                print("released")

        async def instead(request, handler):
            return Mine()

        async with session.get(URL, middlewares=[instead]) as response:
            print(type(response).__name__, response.status)
    """)
    assert run_well(molotov, script) == ["Mine 200", "released"]


def test_a_request_outside_of_the_load(molotov: Molotov) -> None:
    script = """
    async def named(request, handler):
        request.headers["X-Named"] = "here"
        return await handler(request)

    def seen(**options):
        answer = json_request(URL + "/headers", **options)
        print(answer["content"]["headers"].get("X-Named"))

    @global_setup()
    def start(args):
        seen(session_options={"middlewares": [named]})
        seen(middlewares=[named])
        seen()
    """
    script = textwrap.dedent(script) + scenario("pass")
    lines = molotov(script, "-r", "1").lines
    assert [x for x in lines if x in ("here", "None")] == ["here"] * 2 + [
        "None"
    ]


def test_one_that_is_closed(molotov: Molotov) -> None:
    """Wherever it waits, nobody is told any more, who might wait too."""
    script = scenario("""
        from molotov.session import get_session
        config = TraceConfig()
        async def wait(session, context, params):
            await asyncio.sleep(0)
        for name in SIGNALS:
            getattr(config, name).append(wait)
        new = get_session(asyncio.get_running_loop(), None,
                          trace_configs=[config], middlewares=[between])
        for steps in range(1, 6):
            request = new.get(URL + "/never")
            for _ in range(steps):
                request.send(None)
            request.close()
        await new.close()
        print("closed")
    """)
    result = molotov(STEPPED + script, "-r", "1")
    assert (result.status, result.stderr) == (0, ""), result
    assert "closed" in result.lines

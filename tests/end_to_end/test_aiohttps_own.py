"""A script's own `aiohttp.ClientSession` in a load test: it works on the
engine's loop, nobody counts its requests, and that is said once."""

from pathlib import Path

import pytest
from commands import Molotov
from scripts import scenario

pytest.importorskip("aiohttp")

SAID = (
    "molotov: requests of a script's own aiohttp.ClientSession are sent, "
    "but not measured\n"
)
# A server of aiohttp's on the same loop, over TCP, or a Unix socket.
SERVER = """
import aiohttp
from aiohttp import web

async def echo(request):
    return web.Response(body=await request.read())

async def form(request):
    found = await request.post()
    return web.Response(text=found["file"].file.read().decode())

async def sockets(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(message.data.upper())
    return ws

async def serve(path=None):
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/echo", echo)
    app.router.add_post("/form", form)
    app.router.add_get("/ws", sockets)
    runner = web.AppRunner(app)
    await runner.setup()
    if path:
        await web.UnixSite(runner, path).start()
        return runner, "http://localhost"
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    return runner, f"http://localhost:{port}"
"""
ROWS = {
    "in turns with ours": """
        async with aiohttp.ClientSession() as other:
            for _ in range(3):
                async with other.get(URL, timeout=10) as theirs:
                    async with session.get(URL) as ours:
                        assert await theirs.json() == await ours.json()
    """,
    "TCP, and a name": """
        connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
        runner, url = await serve()
        async with aiohttp.ClientSession(connector=connector) as own:
            answers = await asyncio.gather(
                *(own.get(url + "/echo", data=str(n)) for n in range(20))
            )
            assert [await r.text() for r in answers] == [
                str(n) for n in range(20)
            ]
        await runner.cleanup()
    """,
    "Unix": """
        runner, url = await serve("socket")
        connector = aiohttp.UnixConnector("socket")
        async with aiohttp.ClientSession(connector=connector) as own:
            async with own.post(url + "/echo", data=b"abc") as response:
                assert await response.read() == b"abc"
        await runner.cleanup()
    """,
    "uploads": """
        async def pieces():
            for _ in range(200):
                yield b"x" * 50_000
                await asyncio.sleep(0)
        runner, url = await serve()
        async with aiohttp.ClientSession() as own:
            async with own.post(url + "/echo", data=pieces()) as response:
                size = 0
                async for chunk in response.content.iter_any():
                    size += len(chunk)
                assert size == 10_000_000
            data = aiohttp.FormData()
            data.add_field("file", b"abc" * 100_000, filename="f")
            async with own.post(url + "/form", data=data) as response:
                assert await response.text() == "abc" * 100_000
        await runner.cleanup()
    """,
    "WebSocket": """
        runner, url = await serve()
        async with aiohttp.ClientSession() as own:
            async with own.ws_connect(url + "/ws", heartbeat=10) as ws:
                for n in range(100):
                    await ws.send_str(f"a{n}")
                    assert await ws.receive_str() == f"A{n}"
        await runner.cleanup()
    """,
    "time-outs": """
        bound = aiohttp.ClientTimeout(total=0.05)
        async with aiohttp.ClientSession(timeout=bound) as own:
            try:
                await own.get(URL + "/never")
            except TimeoutError:
                pass
            else:
                raise AssertionError
    """,
}


@pytest.mark.parametrize("name", ROWS)
def test_it_works(molotov: Molotov, name: str) -> None:
    besides = "    assert (await session.get(URL)).status == 200\n"
    result = molotov(SERVER + scenario(ROWS[name]) + besides, "-r", "2")
    assert (result.status, result.stderr) == (0, SAID), result
    assert "SUCCESSES: 2 | FAILURES: 0" in result.lines[-2]


def test_it_works_over_tls(molotov: Molotov, tls: tuple[str, Path]) -> None:
    url, authority = tls
    script = "import aiohttp, ssl" + scenario(f"""
        context = ssl.create_default_context(cafile={str(authority)!r})
        async with aiohttp.ClientSession() as own:
            for _ in range(3):
                async with own.get({url!r}, ssl=context) as response:
                    assert response.status == 200
    """)
    result = molotov(script, "-r", "2", "-w", "2")
    assert (result.status, result.stderr) == (0, SAID), result
    assert "SUCCESSES: 4 | FAILURES: 0" in result.lines[-2]


OWN = """
    import aiohttp
    async with aiohttp.ClientSession() as own:
        async with own.get(URL + "/status/201") as response:
            assert response.status == 201
    async with session.get(URL + "/status/202") as response:
        assert response.status == 202
"""


def test_its_requests_are_not_counted(molotov: Molotov) -> None:
    result = molotov(scenario(OWN), "-r", "3", "-v")
    assert (result.status, result.stderr) == (0, SAID), result
    assert "  3  GET /status/{}  202" in result.lines


@pytest.mark.parametrize("arguments", [["-w", "5"], ["-p", "2"]])
def test_it_is_said_once(molotov: Molotov, arguments: list[str]) -> None:
    """Also where aiohttp is imported when the load runs."""
    result = molotov(scenario(OWN), "-r", "5", *arguments)
    assert (result.status, result.stderr) == (0, SAID), result


@pytest.mark.parametrize(
    "script",
    [
        "import aiohttp\n" + scenario("await session.get(URL)"),
        scenario("import aiohttp\nawait session.get(URL)"),
        # Before the load: nobody expects that to be measured.
        """
        @global_setup()
        def log_in(args):
            import aiohttp
            async def ask():
                async with aiohttp.ClientSession() as own:
                    await own.get(URL)
            asyncio.run(ask())

        @scenario()
        async def one(session):
            await session.get(URL)
        """,
    ],
)
def test_nothing_is_said_of_what_is_not_used(
    molotov: Molotov, script: str
) -> None:
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, ""), result


def test_a_quiet_load_test_does_not_say_it(molotov: Molotov) -> None:
    result = molotov(scenario(OWN), "-r", "1", "-q")
    assert (result.status, result.stdout, result.stderr) == (0, "", "")


def test_aiohttp_is_as_it_was(molotov: Molotov) -> None:
    """After the first request, and after a load test in one's own process."""
    script = """
        import aiohttp
        before = aiohttp.ClientSession._request

        @scenario()
        async def one(session):
            during = aiohttp.ClientSession._request
            assert during is not before
            assert during.__wrapped__ is before
            assert asyncio.iscoroutinefunction(during)
            async with aiohttp.ClientSession() as own:
                await own.get(URL)
            assert aiohttp.ClientSession._request is before
            aiohttp.ClientSession._request = "the script's"

        @global_teardown()
        def end():
            assert aiohttp.ClientSession._request == "the script's"
    """
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, SAID), result


def test_our_session_needs_no_aiohttp(molotov: Molotov) -> None:
    script = scenario("""
        await session.get(URL)
        assert "aiohttp" not in sys.modules
    """)
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, ""), result

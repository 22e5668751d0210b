"""`molotov.ClientSession` without a load test: under `asyncio.run()`, and on
any other loop."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Molotov

import molotov
from molotov.exceptions import ClientConnectorError, ClientResponseError


def asyncios_own() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop()


def uvloops() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop")
    loop = uvloop.new_event_loop()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    return loop


@pytest.fixture(params=[asyncios_own, uvloops])
def play(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Runs a coroutine in a loop of each kind."""

    def play(coroutine: Any) -> Any:
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(coroutine)

    return play


@pytest.fixture
def molotov_command(tmp_path: Path, target: str) -> Molotov:
    return Molotov(tmp_path, target)


def open_descriptors() -> set[tuple[str, str]]:
    """Their numbers, and what they are of."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that of the folder
            found.add((path.name, os.readlink(path)))
    return found


def test_a_get(target: str, play: Callable[[Any], Any]) -> None:
    async def main() -> None:
        async with molotov.ClientSession(headers={"X-One": "1"}) as session:
            assert session.loop is asyncio.get_running_loop()
            async with session.get(target + "/headers") as response:
                assert response.status == 200
                headers = (await response.json())["headers"]
            assert headers["X-One"] == "1"
        assert session.closed

    play(main())


def test_what_else_a_client_does(
    target: str, play: Callable[[Any], Any]
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for n in range(100):
            yield b"%d" % (n % 10) * 10_000
            await asyncio.sleep(0)

    async def main() -> None:
        named = target.replace("127.0.0.1", "localhost")
        async with molotov.ClientSession(raise_for_status=True) as session:
            async with session.post(target + "/echo", json=[1]) as response:
                assert await response.json() == [1]
            async with session.post(target + "/echo", data=pieces()) as sent:
                body = b"".join([c async for c in sent.content.iter_any()])
            assert len(body) == 1_000_000
            await session.get(named + "/cookies/set/a/b")
            async with session.get(named + "/cookies") as response:
                assert await response.json() == {"cookies": {"a": "b"}}
            with pytest.raises(ClientResponseError) as raised:
                await session.get(target + "/status/404")
            assert raised.value.status == 404
            with pytest.raises(ClientConnectorError):
                await session.get("http://127.0.0.1:1/")

    play(main())


def test_in_several_tasks(target: str, play: Callable[[Any], Any]) -> None:
    async def main() -> list[int]:
        async with (
            molotov.ClientSession() as session,
            asyncio.TaskGroup() as group,
        ):
            tasks = [
                group.create_task(session.get(f"{target}/status/{200 + n}"))
                for n in range(50)
            ]
        return [task.result().status for task in tasks]

    assert play(main()) == list(range(200, 250))


def test_bounds_of_its_own_and_of_asyncios(
    target: str, play: Callable[[Any], Any]
) -> None:
    async def main() -> None:
        never = target + "/never"
        async with molotov.ClientSession() as session:
            with pytest.raises(TimeoutError, match="no answer from"):
                await session.get(never, timeout=0.05)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.get(never), 0.05)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await session.get(never)
            async with session.get(target) as response:
                assert response.status == 200

    play(main())


def test_a_bound_begins_with_the_request(target: str) -> None:
    """Not with what the loop did before, which had not heard of it."""

    async def main() -> None:
        async with molotov.ClientSession() as session:
            await session.get(target)
            for _ in range(3):
                # Longer than the bound: it would be over before the request.
                time.sleep(0.06)
                asked = time.monotonic()
                with pytest.raises(TimeoutError):
                    await session.get(target + "/never", timeout=0.05)
                assert time.monotonic() - asked >= 0.05

    asyncio.run(main())


def test_cancelling_closes_the_connection(
    play: Callable[[Any], Any],
) -> None:
    async def main() -> None:
        asked, gone = asyncio.Event(), asyncio.Event()

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            assert await reader.read() == b""
            writer.close()
            gone.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, molotov.ClientSession() as session:

            async def ask() -> None:
                await session.get(f"http://127.0.0.1:{port}/")

            task = asyncio.create_task(ask())
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await gone.wait()

    play(main())


def test_closing_closes_the_connections(play: Callable[[Any], Any]) -> None:
    async def main() -> None:
        gone = asyncio.Event()

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            assert await reader.read() == b""
            writer.close()
            gone.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            async with molotov.ClientSession() as session:
                await session.get(f"http://127.0.0.1:{port}/")
                assert not gone.is_set()
            await gone.wait()

    play(main())


def test_nothing_is_left_behind(
    target: str, play: Callable[[Any], Any]
) -> None:
    async def main() -> None:
        async with molotov.ClientSession() as session:
            await asyncio.gather(*(session.get(target) for _ in range(20)))

    play(main())
    gc.collect()
    before = open_descriptors()
    for _ in range(5):
        play(main())
    gc.collect()
    # A thread of an earlier test may have closed one of its own meanwhile.
    assert open_descriptors() <= before


def test_a_loop_in_each_of_several_threads(target: str) -> None:
    seen = []

    async def main() -> None:
        async with molotov.ClientSession() as session:
            for _ in range(50):
                async with session.get(target) as response:
                    seen.append((await response.json())["result"])

    threads = [
        threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["OK"] * 200


def test_where_no_loop_runs() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        molotov.ClientSession()


def test_a_loop_that_is_given(target: str) -> None:
    loop = asyncio.new_event_loop()
    session = molotov.ClientSession(loop=loop)

    async def main() -> int:
        async with session, session.get(target) as response:
            return response.status

    assert loop.run_until_complete(main()) == 200
    loop.close()


def test_a_session_of_another_loop(target: str) -> None:
    """It is refused, as with aiohttp, and does not wait for ever."""

    async def make() -> molotov.ClientSession:
        return molotov.ClientSession()

    async def use(session: molotov.ClientSession) -> None:
        with pytest.raises(RuntimeError, match="attached to a different loop"):
            await session.get(target)
        await session.close()

    asyncio.run(use(asyncio.run(make())))


def test_a_session_that_is_closed(target: str) -> None:
    async def main() -> None:
        session = molotov.ClientSession()
        await session.close()
        assert session.closed
        with pytest.raises(RuntimeError, match="Session is closed"):
            await session.get(target)

    asyncio.run(main())


def test_a_session_that_nobody_closes() -> None:
    """Warns, and tells the loop, as aiohttp's does."""
    told = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context))
        session = molotov.ClientSession()
        with pytest.warns(ResourceWarning, match="Unclosed client session <"):
            del session

    asyncio.run(main())
    assert [context["message"] for context in told] == [
        "Unclosed client session"
    ]


def test_a_session_that_cannot_be_made_does_not_warn() -> None:
    async def main() -> None:
        with pytest.raises(TypeError):
            molotov.ClientSession(nonsense=1)  # type: ignore[call-arg]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(main())


def test_one_more_in_a_scenario(molotov_command: Molotov) -> None:
    """It is on the engine of the load test, and measured; no functions of
    `@events()` hear of it."""
    script = """
        @events()
        async def listen(event, **info):
            if event == "sending_request":
                print("told of", info["request"].url.path)

        @scenario()
        async def one(session):
            async with molotov.ClientSession(headers={"X-Mine": "yes"}) as own:
                async with own.get(URL + "/headers") as response:
                    print((await response.json())["headers"]["X-Mine"])
                async with asyncio.TaskGroup() as group:
                    for n in range(3):
                        group.create_task(own.get(URL + "/status/201"))
    """
    result = molotov_command(script, "-r", "1", "-v")
    assert (result.status, result.stderr) == (0, ""), result
    assert "yes" in result.lines
    assert "told of" not in result.stdout
    assert "  3  GET /status/{}  201" in result.lines, result


def test_one_more_that_a_scenario_does_not_close(
    molotov_command: Molotov,
) -> None:
    script = """
        @scenario()
        async def one(session):
            molotov.ClientSession()
    """
    result = molotov_command(script, "-r", "1")
    assert result.status == 0
    assert result.stderr.startswith("Unclosed client session\n")


def test_in_global_setup_before_a_fork(molotov_command: Molotov) -> None:
    script = """
        @global_setup()
        def log_in(args):
            async def ask():
                async with molotov.ClientSession() as session:
                    async with session.get(URL) as response:
                        set_var("status", response.status)
            asyncio.run(ask())

        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                assert response.status == get_var("status")
    """
    result = molotov_command(script, "-r", "2", "-p", "2")
    assert (result.status, result.stderr) == (0, ""), result
    assert "SUCCESSES: 4 | FAILURES: 0" in result.lines[-2]


def test_importing_molotov_imports_no_client() -> None:
    code = """if True:
        import sys, molotov
        assert "molotov.session" not in sys.modules
        assert "asyncio" not in sys.modules
        molotov.ClientSession
        assert "molotov.session" in sys.modules
        assert "aiohttp" not in sys.modules
        assert not hasattr(molotov, "nonsense")
    """
    subprocess.run([sys.executable, "-c", code], check=True)

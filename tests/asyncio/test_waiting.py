"""Waiting as asyncio has it, in the worker's own coroutine."""

import pytest

SCENARIO = """
    @scenario()
    async def one(session):
"""

# What a scenario does; what it prints; how many requests it makes. One that is
# cut off has a connection that another has left: it is sent at once, however
# busy the machine is.
ROWS = {
    "sleep": (
        """
        begun = time.monotonic()
        print(await asyncio.sleep(0.02, "slept"))
        assert time.monotonic() - begun >= 0.02
        await session.get(URL)
        """,
        ["slept"],
        1,
    ),
    "sleep(0)": (
        """
        for i in range(3):
            await asyncio.sleep(0)
            await session.get(URL)
        """,
        [],
        3,
    ),
    "gather of requests": (
        """
        answers = await asyncio.gather(*(session.get(URL) for _ in range(5)))
        print([answer.status for answer in answers])
        """,
        ["[200, 200, 200, 200, 200]"],
        5,
    ),
    "gather of one's own coroutines": (
        """
        async def child(n):
            async with session.get(URL + f"/status/{200 + n}") as response:
                return response.status
        print(await asyncio.gather(child(0), child(1), child(2)))
        """,
        ["[200, 201, 202]"],
        3,
    ),
    "gather with a failure": (
        """
        async def failing():
            await session.get(URL)
            raise KeyError("one")
        found = await asyncio.gather(
            failing(), session.get(URL), return_exceptions=True
        )
        print(repr(found[0]), found[1].status)
        """,
        ["KeyError('one') 200"],
        2,
    ),
    "as_completed": (
        """
        waits = [session.get(URL + f"/delay/{ms}") for ms in (400, 200, 1)]
        for first in asyncio.as_completed(waits):
            print(str((await first).url).rpartition("/")[2])
        """,
        ["1", "200", "400"],
        3,
    ),
    "wait": (
        """
        tasks = {asyncio.ensure_future(session.get(URL)),
                 asyncio.create_task(session.get(URL + "/never"))}
        done, pending = await asyncio.wait(
            tasks, return_when=asyncio.FIRST_COMPLETED
        )
        print(len(done), len(pending), done.pop().result().status)
        pending.pop().cancel()
        """,
        ["1 1 200"],
        2,
    ),
    "wait_for in time": (
        """
        answer = await asyncio.wait_for(session.get(URL), 10)
        print(answer.status)
        print(await asyncio.wait_for(answer.text(), 10))
        """,
        ["200", '{"result": "OK"}'],
        1,
    ),
    "wait_for too late": (
        """
        await session.get(URL)
        try:
            await asyncio.wait_for(session.get(URL + "/never"), 0.02)
        except TimeoutError as error:
            print(type(error) is asyncio.TimeoutError)
        print((await session.get(URL)).status)
        """,
        ["True", "200"],
        3,
    ),
    "timeout in time": (
        """
        async with asyncio.timeout(10) as timeout:
            print((await session.get(URL)).status, timeout.expired())
        """,
        ["200 False"],
        1,
    ),
    "timeout too late": (
        """
        await session.get(URL)
        try:
            async with asyncio.timeout(0.02) as timeout:
                async with session.get(URL + "/never"):
                    print("not reached")
        except TimeoutError:
            print("TimeoutError", timeout.expired())
        print(asyncio.current_task().cancelling())
        print((await session.get(URL)).status)
        """,
        ["TimeoutError True", "0", "200"],
        3,
    ),
    "timeout while reading": (
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as timeout:
                async with session.get(URL + "/slow/1000/1000") as response:
                    print(response.status)
                    timeout.reschedule(loop.time() + 0.02)
                    await response.read()
        except TimeoutError:
            print("TimeoutError")
        print((await session.get(URL)).status)
        """,
        ["200", "TimeoutError", "200"],
        2,
    ),
    "timeouts in each other": (
        """
        await session.get(URL)
        try:
            async with asyncio.timeout(10):
                try:
                    async with asyncio.timeout(0.02):
                        await session.get(URL + "/never")
                except TimeoutError:
                    print("inner")
                await session.get(URL)
        except TimeoutError:
            print("outer")
        """,
        ["inner"],
        3,
    ),
    "timeout_at and reschedule": (
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(0.01) as timeout:
            timeout.reschedule(loop.time() + 10)
            await session.get(URL + "/delay/40")
        try:
            async with asyncio.timeout_at(loop.time() - 1):
                await session.get(URL + "/never")
        except TimeoutError:
            print("at once")
        """,
        ["at once"],
        None,  # cancelled before, or just after, it was sent
    ),
    "shield": (
        """
        released = asyncio.Event()
        async def serve(reader, writer):
            await reader.readuntil(b"\\r\\n\\r\\n")
            await released.wait()
            writer.write(b"HTTP/1.1 204 None\\r\\n\\r\\n")
            writer.close()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        kept = asyncio.create_task(session.get(f"http://127.0.0.1:{port}/"))
        try:
            await asyncio.wait_for(asyncio.shield(kept), 0.01)
        except TimeoutError:
            print("went on", kept.done())
        released.set()
        print((await kept).status)
        server.close()
        """,
        ["went on False", "204"],
        0,
    ),
    "call_later": (
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(0.02, future.set_result, "later")
        loop.call_soon(print, "soon")
        print(await future)
        await session.get(URL)
        """,
        ["soon", "later"],
        1,
    ),
    "a cancelled call_later": (
        """
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, print, "not called").cancel()
        await asyncio.sleep(0.03)
        """,
        [],
        0,
    ),
    "a future that fails": (
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(future.set_exception, KeyError("one"))
        try:
            await future
        except KeyError as error:
            print(repr(error))
        """,
        ["KeyError('one')"],
        0,
    ),
    "a future that is cancelled": (
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(future.cancel)
        try:
            await future
        except asyncio.CancelledError:
            print("cancelled", asyncio.current_task().cancelling())
        await session.get(URL)
        """,
        ["cancelled 0"],
        1,
    ),
    "async generator": (
        """
        async def statuses():
            try:
                for status in (200, 201, 202):
                    async with session.get(URL + f"/status/{status}") as r:
                        yield r.status
            finally:
                await session.get(URL)
                print("closed")
        async for status in statuses():
            print(status)
        generator = statuses()
        print(await anext(generator))
        await generator.aclose()
        print([status async for status in statuses()])
        """,
        [
            *("200", "201", "202", "closed", "200", "closed"),
            *("closed", "[200, 201, 202]"),
        ],
        10,
    ),
    "what cannot be awaited": (
        """
        class Odd:
            def __await__(self):
                yield 5
        try:
            await Odd()
        except RuntimeError as error:
            print(error)
        await session.get(URL)
        """,
        ["Task got bad yield: 5"],
        1,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_waiting(play, name: str) -> None:
    body, printed, requests = ROWS[name]
    played = play(SCENARIO + body)
    assert played.printed == printed, played
    expected = played.requests if requests is None else requests
    played.assert_well(runs=1, requests=expected)


@pytest.mark.parametrize("how", ["wait_for", "timeout"])
def test_a_request_that_times_out_closes_its_connection(play, how: str) -> None:
    wait = {
        "wait_for": "await asyncio.wait_for(session.get(url), 0.02)",
        "timeout": "async with asyncio.timeout(0.02): await session.get(url)",
    }[how]
    script = f"""
        async def silent_at_last(reader, writer):
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(b"HTTP/1.1 204 None\\r\\n\\r\\n")
            while await reader.read(1000):
                asked.set()
            print("closed by the client")
            writer.close()
            closed.set()

        @scenario()
        async def one(session):
            global asked, closed
            asked, closed = asyncio.Event(), asyncio.Event()
            server = await asyncio.start_server(
                silent_at_last, "127.0.0.1", 0
            )
            port = server.sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{{port}}/"
            await session.get(url)
            try:
                {wait}
            except TimeoutError:
                print("TimeoutError")
            await closed.wait()
            assert asked.is_set()
            server.close()
    """
    played = play(script, "-r", "2")
    assert played.printed == ["TimeoutError", "closed by the client"] * 2
    played.assert_well(runs=2, requests=0)

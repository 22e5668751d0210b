"""Long runs do not grow, and leave nothing open."""

import sys

import pytest

MEASURED = """
        import gc
        from pathlib import Path

        def resident():
            gc.collect()
            status = Path("/proc/self/status").read_text()
            return int(status.split("VmRSS:")[1].split()[0])

        def descriptors():
            return len(os.listdir("/proc/self/fd"))

        def references():
            return getattr(sys, "gettotalrefcount", int)()

        seen = []
        runs = 0

        @scenario()
        async def one(session):
            global runs
            await do(session)
            runs += 1
            if runs in (RUNS // 3, RUNS * 2 // 3, RUNS):
                seen.append((resident(), descriptors(), references()))

        @global_teardown()
        def end():
            print("grew by", seen[2][0] - seen[0][0], "KiB and",
                  seen[2][1] - seen[0][1], "descriptors")
            print("more references:", seen[1][2] - seen[0][2])
"""

# What a run does, and how many there are.
ROWS = {
    "requests": ("await session.get(URL)", 100_000),
    "read and parsed": (
        """
            async with session.get(URL, headers={"A": "b"}) as response:
                await response.json()
                response.headers
        """,
        9_000,
    ),
    "told of": (
        """
            from molotov.session import get_eventer
            get_eventer(session)
            async with session.get(URL) as response:
                assert response.request.headers
        """,
        9_000,
    ),
    "told to listeners": (
        """
            from molotov.session import get_eventer

            async def listen(event, **info):
                await asyncio.sleep(0)

            eventer = get_eventer(session)
            if not eventer:
                eventer.add_listener(listen)
                eventer.add_listener(listen)
            async with session.get(URL) as response:
                assert response.request.headers
        """,
        9_000,
    ),
    "told of, in a circle": (
        """
            from molotov.session import get_eventer
            get_eventer(session)
            async with session.get(URL) as response:
                response.request.response = response
                assert response.request.url
        """,
        9_000,
    ),
    "waiting for a connection": (
        """
            from molotov import ClientSession, TCPConnector
            async with ClientSession(connector=TCPConnector(limit=1)) as own:
                tasks = [asyncio.ensure_future(own.get(URL + "/never"))]
                await asyncio.sleep(0)
                for _ in range(20):
                    tasks.append(asyncio.ensure_future(own.get(URL)))
                await asyncio.sleep(0)
                for task in reversed(tasks):
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                assert all(task.cancelled() for task in tasks)
                await own.get(URL)
                assert own.connector._counts == (0, 1)
        """,
        900,
    ),
    "a connector's own names and sockets": (
        """
            import socket
            from molotov import ClientSession, TCPConnector

            class Resolver:
                async def resolve(self, host, port, family):
                    await asyncio.sleep(0)
                    if host == "unknown":
                        raise OSError("unknown")
                    return [{"host": "127.0.0.1", "port": port}]

            connector = TCPConnector(
                resolver=Resolver(), socket_factory=lambda i: socket.socket()
            )
            port = URL.rpartition(":")[2]
            async with ClientSession(connector=connector) as own:
                await own.get(f"http://known:{port}/")
                try:
                    await own.get(f"http://unknown:{port}/")
                except OSError:
                    pass
        """,
        900,
    ),
    "announced": ("await session.get(URL)", 9_000),
    "uploads": (
        """
            async def pieces():
                yield b"x" * 1000
                await asyncio.sleep(0)
                yield b"y"

            file = open(__file__, "rb")
            async with session.post(URL, data=file) as response:
                await response.read()
            async with session.post(URL, data=pieces()) as response:
                await response.read()
            assert file.closed
        """,
        3_000,
    ),
    "uploads given up": (
        """
            async def pieces():
                yield b"x"
                await asyncio.sleep(3600)

            task = asyncio.create_task(upload(session, pieces()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
        """,
        3_000,
    ),
    "traced, with middlewares": (
        """
            async with session.get(URL + "/redirect/1") as response:
                await response.json()
                response.history
            async with session.post(
                URL + "/echo", data=b"x", middlewares=[between, between]
            ) as response:
                await response.read()
            try:
                await session.get(URL + "/reset")
            except Exception:
                pass
            try:
                async with asyncio.timeout(0.001):
                    await session.get(URL + "/never")
            except TimeoutError:
                pass
        """,
        4_500,
    ),
    "multipart answers": (
        """
            from molotov.client import MultipartReader, MultipartWriter
            with MultipartWriter() as writer:
                writer.append(b"x" * 1000)
                writer.append("text")
            async with session.post(URL + "/echo", data=writer) as response:
                reader = MultipartReader.from_response(response)
                await reader.next()
                await (await reader.next()).text()
        """,
        3_000,
    ),
    "children": ("await asyncio.create_task(session.get(URL))", 9_000),
    "never started": ("session.get(URL)", 30_000),
    "abandoned": (
        """
            coroutine = wait(session)
            coroutine.send(None)
            coroutine.close()
        """,
        3_000,
    ),
    "abandoned and sent": (
        """
            task = asyncio.create_task(wait(session))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            del task
        """,
        3_000,
    ),
    "timed out": (
        """
            try:
                async with asyncio.timeout(0.001):
                    await wait(session)
            except TimeoutError:
                pass
        """,
        1_500,
    ),
    "raising": (
        """
            try:
                await session.get(URL + "/reset")
            except Exception:
                pass
        """,
        3_000,
    ),
}


# What a script has beside.
BESIDE = {
    "announced": """
        @events()
        async def listen(event, **info):
            if "wid" in info:
                await asyncio.sleep(0)
    """,
    "traced, with middlewares": """
        from molotov.client import TraceConfig

        async def between(request, handler):
            return await handler(request)

        async def told(session, context, params):
            context.last = params

        @setup()
        async def traced(worker_id, args):
            config = TraceConfig()
            for name, signal in vars(config).items():
                if name.startswith("on_"):
                    signal.append(told)
            return {"trace_configs": [config], "middlewares": [between]}
    """,
}


def measured(name: str) -> str:
    code, runs = ROWS[name]
    script = f"""
        RUNS = {runs}

        async def wait(session):
            await session.get(URL + "/never")

        async def upload(session, data):
            await session.post(URL + "/never", data=data)

        async def do(session):
            {code}
    """
    return script + BESIDE.get(name, "") + MEASURED


@pytest.mark.parametrize("name", ROWS)
def test_runs_do_not_grow(
    molotov, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    runs = ROWS[name][1]
    workers = 20
    result = molotov(
        measured(name), "-w", str(workers), "-r", str(runs // workers)
    )
    assert (result.status, result.stderr) == (0, ""), result
    line = next(x for x in result.lines if x.startswith("grew by"))
    _, _, kib, _, _, descriptors, _ = line.split()
    assert int(kib) < 1500, line
    assert int(descriptors) <= workers, line


@pytest.mark.skipif(
    not hasattr(sys, "gettotalrefcount"),
    reason="only a debug build of CPython counts all references",
)
@pytest.mark.parametrize("name", ROWS)
def test_references_do_not_grow(molotov, name: str) -> None:
    """Also of objects that never go, such as None: they take no memory.

    One worker: no other is then in the middle of a run at times.
    """
    runs = ROWS[name][1]
    result = molotov(measured(name), "-r", str(runs))
    assert (result.status, result.stderr) == (0, ""), result
    line = next(x for x in result.lines if x.startswith("more references:"))
    # Not one in five runs.
    assert int(line.split()[-1]) < runs / 3 / 5, line


def test_nothing_is_left_open(molotov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    script = """
        @setup()
        async def init(worker_id, args):
            asyncio.get_running_loop().slow_callback_duration = 3600

        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                await response.text()
            await session.get(URL)
            await asyncio.gather(session.get(URL), session.get(URL))
            try:
                async with asyncio.timeout(0.01):
                    await session.get(URL + "/never")
            except TimeoutError:
                pass
            await asyncio.to_thread(time.sleep, 0)
    """
    result = molotov(script, "-w", "5", "-r", "5")
    assert (result.status, result.stderr) == (0, ""), result

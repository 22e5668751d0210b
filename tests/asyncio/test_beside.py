"""What is not the engine's runs beside it: threads, processes, sockets, and
libraries with connections of their own."""

import pytest

SCENARIO = """
    @scenario()
    async def one(session):
"""

ROWS = {
    "to_thread": (
        """
        import contextvars, threading
        variable = contextvars.ContextVar("variable")
        variable.set("seen")
        def blocking():
            time.sleep(0.02)
            return threading.current_thread() is not main, variable.get()
        main = threading.current_thread()
        thread = asyncio.create_task(asyncio.to_thread(blocking))
        await session.get(URL)
        print(await thread)
        print(await asyncio.to_thread(blocking))
        """,
        ["(True, 'seen')", "(True, 'seen')"],
        1,
    ),
    "run_in_executor": (
        """
        loop = asyncio.get_running_loop()
        print(await loop.run_in_executor(None, sum, [1, 2, 3]))
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            waits = [loop.run_in_executor(pool, str, n) for n in range(4)]
            print(await asyncio.gather(*waits, session.get(URL)) != [])
        """,
        ["6", "True"],
        1,
    ),
    "call_soon_threadsafe": (
        """
        import threading
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        threading.Timer(
            0.02, loop.call_soon_threadsafe, (future.set_result, "called")
        ).start()
        print(await future)
        """,
        ["called"],
        0,
    ),
    "run_coroutine_threadsafe": (
        """
        loop = asyncio.get_running_loop()
        def thread():
            wait = asyncio.run_coroutine_threadsafe(child(), loop)
            return wait.result(10)
        async def child():
            return (await session.get(URL)).status
        print(await asyncio.to_thread(thread))
        """,
        ["200"],
        1,
    ),
    "open_connection": (
        """
        host, port = URL.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n"
                     b"Connection: close\\r\\n\\r\\n")
        await writer.drain()
        await session.get(URL)
        answer = await reader.read()
        print(answer.split(b"\\r\\n")[0].decode())
        writer.close()
        await writer.wait_closed()
        """,
        ["HTTP/1.1 200 OK"],
        2,
    ),
    "start_server": (
        """
        async def serve(reader, writer):
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(
                b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"
            )
            await writer.drain()
            writer.close()
        async with await asyncio.start_server(serve, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            for _ in range(3):
                async with session.get(f"http://127.0.0.1:{port}") as response:
                    print(await response.text())
        """,
        ["hi", "hi", "hi"],
        0,
    ),
    "sock_connect": (
        """
        import socket
        host, port = URL.removeprefix("http://").split(":")
        loop = asyncio.get_running_loop()
        with socket.socket() as raw:
            raw.setblocking(False)
            await loop.sock_connect(raw, (host, int(port)))
            await loop.sock_sendall(raw, b"GET / HTTP/1.0\\r\\n\\r\\n")
            print((await loop.sock_recv(raw, 1000))[:8])
        """,
        ["b'HTTP/1.1'"],
        1,
    ),
    "add_reader": (
        """
        loop = asyncio.get_running_loop()
        reader, writer = os.pipe()
        future = loop.create_future()
        loop.add_reader(reader, lambda: future.done() or future.set_result(1))
        loop.call_later(0.01, os.write, writer, b"x")
        print(await future, loop.remove_reader(reader))
        os.close(reader)
        os.close(writer)
        """,
        ["1 True"],
        0,
    ),
    "create_subprocess_exec": (
        """
        process = await asyncio.create_subprocess_exec(
            "cat", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate(b"through cat")
        await session.get(URL)
        print(out.decode(), process.returncode)
        process = await asyncio.create_subprocess_shell("exit 3")
        print(await process.wait())
        """,
        ["through cat 0", "3"],
        1,
    ),
    "signal handlers": (
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, future.set_result, "USR1")
        os.kill(os.getpid(), signal.SIGUSR1)
        print(await future)
        print(loop.remove_signal_handler(signal.SIGUSR1))
        """,
        ["USR1", "True"],
        0,
    ),
    "anyio": (
        """
        import anyio
        async with anyio.create_task_group() as group:
            group.start_soon(child, session)
            group.start_soon(child, session)
        with anyio.move_on_after(0.02) as scope:
            await session.get(URL + "/never")
        print("moved on", scope.cancelled_caught)
        with anyio.fail_after(10):
            await session.get(URL)
        try:
            with anyio.fail_after(0.02):
                await anyio.sleep(10)
        except TimeoutError:
            print("TimeoutError")
        print(await anyio.to_thread.run_sync(sum, [1, 2]))
        send, receive = anyio.create_memory_object_stream(1)
        async with send, receive, anyio.create_task_group() as group:
            group.start_soon(send.send, "sent")
            print(await receive.receive())
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(session.get, URL + "/never")
                raise KeyError("one")
        except* KeyError:
            print("KeyError")

    async def child(session):
        import anyio
        await anyio.sleep(0.01)
        async with session.get(URL) as response:
            print(response.status)
        """,
        [
            *("200", "200", "moved on True", "TimeoutError"),
            *("3", "sent", "KeyError"),
        ],
        None,  # that beside the KeyError may not be sent
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_beside(play, name: str) -> None:
    if name == "anyio":
        pytest.importorskip(name)
    body, printed, requests = ROWS[name]
    played = play(SCENARIO + body)
    assert played.printed == printed, played
    expected = played.requests if requests is None else requests
    played.assert_well(runs=1, requests=expected)

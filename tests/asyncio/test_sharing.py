"""Workers that wait for each other, and take turns."""

import pytest

# Name: script; arguments; what is printed; runs; requests.
ROWS = {
    "Queue": (
        """
        queue = asyncio.Queue(1)

        @scenario_picker()
        def pick(worker_id, step):
            return ["put", "take"][worker_id]

        @scenario()
        async def put(session):
            async with session.get(URL) as response:
                await queue.put(response.status)

        @scenario()
        async def take(session):
            print(await queue.get())
            queue.task_done()
        """,
        ("-w", "2", "-r", "3"),
        ["200"] * 3,
        6,
        3,
    ),
    "Lock": (
        """
        lock = asyncio.Lock()
        holders = []

        @scenario()
        async def one(session):
            async with lock:
                holders.append(session)
                await session.get(URL)
                await asyncio.sleep(0)
                assert holders == [session]
                holders.clear()
        """,
        ("-w", "10", "-r", "5"),
        [],
        50,
        50,
    ),
    "Semaphore": (
        """
        semaphore = asyncio.Semaphore(3)
        inside = set()

        @scenario()
        async def one(session):
            async with semaphore:
                inside.add(session)
                await session.get(URL)
                assert len(inside) <= 3
                inside.remove(session)
        """,
        ("-w", "10", "-r", "5"),
        [],
        50,
        50,
    ),
    "Event": (
        """
        event = asyncio.Event()
        waiting = []

        @scenario()
        async def one(session):
            waiting.append(session)
            if len(waiting) == 5:
                await session.get(URL)
                event.set()
            await event.wait()
            print("on")
        """,
        ("-w", "5", "-r", "1"),
        ["on"] * 5,
        5,
        1,
    ),
    "Condition": (
        """
        condition = asyncio.Condition()
        arrived = []

        @scenario()
        async def one(session):
            async with condition:
                arrived.append(session)
                condition.notify_all()
                await condition.wait_for(lambda: len(arrived) == 5)
            await session.get(URL)
        """,
        ("-w", "5", "-r", "1"),
        [],
        5,
        5,
    ),
    "Barrier": (
        """
        barrier = asyncio.Barrier(5)

        @scenario()
        async def one(session):
            async with barrier:
                await session.get(URL)
        """,
        ("-w", "5", "-r", "3"),
        [],
        15,
        15,
    ),
    "one future": (
        """
        futures = []

        @scenario()
        async def one(session):
            loop = asyncio.get_running_loop()
            if not futures:
                futures.append(loop.create_future())
                loop.call_later(0.05, futures[0].set_result, "for both")
            print(await futures[0])
        """,
        ("-w", "2", "-r", "1"),
        ["for both"] * 2,
        2,
        0,
    ),
    "one task": (
        """
        tasks = []

        @scenario()
        async def one(session):
            if not tasks:
                request = session.get(URL + "/delay/50")
                tasks.append(asyncio.create_task(request))
            print((await asyncio.shield(tasks[0])).status)
        """,
        ("-w", "3", "-r", "1"),
        ["200"] * 3,
        3,
        1,
    ),
    "one worker cancels what another waits for": (
        """
        workers = []

        @scenario()
        async def one(session):
            await session.get(URL)  # whose connection the next one has
            workers.append(asyncio.current_task())
            if len(workers) == 2:
                workers[0].cancel()
                return
            try:
                await session.get(URL + "/never")
            except asyncio.CancelledError:
                print("cancelled", asyncio.current_task().uncancel())
            print((await session.get(URL)).status)
        """,
        ("-w", "2", "-r", "1"),
        ["cancelled 0", "200"],
        2,
        4,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_sharing(play, name: str) -> None:
    script, arguments, printed, runs, requests = ROWS[name]
    played = play(script, *arguments)
    assert played.printed == printed, played
    played.assert_well(runs=runs, requests=requests)


GREEDY = {
    "returns at once": "pass",
    "sleeps for no time": "while not finished: await asyncio.sleep(0)",
    "awaits what is there": """
            done = asyncio.get_running_loop().create_future()
            done.set_result(1)
            while not finished:
                await done
                await asyncio.sleep(0)
    """,
    "awaits children": """
            while not finished:
                await asyncio.create_task(asyncio.sleep(0))
    """,
    "fails at once": "session._no_such_method()",
}


@pytest.mark.parametrize("name", GREEDY)
def test_the_greedy_leave_the_others_their_turns(play, name: str) -> None:
    script = f"""
        finished = []

        @scenario_picker()
        def pick(worker_id, step):
            return ["modest", "greedy"][worker_id > 0]

        @scenario()
        async def modest(session):
            for _ in range(10):
                await session.get(URL)
                await asyncio.sleep(0.001)
                await asyncio.to_thread(time.sleep, 0.001)
                async with asyncio.timeout(10):
                    await asyncio.create_task(session.get(URL))
            finished.append(1)
            print("finished")
            os.kill(os.getpid(), signal.SIGTERM)

        @scenario()
        async def greedy(session):
            {GREEDY[name]}
    """
    played = play(script, "-w", "3", "-d", "60")
    assert "finished" in played.printed
    assert (played.status, played.requests) == (0, 20)

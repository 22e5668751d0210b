"""Child tasks with requests in them, and the worker as the current task."""

import sys

import pytest

SCENARIO = """
    @scenario()
    async def one(session):
"""

# What a scenario does; what it prints; how many requests it makes. One that is
# cut off has a connection that another has left: see test_waiting.py.
ROWS = {
    "create_task": (
        """
        async def child():
            async with session.get(URL) as response:
                return (await response.json())["result"]
        task = asyncio.create_task(child(), name="child")
        await session.get(URL)
        print(await task, task.get_name())
        """,
        ["OK child"],
        2,
    ),
    "create_task of a request": (
        """
        task = asyncio.create_task(session.get(URL))
        other = asyncio.ensure_future(session.get(URL + "/status/404"))
        print((await task).status, (await other).status)
        """,
        ["200 404"],
        2,
    ),
    "a request that fails in a child": (
        """
        task = asyncio.create_task(session.get(URL + "/reset"))
        try:
            await task
        except Exception as error:
            print(task.exception() is error)
        await session.get(URL)
        """,
        ["True"],
        None,  # a reset request may be repeated
    ),
    "a cancelled child": (
        """
        await session.get(URL)
        task = asyncio.create_task(session.get(URL + "/never"))
        await asyncio.sleep(0.01)
        task.cancel("enough")
        try:
            await task
        except asyncio.CancelledError as error:
            print(repr(error), task.cancelled())
        await session.get(URL)
        """,
        ["CancelledError('enough') True"],
        3,
    ),
    "TaskGroup": (
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(session.get(URL)) for _ in range(3)]
        print([task.result().status for task in tasks])
        """,
        ["[200, 200, 200]"],
        3,
    ),
    "TaskGroup whose child fails": (
        """
        async def failing():
            await session.get(URL)
            raise KeyError("one")
        async def endless():
            try:
                await session.get(URL + "/never")
            except asyncio.CancelledError:
                print("cancelled")
                raise
        await asyncio.gather(*(session.get(URL) for _ in range(3)))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(failing())
                group.create_task(endless())
                await session.get(URL + "/never")
        except* KeyError as errors:
            print(repr(errors.exceptions))
        print(asyncio.current_task().cancelling())
        await session.get(URL)
        """,
        ["cancelled", "(KeyError('one'),)", "0"],
        7,
    ),
    "TaskGroup in a timeout": (
        """
        await asyncio.gather(session.get(URL), session.get(URL))
        try:
            async with asyncio.timeout(0.02):
                async with asyncio.TaskGroup() as group:
                    group.create_task(session.get(URL + "/never"))
                    group.create_task(session.get(URL + "/never"))
        except TimeoutError:
            print("TimeoutError")
        await session.get(URL)
        """,
        ["TimeoutError"],
        5,
    ),
    "current_task": (
        """
        import weakref
        task = asyncio.current_task()
        assert task in {task: 1}
        assert weakref.ref(task)() is task
        assert task in asyncio.all_tasks()
        assert asyncio.isfuture(task)
        assert task.get_loop() is asyncio.get_running_loop()
        print(task.get_name(), task.done(), task.cancelled())
        print(task.get_coro().__name__, task.cancelling())
        await session.get(URL)
        assert asyncio.current_task() is task
        await asyncio.create_task(asyncio.sleep(0))
        assert asyncio.current_task() is task
        task.set_name("mine")
        print(task.get_name())
        try:
            task.result()
        except asyncio.InvalidStateError:
            print("not done")
        """,
        ["worker-0 False False", "one 0", "mine", "not done"],
        1,
    ),
    "a child's own current_task": (
        """
        async def child():
            await session.get(URL)
            return asyncio.current_task()
        task = asyncio.create_task(child())
        assert await task is task is not asyncio.current_task()
        """,
        [],
        1,
    ),
    "cancel from a child, and uncancel": (
        """
        task = asyncio.current_task()
        async def child():
            task.cancel("by the child")
        asyncio.create_task(child())
        try:
            await session.get(URL + "/never")
        except asyncio.CancelledError as error:
            print(error, task.cancelling(), task.uncancel())
        print((await session.get(URL)).status)
        """,
        ["by the child 1 0", "200"],
        None,  # /never may be cancelled before it is sent
    ),
    "cancel oneself, and catch it": (
        """
        asyncio.current_task().cancel()
        try:
            await session.get(URL + "/never")
        except asyncio.CancelledError:
            print("cancelled", asyncio.current_task().uncancel())
        print((await session.get(URL)).status)
        """,
        ["cancelled 0", "200"],
        None,
    ),
    "context variables": (
        """
        import contextvars
        variable = contextvars.ContextVar("variable", default="none")
        async def child():
            before = variable.get()
            variable.set("child's")
            await session.get(URL)
            return before, variable.get()
        variable.set("worker's")
        await session.get(URL)
        print(*await asyncio.create_task(child()), variable.get())
        """,
        ["worker's child's worker's"],
        2,
    ),
    "the exit of a task group in a generator": (
        """
        import contextlib
        @contextlib.asynccontextmanager
        async def group():
            async with asyncio.TaskGroup() as group:
                yield group
        async with group() as g:
            g.create_task(session.get(URL))
        """,
        [],
        1,
    ),
}

EAGER = {
    "an eager child": (
        """
        async def child():
            assert asyncio.current_task() is not worker
            async with session.get(URL) as response:
                assert asyncio.current_task() is not worker
                return await response.text()
        worker = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(child())
        assert asyncio.current_task() is worker
        print((await session.get(URL)).status, await task)
        """,
        ['200 {"result": "OK"}'],
        2,
    ),
    "an eager child that is not waited for": (
        """
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        tasks = [asyncio.create_task(session.get(URL)) for _ in range(3)]
        future = loop.create_future()
        loop.call_later(0.05, future.set_result, "later")
        print(await future, [(await task).status for task in tasks])
        """,
        ["later [200, 200, 200]"],
        3,
    ),
    "eager children in a group": (
        """
        asyncio.get_running_loop().set_task_factory(
            asyncio.eager_task_factory
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(session.get(URL)) for _ in range(3)]
            print((await session.get(URL)).status)
        print([task.result().status for task in tasks])
        """,
        ["200", "[200, 200, 200]"],
        4,
    ),
}
if sys.version_info >= (3, 12):
    ROWS |= EAGER


@pytest.mark.parametrize("name", ROWS)
def test_tasks(play, name: str) -> None:
    body, printed, requests = ROWS[name]
    played = play(SCENARIO + body)
    assert played.printed == printed, played
    expected = played.requests if requests is None else requests
    played.assert_well(runs=1, requests=expected)


# Before 3.14 the current task is an entry of a dict, and the engine writes it
# there; from 3.14 on it is set by a function, which some earlier ones have too.
BY_A_FUNCTION = """
    from molotov import _asyncio_internals as internals

    def swap_current_task(loop, task):
        tasks = asyncio.tasks._current_tasks
        previous = tasks.pop(loop, None)
        if task is not None:
            tasks[loop] = task
        return previous

    swap = internals.swap_current_task or swap_current_task
    swapped = set()

    def swap_and_note(loop, task):
        swapped.add(task is None)
        return swap(loop, task)

    internals.current_tasks = None
    internals.swap_current_task = swap_and_note

    @global_teardown()
    def end():
        print("set and taken back" if len(swapped) == 2 else swapped)
"""


@pytest.mark.parametrize("name", ROWS)
def test_tasks_where_a_function_sets_the_current_one(play, name: str) -> None:
    body, printed, requests = ROWS[name]
    played = play(BY_A_FUNCTION + SCENARIO + body)
    assert played.printed == [*printed, "set and taken back"], played
    expected = played.requests if requests is None else requests
    played.assert_well(runs=1, requests=expected)


def test_a_workers_context_is_its_own_from_setup_on(play) -> None:
    script = """
        import contextvars
        variable = contextvars.ContextVar("variable", default="none")

        @setup()
        async def init(worker_id, args):
            assert variable.get() == "none"
            variable.set(f"worker {worker_id}")

        @scenario()
        async def one(session):
            await session.get(URL)
            print(variable.get(), getattr(session, "seen", 0))
            session.seen = variable.get()
            variable.set(variable.get() + "!")

        @teardown()
        def end(worker_id):
            assert variable.get() == f"worker {worker_id}!!"
    """
    played = play(script, "-w", "2", "-r", "2")
    assert sorted(played.printed) == [
        "worker 0 0",
        "worker 0! worker 0",
        "worker 1 0",
        "worker 1! worker 1",
    ]
    played.assert_well(runs=4, requests=4)


def test_done_callbacks_are_called_when_the_worker_has_ended(play) -> None:
    script = """
        def on_done(task):
            print("done", task.done(), task.get_name(), task.cancel())

        @scenario()
        async def one(session):
            task = asyncio.current_task()
            task.add_done_callback(on_done)
            task.add_done_callback(print)
            assert task.remove_done_callback(print) == 1

        @teardown()
        def end(worker_id):
            print("teardown")
    """
    played = play(script)
    assert played.printed == ["teardown", "done True worker-0 False"]


def test_a_workers_end_can_be_waited_for(play) -> None:
    script = """
        workers = []

        async def wait():
            await asyncio.wait(workers[:1])
            await workers[0]
            print("ended", workers[0].result())

        @scenario()
        async def one(session):
            workers.append(asyncio.current_task())
            if len(workers) == 2:
                await wait()
            else:
                await session.get(URL + "/delay/50")

        @teardown()
        def end(worker_id):
            print("teardown", worker_id)
    """
    played = play(script, "-w", "2", "-r", "1")
    assert played.printed == ["teardown 0", "ended None", "teardown 1"]
    played.assert_well(runs=2, requests=1)


def test_a_request_sent_to_by_hand_wakes_nobody(play) -> None:
    script = """
        kept = []

        @scenario()
        async def one(session):
            request = session.get(URL)
            request.send(None)
            kept.append(request)
            future = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(
                0.05, future.set_result, "later"
            )
            print(await future, (await request).status)
            session.get(URL).send(None)
    """
    played = play(script, "-r", "3")
    assert played.printed == ["later 200"] * 3
    assert played.successes == 3


def test_children_outlive_their_run(play) -> None:
    script = """
        tasks = []

        async def child(session):
            await asyncio.sleep(0.05)
            return (await session.get(URL)).status

        @scenario()
        async def one(session):
            tasks.append(asyncio.create_task(child(session)))
            if len(tasks) == 3:
                print(await asyncio.gather(*tasks))
    """
    played = play(script, "-r", "3")
    assert played.printed == ["[200, 200, 200]"]
    played.assert_well(runs=3, requests=3)


def test_a_session_is_closed_for_children_that_outlive_their_worker(
    play,
) -> None:
    script = """
        async def child(session):
            while not session.closed:
                await asyncio.sleep(0)
            try:
                await session.get(URL)
            except RuntimeError as error:
                print(error)

        @scenario()
        async def first(session):
            tasks.append(asyncio.create_task(child(session)))

        @scenario_picker()
        def pick(worker_id, step):
            return ["first", "last"][worker_id]

        @scenario()
        async def last(session):
            while not tasks:
                await asyncio.sleep(0)
            await tasks[0]

        tasks = []
    """
    played = play(script, "-w", "2", "-r", "1")
    assert played.printed == ["Session is closed"]
    played.assert_well(runs=2, requests=0)

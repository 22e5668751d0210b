"""The one place that knows asyncio's private names.

The engine is the selector of a stock ``asyncio.SelectorEventLoop``, and steps
workers by itself: it must say which task is current, and look at the loop's
``_ready``, ``_scheduled`` and ``_stopping`` to know when asyncio wants the
thread. These names differ between the versions of Python; tests hold each of
them.
"""

import asyncio
import asyncio.log
import selectors
import sys
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molotov._engine import Engine

register_task: Callable[[Any], None] = asyncio.tasks._register_task
unregister_task: Callable[[Any], None] = asyncio.tasks._unregister_task

# How a task is made the current one: up to 3.13 by an entry of a dict, which
# the engine writes itself, since a call of Python's for each step would cost
# more than all else that it does; after that by a function (loop, task).
current_tasks: dict[Any, Any] | None = (
    getattr(asyncio.tasks, "_current_tasks")  # noqa: B009
    if sys.version_info < (3, 14)
    else None
)
swap_current_task: Callable[[Any, Any], Any] | None = getattr(
    asyncio.tasks, "_swap_current_task", None
)


format_coroutine: Callable[[Any], str] = getattr(
    asyncio.coroutines, "_format_coroutine", repr
)


def tell_slow_step(loop: Any, coroutine: Any, seconds: float) -> None:
    """Names a step of a worker that blocked the others, as asyncio would."""
    if seconds >= loop.slow_callback_duration:
        asyncio.log.logger.warning(
            "Executing %s took %.3f seconds",
            format_coroutine(coroutine),
            seconds,
        )


def wait_for_worker(worker: Any) -> Generator[Any, None, None]:
    """What `await` of a worker's task waits for: the worker's end."""
    future = worker.get_loop().create_future()

    def on_done(_: Any) -> None:
        if not future.done():
            future.set_result(None)

    worker.add_done_callback(on_done)
    yield from future


class EngineSelector(selectors.BaseSelector):
    """The engine as the selector of an asyncio loop."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if fd in self._keys:
            raise KeyError(f"{fileobj!r} (FD {fd}) is already registered")
        self.engine.watch(fd, events)
        key = selectors.SelectorKey(fileobj, fd, events, data)
        self._keys[fd] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._keys.pop(self._fd_of(fileobj))
        self.engine.unwatch(key.fd)
        return key

    def modify(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        key = self._keys[self._fd_of(fileobj)]
        if events != key.events:
            self.engine.watch(key.fd, events)
        key = key._replace(events=events, data=data)
        self._keys[key.fd] = key
        return key

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        keys = self._keys
        return [
            (keys[fd], events & keys[fd].events)
            for fd, events in self.engine.select(timeout)
            if fd in keys
        ]

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys[self._fd_of(fileobj)]

    def close(self) -> None:
        for key in list(self._keys.values()):
            self.unregister(key.fileobj)

    def _fd_of(self, fileobj: Any) -> int:
        if isinstance(fileobj, int):
            return fileobj
        try:
            fd: int = fileobj.fileno()
        except ValueError:
            fd = -1
        if fd < 0:  # closed by now: found by what it was
            for key in self._keys.values():
                if key.fileobj is fileobj:
                    return key.fd
        return fd


def engine_of(loop: Any) -> "Engine | None":
    """That of a loop that runs on one."""
    selector = getattr(loop, "_selector", None)
    return selector.engine if isinstance(selector, EngineSelector) else None


def new_event_loop(engine: "Engine") -> asyncio.SelectorEventLoop:
    """A stock asyncio loop on the engine."""
    loop = asyncio.SelectorEventLoop(EngineSelector(engine))
    engine.bind(loop)
    return loop

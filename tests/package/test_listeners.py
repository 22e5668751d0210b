"""EventSender: who is told of an event, and what becomes of its errors."""

import asyncio
import gc
import types
import weakref
from collections.abc import Generator
from typing import Any

import pytest

from molotov.listeners import EventSender, Listener


class Printed(list[str]):
    """Stands for the console."""

    def print_error(self, error: BaseException) -> None:
        self.append(repr(error))


class Told:
    """A listener, and what it does once it was told."""

    def __init__(self, does: Any = None) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._does = does

    def __call__(self, event: str, **info: Any) -> Any:
        self.events.append((event, info))
        return self._does() if self._does is not None else None


def send(*listeners: Listener, **info: Any) -> Printed:
    printed = Printed()

    async def tell() -> None:
        sender = EventSender(printed, listeners)
        assert await sender.send_event("happened", **info) is None

    asyncio.run(tell())
    return printed


async def wait() -> None:
    await asyncio.sleep(0)


@types.coroutine
def of_a_generator() -> Generator[Any, None, None]:
    yield from asyncio.sleep(0).__await__()


class Awaitable:
    def __await__(self) -> Generator[Any, None, None]:
        return wait().__await__()


@pytest.mark.parametrize(
    "does",
    [None, wait, of_a_generator, Awaitable],
    ids=["plain", "coroutine", "generator", "awaitable"],
)
def test_what_listeners_may_be(does: Any) -> None:
    first, second = Told(does), Told(does)
    assert send(first, second, one=1, two="2") == []
    assert first.events == [("happened", {"one": 1, "two": "2"})]
    assert second.events == first.events


def test_one_after_the_other() -> None:
    order = []

    async def slow(event: str) -> None:
        await asyncio.sleep(0)
        order.append("slow")

    async def quick(event: str) -> None:
        order.append("quick")

    send(slow, quick)
    assert order == ["slow", "quick"]


def test_made_with_keywords() -> None:
    told = Told()
    sender = EventSender(console=Printed(), listeners=iter([told]))
    with pytest.raises(StopIteration):
        sender.send_event("happened").send(None)
    assert told.events == [("happened", {})]


def test_nobody_is_told_before_it_is_awaited() -> None:
    told = Told()
    EventSender(Printed(), [told]).send_event("happened").close()
    assert told.events == []


def test_one_event_and_no_more() -> None:
    sender: Any = EventSender(Printed())
    with pytest.raises(TypeError, match="takes an event"):
        sender.send_event()
    with pytest.raises(TypeError, match="takes an event"):
        sender.send_event("one", "two")


async def raise_at_once() -> None:
    raise ValueError("no")


async def raise_later() -> None:
    await asyncio.sleep(0)
    raise ValueError("no")


def raise_in_the_call() -> None:
    raise ValueError("no")


@pytest.mark.parametrize(
    "does", [raise_at_once, raise_later, raise_in_the_call]
)
def test_an_error_is_printed_and_the_others_are_told(does: Any) -> None:
    told = Told()
    assert send(Told(does), told) == ["ValueError('no')"]
    assert len(told.events) == 1


def test_what_cannot_be_awaited() -> None:
    told = Told()
    assert send(Told(lambda: 5), Told(lambda: iter(())), told) == [
        repr(TypeError(f"object {name} can't be used in 'await' expression"))
        for name in ("int", "tuple_iterator")
    ]
    assert len(told.events) == 1


async def leave() -> None:
    await asyncio.sleep(0)
    raise SystemExit(3)


def test_sys_exit_passes() -> None:
    with pytest.raises(SystemExit):
        send(Told(leave))


def test_an_error_that_cannot_be_printed_passes() -> None:
    class Broken:
        def print_error(self, error: BaseException) -> None:
            raise OSError("no console") from error

    async def tell() -> None:
        await EventSender(Broken(), [Told(raise_later)]).send_event("happened")

    with pytest.raises(OSError, match="no console"):
        asyncio.run(tell())


def test_a_listener_added_while_others_are_told() -> None:
    late = Told()

    async def tell() -> None:
        sender = EventSender(Printed())

        def add() -> None:
            sender.add_listener(late)

        assert not sender
        sender.add_listener(Told(add))
        assert sender
        await sender.send_event("happened")

    asyncio.run(tell())
    assert late.events == [("happened", {})]


def cancel_while_told(listener: Listener) -> tuple[Printed, Told, bool]:
    """What is printed, who comes next, and whether it was cancelled."""
    printed, after = Printed(), Told()

    async def tell() -> bool:
        sender = EventSender(printed, [listener, after])
        task = asyncio.create_task(sender.send_event("happened"))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return True
        return False

    return printed, after, asyncio.run(tell())


def test_cancelling() -> None:
    async def listener(event: str) -> None:
        await asyncio.sleep(300)

    printed, after, cancelled = cancel_while_told(listener)
    assert (printed, after.events, cancelled) == ([], [], True)


def test_a_listener_that_is_not_cancelled() -> None:
    async def listener(event: str) -> None:
        try:
            await asyncio.sleep(300)
        except asyncio.CancelledError:
            await asyncio.sleep(0)

    printed, after, cancelled = cancel_while_told(listener)
    assert (printed, len(after.events), cancelled) == ([], 1, False)


def test_a_listener_that_raises_when_cancelled() -> None:
    async def listener(event: str) -> None:
        try:
            await asyncio.sleep(300)
        except asyncio.CancelledError:
            raise ValueError("not now") from None

    printed, after, cancelled = cancel_while_told(listener)
    assert printed == ["ValueError('not now')"]
    assert (len(after.events), cancelled) == (1, False)


def test_closing_ends_the_listener() -> None:
    ended = []

    async def listener(event: str) -> None:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(event)

    after = Told()
    telling = EventSender(Printed(), [listener, after]).send_event("happened")
    telling.send(None)
    telling.close()
    assert ended == ["happened"]
    with pytest.raises(StopIteration):
        telling.send(None)
    assert after.events == []


def test_it_can_be_collected() -> None:
    sender = EventSender(Printed())
    told = Told()
    sender.add_listener(told)
    vars(told)["sender"] = sender
    gone = weakref.ref(told)
    del sender, told
    gc.collect()
    assert gone() is None

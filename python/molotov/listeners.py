"""Who hears of what happens while the load runs: the functions of `@events()`,
and listeners of one session."""

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from molotov import _engine

if TYPE_CHECKING:
    from molotov.console import Console

Listener = Callable[..., Awaitable[Any] | None]
"""Called as ``listener(event, **info)``; what it returns is awaited."""


class ErrorPrinter(Protocol):
    """The part of the console that is needed here."""

    def print_error(self, error: BaseException) -> None: ...


class BaseListener:
    """A listener to inherit from, whose methods ``on_<event>(**info)`` are
    called, coroutines or plain functions; events for which it has none are
    passed over."""

    async def __call__(self, event: str, **info: Any) -> None:
        handler = getattr(self, f"on_{event}", None)
        if handler is None:
            return
        answer = handler(**info)
        if inspect.isawaitable(answer):
            await answer


class EventSender(_engine.EventSender):
    """Tells listeners of events, one listener after the other, in line with the
    load. What one raises is printed, and the others are told all the same."""

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def add_listener(self, listener: Listener) -> None:
        """Has it told of all events from now on, behind those that are.

        :param listener: a :class:`BaseListener`, or any function.
        """
        self._listeners.append(listener)


def verbose_listeners(
    console: "Console", verbose: int, show_secrets: bool = False
) -> list[Listener]:
    """Who prints the requests of a session; nobody below -vv."""
    if verbose < 2:
        return []
    from molotov.dumps import VerboseListener

    return [VerboseListener(console, show_secrets=show_secrets)]

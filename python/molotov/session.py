"""What a scenario is given: an HTTP client with aiohttp's interface."""

from typing import TYPE_CHECKING, Any

from molotov import _engine
from molotov._request import session_options
from molotov.console import Console
from molotov.context import get_context
from molotov.listeners import EventSender

if TYPE_CHECKING:
    from collections.abc import Iterable

    from molotov.context import Context
    from molotov.listeners import ErrorPrinter, Listener

__all__ = ["ClientSession", "get_context", "get_eventer"]


class ClientSession(_engine.Session):
    """The session of a worker. Scripts may set any attributes on it."""

    console: Console | None = None
    context: "Context | None" = None
    statsd: Any = None
    _eventer: EventSender | None = None

    def __init__(self, engine: _engine.Engine, **options: Any) -> None:
        native, ours = session_options(**options)
        super().__init__(engine, **native)
        self._fields = ours.fields
        self._json_serialize = ours.json_serialize
        self._raise_for_status = ours.raise_for_status

    def _listen(
        self, printer: "ErrorPrinter", listeners: "Iterable[Listener]"
    ) -> None:
        """Has listeners told of each request from now on, in this order. What
        they raise goes to the printer."""
        self._eventer = EventSender(printer, listeners)
        self._observed = bool(self._eventer)

    def print(self, text: Any) -> None:
        """Prints lines on the console, with no other line between them."""
        if self.console is None:
            print(text)
            return
        self.console.print_text(text)


def get_eventer(session: Any) -> EventSender | None:
    """Where listeners of one session are added, with ``add_listener(obj)``.

    :returns: None for what is no HTTP session of Molotov's.
    """
    if not isinstance(session, ClientSession):
        return None
    if session._eventer is None:
        console = Console(quiet=False, several_processes=False)
        session._listen(session.console or console, [])
    # Who asks is about to add one.
    session._observed = True
    return session._eventer

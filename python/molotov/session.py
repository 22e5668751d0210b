"""What a scenario is given: an HTTP client with aiohttp's interface."""

from typing import TYPE_CHECKING, Any

from molotov import _engine
from molotov._asyncio_internals import engine_of
from molotov._request import session_options
from molotov.console import Console
from molotov.context import Context, get_context
from molotov.listeners import EventSender, verbose_listeners
from molotov.session_kinds import HTTP, make_session

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from molotov.listeners import ErrorPrinter, Listener

__all__ = ["ClientSession", "get_context", "get_eventer", "get_session"]


class ClientSession(_engine.Session):
    """The session of a worker. Scripts may set any attributes on it."""

    console: Console | None = None
    context: Context | None = None
    statsd: Any = None
    _eventer: EventSender | None = None

    def __init__(self, engine: _engine.Engine, **options: Any) -> None:
        native, ours = session_options(**options)
        super().__init__(engine, **native)
        self._fields = ours.fields
        self._json_serialize = ours.json_serialize
        self._raise_for_status = ours.raise_for_status

    def _belong_to(self, console: Console | None, context: Context) -> None:
        self.console = console
        self.context = context
        self.statsd = context.statsd

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
        self.console.print(text)


def get_session(
    loop: "asyncio.AbstractEventLoop",
    console: Console | None,
    verbose: int = 0,
    statsd: Any = None,
    kind: str = HTTP,
    **options: Any,
) -> Any:
    """A session like those that workers have, for whoever wants one more. Who
    asks for it closes it.

    Its context has no ``args``, ``worker_id`` and ``step``, and the functions
    of ``@events()`` do not hear of its requests.

    :param loop: the one that the load test runs in.
    :param console: where it prints: another session's ``console``, or None.
    :param verbose: from 2 on, its requests and responses are printed.
    :param kind: of a session factory, if it is not to be one for HTTP.
    :param options: keywords for the session, such as ``headers``.
    :raises RuntimeError: for any other loop.
    """
    engine = engine_of(loop)
    if engine is None:
        raise RuntimeError("get_session() needs the loop of a load test")
    printer = console or _a_console()
    context = Context(None, statsd, None, None)  # type: ignore[arg-type]

    def make_http(**options: Any) -> ClientSession:
        session = ClientSession(engine, **options)
        session._belong_to(console, context)
        session._listen(printer, verbose_listeners(printer, verbose))
        return session

    return make_session(
        kind, make_http, loop, console, verbose, context, options
    )


def get_eventer(session: Any) -> EventSender | None:
    """Where listeners of one session are added, with ``add_listener(obj)``.

    :returns: None for what is no HTTP session of Molotov's.
    """
    if not isinstance(session, ClientSession):
        return None
    if session._eventer is None:
        session._listen(session.console or _a_console(), [])
    # Who asks is about to add one.
    session._observed = True
    return session._eventer


def _a_console() -> Console:
    """For a session that was given none."""
    return Console(quiet=False, several_processes=False)

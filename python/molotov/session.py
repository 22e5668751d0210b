"""What a scenario is given: an HTTP client with aiohttp's interface."""

import asyncio
import warnings
from typing import TYPE_CHECKING, Any, Never, Unpack

from molotov._engine import Request, Response
from molotov._guest import engine_for
from molotov._response import Hop, RequestInfo
from molotov.client.session_attributes import SessionAttributes
from molotov.client.session_options import session_options
from molotov.client.streams import StreamReader
from molotov.console import Console
from molotov.context import Context, get_context
from molotov.keywords import (
    RequestOptions,
    SessionOptions,
    WebSocketConnectOptions,
)
from molotov.listeners import EventSender, verbose_listeners
from molotov.session_kinds import HTTP, make_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yarl import URL

    from molotov.client.websocket import WebSocketConnecting
    from molotov.listeners import ErrorPrinter, Listener
    from molotov.statsd import Statsd

__all__ = [
    "ClientSession",
    "Hop",
    "Request",
    "RequestInfo",
    "RequestOptions",
    "Response",
    "SessionOptions",
    "StreamReader",
    "WebSocketConnectOptions",
    "get_context",
    "get_eventer",
    "get_session",
]


class ClientSession(SessionAttributes):
    """A client: its connections and cookies. A scenario is given one, that of
    its worker, and need not close it. Others are made in code that runs in a
    loop, of a load test or not, and are closed by ``async with`` or
    ``close()``. Scripts may set any attributes on it.

    :param loop: the one that it is used in: the running one, if not given.
    :param options: those of :class:`SessionOptions`.
    :raises RuntimeError: where no loop runs.
    """

    console: Console | None = None
    """Where it prints; None: on stdout."""
    context: Context | None = None
    """As :func:`molotov.get_context` returns it."""
    statsd: "Statsd | None" = None
    """The statsd client; None without ``--statsd``."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What a script has set."""

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __init__(
        self,
        base_url: "str | URL | None" = None,
        /,
        *,
        loop: "asyncio.AbstractEventLoop | None" = None,
        **options: Unpack[SessionOptions],
    ) -> None:
        if base_url is not None:
            options["base_url"] = base_url
        native, ours = session_options(**options)
        loop = loop or asyncio.get_running_loop()
        connector = None
        if ours.connector is not None:
            from molotov.client.connector import connector_for

            connector = connector_for(ours.connector, loop)
        engine = engine_for(loop)
        super().__init__(engine, **native)
        self._engine = engine
        self._take_up(ours)
        if connector is not None:
            self._use_connector(connector, ours.connector_owner)

    def __del__(self, _warnings: Any = warnings) -> None:
        if self.closed or self._is_a_workers():
            return
        _warnings.warn(
            f"Unclosed client session {self!r}", ResourceWarning, source=self
        )
        self.loop.call_exception_handler(
            {"client_session": self, "message": "Unclosed client session"}
        )

    def __enter__(self) -> Never:
        raise TypeError("Use async with instead")

    def __exit__(self, *exception: object) -> None:
        """Never called: ``with`` needs it."""

    def _is_a_workers(self) -> bool:
        return self.context is not None and self.context._worker is not None

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

    def ws_connect(
        self, url: "str | URL", **options: Unpack[WebSocketConnectOptions]
    ) -> "WebSocketConnecting":
        """Opens a WebSocket, to ``await`` or to ``async with``.

        :param url: absolute, of ``ws``, ``wss``, ``http`` or ``https``.
        :param options: keywords, those of :class:`WebSocketConnectOptions`.
        :returns: what gives the :class:`ClientWebSocketResponse`.
        :raises WSServerHandshakeError: when it is awaited and the server opens
            none.
        :raises ClientError: when it is awaited: as of a request.
        """
        from molotov.client.websocket import WebSocketConnecting

        return WebSocketConnecting(self, url, dict(options))

    def print(self, text: Any) -> None:
        """Prints lines on the console, with no other line between them.

        :param text: whatever there is, as ``str()`` has it.
        """
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

    :param loop: the one that it is used in, of a load test or not.
    :param console: where it prints: another session's ``console``, or None.
    :param verbose: from 2 on, its requests and responses are printed.
    :param statsd: the client for its ``statsd``.
    :param kind: of a session factory, if it is not to be one for HTTP.
    :param options: keywords for the session, such as ``headers``.
    :returns: a :class:`ClientSession`, or what the session factory made.
    """
    printer = console or _a_console()
    context = Context(None, statsd, None, None)  # type: ignore[arg-type]

    def make_http(**options: Any) -> ClientSession:
        session = ClientSession(loop=loop, **options)
        session._belong_to(console, context)
        session._listen(printer, verbose_listeners(printer, verbose))
        return session

    return make_session(
        kind, make_http, loop, console, verbose, context, options
    )


def get_eventer(session: Any) -> EventSender | None:
    """Where listeners of one session are added, with ``add_listener(obj)``.

    :param session: that of a worker, or of :func:`get_session`.
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

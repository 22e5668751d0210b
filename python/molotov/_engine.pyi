"""The native engine, as Python sees it. Not for users: `molotov` is."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Sequence,
)
from http.cookies import SimpleCookie
from ssl import SSLContext
from typing import Any, Literal, Protocol, Self, Unpack, final, type_check_only

from multidict import CIMultiDictProxy, MultiDictProxy
from typing_extensions import disjoint_base
from yarl import URL

from molotov import listeners
from molotov._response import (
    ContentDisposition,
    Hop,
    RequestInfo,
    ResponseConnection,
)
from molotov.client.http_version import HttpVersion
from molotov.client.streams import StreamReader
from molotov.keywords import RequestOptions
from molotov.listeners import ErrorPrinter, Listener
from molotov.session import ClientSession

# Failures of a kind that are printed; the rest is counted.
FAILURES_SHOWN: int

def count_check(name: str, passed: bool, /) -> None:
    """Counts where this process does; nowhere outside of a run. So do all
    three that follow."""

def count_step(
    name: str,
    outcome: Literal["succeeded", "failed", "cancelled"],
    nanoseconds: int,
    /,
) -> None: ...
def count_amount(name: str, n: int, /) -> None: ...
def count_value(name: str, value: float, unit: str, /) -> None:
    """A finite one."""

@final
class Board:
    """The shared memory in which this process counts (metrics/board.h)."""

    def __new__(cls, fd: int) -> Self: ...
    @classmethod
    def create(cls, processes: int) -> Board:
        """A new one, for a run without a supervisor."""
    @property
    def processes(self) -> int: ...
    @property
    def workers_running(self) -> int:
        """Of all processes together."""
    def attach(self, index: int) -> None:
        """Makes part `index` this process' own, and writes its pid there."""
    def set_phase(self, phase: str) -> None:
        """One of "starting", "preparing", "running", "ending", "finished"."""
    def request_stop(self, level: int) -> None:
        """1: no new runs; 2: cancel those in progress. All processes."""
    def stop_level(self) -> int: ...
    def stop_after_failure(self) -> None:
        """As request_stop(1), remembering that something had failed."""
    def count_failure(self, key: str) -> int:
        """Counts a failed run of this kind, all processes together.

        Returns how many there were before.
        """
    def add(self, counter: str, more: int = 1) -> None:
        """Adds to one of this process' counters: "setups_failed",
        "session_setups_failed", "teardowns_failed"."""
    def set_script_exit(self, code: int) -> None: ...
    def script_exit(self) -> int | None: ...
    def report_exit(self, index: int, wait_status: int) -> None:
        """How the process of part `index` ended, as os.waitpid gives it."""
    def totals(self) -> dict[str, int]:
        """What all processes have counted: "workers_started",
        "workers_running", "workers_died", "runs_succeeded", "runs_failed",
        "runs_cancelled", "setups_failed", "session_setups_failed"."""
    def too_many_failed(self, allowed: int | None, on_any: bool, /) -> bool:
        """Whether as many runs have failed as --fail says, or any where
        --fail-on-any says so."""

@final
class RunMonitor:
    """Follows a run by its board, and tells what came of it
    (metrics/run_monitor.h).

    :param thresholds: what it is judged by.
    :param abort_after: seconds after which a crossed one is a reason to stop;
        None: it is none.
    :raises ValueError: of several lines, where a threshold is none.
    """

    def __new__(
        cls, board: Board, thresholds: list[str], abort_after: float | None
    ) -> Self: ...
    def look(self) -> None:
        """To be called a few times a second."""
    def finish(self) -> None:
        """Takes up what is left, once the processes have ended."""
    def reason_to_stop(self) -> str | None:
        """A line that says why the run is to stop, once."""
    def any_crossed(self) -> bool:
        """Whether the run, now over, does not satisfy a threshold."""
    def summary(
        self,
        sizing: Sizing | None,
        workers: bool,
        endpoints: bool,
        results: bool,
        only_results: bool,
        /,
    ) -> list[str]:
        """The last lines of a run (report/summary.h); whether they tell of
        the workers, of how the requests of the busiest endpoints ended, and
        have the tables of results; or whether these are all of them.
        What finish() has judged is among them."""
    def write_report(self, path: str, /) -> None:
        """The report as JSON. Raises an OSError that names the path."""

@final
class Sizing:
    """Decides when autosizing ends (metrics/sizing.h); it begins now."""

    def __new__(cls, board: Board, tolerance: float) -> Self: ...
    def observe(self) -> bool:
        """To be called a few times a second; whether it is to end."""
    def verdict(self) -> dict[str, Any]:
        """ "reached" (a bool), "error_ratio" (in percent), "minute_succeeded",
        "minute_failed"."""

@disjoint_base
class EventSender:
    """What ``molotov.listeners.EventSender`` extends: there it is told."""

    _listeners: list[Listener]
    def __new__(
        cls, console: ErrorPrinter, listeners: Iterable[Listener] = ()
    ) -> Self: ...
    def send_event(
        self, event: str, /, **info: Any
    ) -> Coroutine[Any, Any, None]:
        """Tells each listener, once it is awaited.

        :param event: its name.
        :param info: what listeners are given as keywords.
        """

@final
class AnnouncedScenario:
    """A scenario of whose runs listeners hear: ``scenario_start``,
    ``scenario_success`` and ``scenario_failure``."""

    def __new__(
        cls,
        engine: Engine,
        func: Callable[..., Coroutine[Any, Any, Any]],
        record: dict[str, Any],
        events: EventSender,
        /,
    ) -> Self: ...
    def __call__(self, session: Any, /) -> Coroutine[Any, Any, None]:
        """A run, for a worker to step."""

@final
class SslClient:
    """TLS as an ``ssl.SSLContext`` speaks it, which this does not keep."""

    def __new__(cls, context: SSLContext, /) -> Self: ...

@final
class BodyWriter:
    """Where a request's body is written to while it is sent."""

    def __new__(cls, engine: Engine, size_bytes: int | None, /) -> Self: ...
    def write(self, chunk: bytes, /) -> Awaitable[None]:
        """Queues it; to be awaited, so that the server can keep up. Raises
        ClientConnectionResetError once nothing is sent any more."""
    def drain(self) -> Awaitable[None]:
        """Waits until there is room again."""
    @property
    def _written(self) -> int: ...
    @property
    def _sent(self) -> int: ...
    def _end(self) -> None: ...
    def _fail(self, exception: BaseException, /) -> None:
        """The request raises that."""
    def _set_task(self, task: asyncio.Task[None], /) -> None:
        """Who writes: cancelled when nothing is sent any more."""

@disjoint_base
class Connector:
    """The native half of a connector; ``molotov.client.connector`` extends
    it."""

    def __init__(
        self,
        engine: Engine,
        limit: int,
        limit_per_host: int,
        force_close: bool,
        keep_alive: float | None,
        network: tuple[Any, ...] | None,
    ) -> None: ...
    @property
    def closed(self) -> bool:
        """Whether ``close()`` was called."""
    # How many connections are in use, and how many idle.
    @property
    def _counts(self) -> tuple[int, int]: ...
    def _close(self) -> None: ...
    def _forget_names(self, host: str | None, port: int, /) -> None: ...
    def _answer(
        self, number: int, found: list[tuple[str, int]] | Exception, /
    ) -> None:
        """What came of looking a name up."""

@disjoint_base
class CookieJar:
    """A native cookie jar; ``molotov.client.cookie_jar`` extends it."""

    def __init__(
        self,
        unsafe: bool = False,
        quote_cookie: bool = True,
        secure_origins: tuple[str, ...] = (),
    ) -> None: ...
    def _store(self, set_cookie: str, url: str, /) -> bool: ...
    # name, value, domain, path, expires, host_only, secure, http_only
    def _put(
        self,
        name: str,
        value: str,
        domain: str,
        path: str,
        expires: float | None,
        host_only: bool,
        secure: bool,
        http_only: bool,
        /,
    ) -> None: ...
    def _all(
        self,
    ) -> list[tuple[str, str, str, str, float | None, bool, bool, bool]]: ...
    def _matching(
        self, url: str, /
    ) -> list[tuple[str, str, str, str, float | None, bool, bool, bool]]: ...
    def _remove(self, name: str, domain: str, path: str, /) -> None: ...
    def _clear(self) -> None: ...

@disjoint_base
class Session:
    """The native HTTP session; `molotov.session.ClientSession` extends it."""

    def __init__(
        self,
        engine: Engine,
        *,
        fields: tuple[bytes, bytes, bytes, bytes],
        timeout: tuple[float, float, float, float],
        cookies: dict[str, str],
        raise_for_status: bool,
        reading: tuple[bool, int, int, int, int, bool, int],
        requotes: bool,
        route: tuple[Any, ...] | bytes | None,
        security: tuple[bool | SslClient, bytes, bytes] | None,
    ) -> None: ...
    def get(self, url: str | URL, **options: Unpack[RequestOptions]) -> Request:
        """A GET: as :meth:`request`."""
    def head(
        self, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """A HEAD: as :meth:`request`."""
    def options(
        self, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """An OPTIONS: as :meth:`request`."""
    def post(
        self, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """A POST: as :meth:`request`."""
    def put(self, url: str | URL, **options: Unpack[RequestOptions]) -> Request:
        """A PUT: as :meth:`request`."""
    def patch(
        self, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """A PATCH: as :meth:`request`."""
    def delete(
        self, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """A DELETE: as :meth:`request`."""
    def request(
        self, method: str, url: str | URL, **options: Unpack[RequestOptions]
    ) -> Request:
        """A request, to ``await`` or to ``async with``; nothing is sent before.

        :param method: in any case.
        :param url: absolute, of ``http`` or ``https``.
        :param options: keywords, those of :class:`RequestOptions`.
        :returns: what gives the :class:`Response` once its head is there.
        :raises ClientError: when it is awaited: no connection, no answer, or
            a bad one; which one of its kinds says what.
        :raises TimeoutError: when it is awaited and takes too long.
        :raises TypeError: for a keyword that is none.
        """
    def close(self) -> Awaitable[None]:
        """Ends its connections. Molotov does so for the sessions of workers."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exception: Any) -> None: ...
    @property
    def closed(self) -> bool:
        """Whether it was closed: there are no more requests then."""
    # None until there is one. Its listeners are told of each request that is
    # made while the session is observed.
    @property
    def _eventer(self) -> listeners.EventSender | None: ...
    @_eventer.setter
    def _eventer(self, eventer: listeners.EventSender) -> None: ...
    _observed: bool
    _plain_json: bool
    # An answer's charset, where that is not said.
    _asks_charset: bool
    # Python is asked what each request means.
    _prepares: bool
    # Relative URLs, and what they are together with the base URL.
    @property
    def _base_urls(self) -> dict[str, str] | None: ...
    @_base_urls.setter
    def _base_urls(self, urls: dict[str, str]) -> None: ...
    # That it was given; None: its own.
    @property
    def _jar(self) -> Any: ...
    def _use_jar(self, jar: Any, /) -> None: ...
    def _hand_over_cookies(self, jar: CookieJar, /) -> None: ...
    def _set_requotes(self, requotes: bool, /) -> None: ...
    # That it was given; None: its own.
    @property
    def _connector(self) -> Any: ...
    def _use_connector(self, connector: Connector, owned: bool, /) -> None: ...
    # Whether it closes its connector.
    _owns_connector: bool
    def _set_fields(
        self,
        host: bytes,
        fields: bytes,
        own_cookies: bytes,
        last_fields: bytes,
        /,
    ) -> None: ...
    def _staged(self, prepared: Any, /) -> Request:
        """A request as `prepared.prepare()` has it, which stops once it has its
        connection: see the private names of :class:`Request`."""
    @property
    def loop(self) -> AbstractEventLoop:
        """The event loop that it runs in."""

@final
class Request(Coroutine[Any, Any, Response]):
    """A request: ``await`` it, or ``async with`` it, once. Of both comes its
    :class:`Response`; the latter releases that at the end."""

    def __await__(self) -> Generator[Any, Any, Response]: ...
    def send(self, value: Any, /) -> Any:
        """As of any coroutine: for event loops."""
    def throw(self, *exception: Any) -> Any:
        """As of any coroutine: for event loops."""
    def close(self) -> None:
        """As of any coroutine: gives it up."""
    # Of what Session._staged() gives. Awaited after _begin() it returns None
    # once it has its connection, and its answer after _proceed(). One that is
    # queued does so once it has its place, and again later.
    def _begin(self) -> Literal["queued", "kept", "connecting"]:
        """Starts it, and says whether it waits for a place in the pool, has a
        kept connection, or has one made."""
    def _told(self) -> ClientRequest: ...
    def _proceed(self) -> None: ...
    def _looks_up(self) -> bool:
        """Whether the addresses of its host are still not known."""

    def _timings(
        self,
    ) -> tuple[float | None, float | None, float | None]:
        """How many seconds it looked for the name, connected, and spoke TLS;
        None: it did not."""
    async def __aenter__(self) -> Response: ...
    async def __aexit__(self, *exception: Any) -> None: ...

@final
class ClientRequest:
    """A request as it goes out. Listeners may set any attributes on it."""

    method: str
    url: URL
    headers: CIMultiDictProxy[str]
    """All fields in their order, those of the client's own too."""
    body: Any
    """As it is sent, in bytes, b"" where there is none; of files and the like
    the payload."""
    @type_check_only
    def __getattr__(self, name: str) -> Any: ...
    @type_check_only
    def __setattr__(self, name: str, value: Any) -> None: ...

@final
class Response:
    """An answer, whose head is there: aiohttp's ClientResponse."""

    @property
    def request(self) -> ClientRequest | None:
        """What was sent, where somebody listens to the session."""
    @property
    def status(self) -> int:
        """The status code, such as 200."""
    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
    @property
    def reason(self) -> str:
        """The text behind the status; may be empty."""
    @property
    def method(self) -> str:
        """Of the request that this answers."""
    @property
    def closed(self) -> bool:
        """Whether it has let go of its connection."""
    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The fields."""
    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The fields as they came, in their order."""
    @property
    def content(self) -> StreamReader:
        """The body, to be read as it comes."""
    @property
    def url(self) -> URL:
        """That this is of, after all redirects."""
    @property
    def real_url(self) -> URL:
        """The same with its fragment."""
    @property
    def url_obj(self) -> URL:
        """Deprecated: :attr:`url`."""
    @property
    def output_size(self) -> int:
        """Deprecated: how many bytes were sent for it, all in all."""
    @property
    def version(self) -> HttpVersion:
        """Of HTTP."""
    @property
    def connection(self) -> ResponseConnection | None:
        """Its connection; None once it has let go of it."""
    @property
    def host(self) -> str | None:
        """Of the URL."""
    @property
    def history(self) -> tuple[Hop, ...]:
        """The answers that redirected, the first one first."""
    @property
    def cookies(self) -> SimpleCookie:
        """Those that it sets."""
    @property
    def content_type(self) -> str:
        """Without parameters; ``application/octet-stream`` where there is
        none."""
    @property
    def charset(self) -> str | None:
        """As Content-Type has it."""
    @property
    def content_length(self) -> int | None:
        """Bytes, as the field of that name has it."""
    @property
    def content_disposition(self) -> ContentDisposition | None:
        """What ``Content-Disposition`` says: type, parameters, filename."""
    @property
    def links(self) -> MultiDictProxy[Any]:
        """The ``Link`` fields (RFC 8288) by their ``rel``, each with its
        parameters and its ``url``."""
    @property
    def request_info(self) -> RequestInfo:
        """What was asked."""
    def read(self) -> Awaitable[bytes]:
        """The whole body, decoded. May be called again.

        :raises ClientPayloadError: when the body ends too early.
        """
    def text(
        self, encoding: str | None = None, errors: str = "strict"
    ) -> Awaitable[str]:
        """The whole body as a str.

        :param encoding: instead of the answer's own, or of UTF-8.
        :param errors: as of ``bytes.decode()``.
        :raises UnicodeDecodeError: when it is not in that encoding.
        """
    def json(
        self,
        *,
        encoding: str | None = None,
        loads: Callable[[str], Any] = ...,
        content_type: str | None = "application/json",
    ) -> Awaitable[Any]:
        """What the body's JSON means; None for an empty body.

        :param encoding: instead of the answer's own, or of UTF-8.
        :param loads: what reads it; ``json.loads`` if not given.
        :param content_type: the one that it must have; None: any.
        :raises ContentTypeError: when it has another one.
        :raises ValueError: when it is no JSON.
        """
    def get_encoding(self) -> str:
        """The charset that ``text()`` decodes by."""
    def raise_for_status(self) -> None:
        """Does nothing below 400.

        :raises ClientResponseError: from 400 on.
        """
    def release(self) -> Awaitable[None]:
        """Lets go of the connection, for others to use where the body is read.
        There is no need to await it."""
    def wait_for_close(self) -> Awaitable[None]:
        """As :meth:`release`."""
    def close(self) -> None:
        """Closes the connection."""
    async def __aenter__(self) -> Response: ...
    async def __aexit__(self, *exception: Any) -> None: ...
    @property
    def _url_text(self) -> str: ...
    @property
    def _hops(
        self,
    ) -> list[
        tuple[int, str, str, str, list[tuple[bytes, bytes]], bytes, int]
    ]: ...
    @property
    def _request_head(self) -> bytes: ...
    @property
    def _minor_version(self) -> int: ...
    @property
    def _bytes_sent(self) -> int: ...
    @property
    def _decoded_bytes(self) -> int: ...
    @property
    def _coded_bytes(self) -> int | None: ...
    @property
    def _kept_body(self) -> bytes | None: ...
    @property
    def _released(self) -> bool: ...
    def _chunk_end(self, kept: int, /) -> int: ...
    def _raise_buffer(self, size: int, /) -> None: ...
    def _forget_chunk_end(self) -> None: ...
    @property
    def _session(self) -> ClientSession: ...
    @property
    def _trail(self) -> Any: ...
    def _set_trail(self, trail: Any, request: Any, /) -> None:
        """Has `trail` read the body, and `request` as its request."""
    def _read_untold(self) -> Awaitable[bytes]: ...
    def _read_some(self, size: int) -> Awaitable[bytes]: ...
    def _at_eof(self) -> bool: ...
    def _await_body(self, size: int) -> Awaitable[None]: ...
    def _peek(self, size: int) -> tuple[bytes, bool]: ...

@disjoint_base
class WebSocket:
    """What ``molotov.client.websocket.ClientWebSocketResponse`` extends."""

    _close_code: int | None
    _close_wait: Any
    def __init__(
        self,
        response: Response,
        kinds: tuple[Any, ...],
        *,
        deflate_bits: int,
        keeps_context: bool,
        server_keeps_context: bool,
        max_msg_size: int,
        decode_text: bool,
        autoping: bool,
        receive_timeout: float,
        heartbeat: float,
    ) -> None: ...
    @property
    def closed(self) -> bool:
        """Whether it was closed, by either side."""
    @property
    def _closing(self) -> bool: ...
    @property
    def _receiving(self) -> bool: ...
    def send_str(
        self, data: str, compress: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Sends a text message. Waits while more than 64 KiB are not sent.

        :param data: the text.
        :param compress: window bits for this message alone.
        :raises ClientConnectionResetError: when the connection is closed.
        :raises TypeError: for what is no str.
        """
    def send_bytes(
        self, data: bytes | bytearray | memoryview, compress: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Sends a binary message, as :meth:`send_str`.

        :param data: the bytes.
        :param compress: window bits for this message alone.
        :raises ClientConnectionResetError: when the connection is closed.
        :raises TypeError: for anything else.
        """
    def send_frame(
        self, message: bytes, opcode: int, compress: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Sends a frame.

        :param message: its payload.
        :param opcode: such as ``WSMsgType.TEXT``.
        :param compress: window bits for this message alone.
        :raises ClientConnectionResetError: when the connection is closed.
        """
    def ping(self, message: bytes = b"") -> Coroutine[Any, Any, None]:
        """Sends a ping.

        :param message: what the pong is to have.
        :raises ClientConnectionResetError: when the connection is closed.
        """
    def pong(self, message: bytes = b"") -> Coroutine[Any, Any, None]:
        """Sends a pong.

        :param message: that of the ping.
        :raises ClientConnectionResetError: when the connection is closed.
        """
    def receive(self, timeout: float | None = None) -> Coroutine[Any, Any, Any]:
        """The next message, a ``WSMessage``; one of type CLOSE, CLOSING,
        CLOSED or ERROR when there are no more.

        :param timeout: seconds, in place of the WebSocket's.
        :raises TimeoutError: when none comes in time.
        :raises RuntimeError: while another task receives.
        """
    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Coroutine[Any, Any, Any]: ...
    def _read(self, timeout: float | None, /) -> Coroutine[Any, Any, Any]: ...
    def _set_closed(self) -> None: ...
    def _set_closing(self) -> None: ...
    def _write_close(self, code: int, message: bytes, /) -> None: ...
    def _shut(self) -> None: ...
    def _inject(self, message: Any, /) -> None: ...
    def _fileno(self) -> int | None: ...

@final
class Engine:
    """The engine's loop, which the selector under asyncio's loop hands over to
    (_asyncio_internals.new_event_loop).

    One a run and process, made after the fork; one without a board is a client
    without a run, in a thread of its own or, as a guest, on a loop of asyncio's
    (_guest.engine_for). `wake_fd` (an eventfd) is watched:
    when it is readable the run looks at the board. `network` has the options
    of the command line that concern connections: "connect_to" (a list of
    HOST:PORT:HOST:PORT), "cacert" (a file or None), "insecure" (a bool).
    """

    def __init__(
        self,
        board: Board | None = None,
        wake_fd: int = -1,
        network: dict[str, Any] | None = None,
    ) -> None: ...
    @property
    def running(self) -> bool:
        """Whether a load was started whose last worker has yet to end."""
    def bind(self, loop: Any) -> None:
        """Tells it the asyncio loop that runs on it."""
    def join(self, loop: Any) -> None:
        """Makes it a guest on any other asyncio loop, which calls turn() when
        fileno() is readable. Once."""
    def fileno(self) -> int:
        """Of a guest; -1 before join()."""
    def turn(self) -> None:
        """A guest's turn, without waiting; nothing before join()."""
    def watch(self, fd: int, events: int) -> None: ...
    def unwatch(self, fd: int) -> None: ...
    def select(self, timeout: float | None) -> list[tuple[int, int]]: ...
    def open_statsd(
        self,
        hostname: str,
        addresses: list[tuple[str, int]],
        on_trouble: Callable[[str], None],
    ) -> None:
        """Begins to send metrics, of each request and by send_statsd()
        (session/statsd.h), to the first address that does not refuse. Nothing
        is sent of sessions made before. `on_trouble` is called once metrics are
        lost, and once there are more requests than are told apart. Does nothing
        when it is open; raises OSError."""
    def send_statsd(self, datagram: str) -> None:
        """Sends a metric; nothing when it is not open."""
    def close_statsd(self) -> None:
        """Sends what is left and closes the socket."""
    @property
    def statsd_is_open(self) -> bool: ...

@final
class Worker:
    """A worker, as the current asyncio task in its coroutines. It has the
    interface of asyncio.Task, and:"""

    @property
    def worker_id(self) -> int: ...
    @property
    def step(self) -> int | None:
        """The run under way, or the last one, from 1. None before the first,
        while a session is opened, and after the worker's end."""

@type_check_only
class ScenarioRecord(Protocol):
    name: str
    weight: float
    delay: float  # seconds
    # Called with the session.
    func: Callable[..., Coroutine[Any, Any, Any]]
    # From 0; scenarios with the same number share their worker's session.
    session_kind: int

@type_check_only
class WorkerCode(Protocol):
    """What one worker does in Python. Each coroutine runs as the worker's task,
    all in one context (contextvars), one after the other."""

    async def setup(self) -> bool:
        """setup(); False when it failed, which it has said and counted."""
    async def open_session(self, scenario: int) -> Any:
        """The session for that scenario, at the first use of its kind by this
        worker, with setup_session() done. None when that failed: said and
        counted; the worker ends without running anything."""
    async def teardown(self) -> bool:
        """teardown_session() and close of each session, then teardown()."""
    def on_failure(self, scenario: int, exception: BaseException) -> None:
        """Says that a run failed (it is counted already)."""
    def on_death(self, exception: BaseException) -> None:
        """Says that the worker's code cannot go on, and why (a BaseException
        that is no Exception: CancelledError from outside; a picker that
        raised)."""

@type_check_only
class Program(Protocol):
    scenarios: Sequence[ScenarioRecord]  # in the order of the script
    # (worker_id, step) -> index; -1: what it returned is no scenario (the
    # engine says so and counts a failed run); -2: it raised, which it has said
    # (the worker dies). Never raises.
    picker: Callable[[int, int], int] | None

    def make_worker(self, worker_id: int) -> WorkerCode: ...
    def print(self, line: str) -> None:
        """One line of ours on stdout, from the engine."""

def parse_rate(text: str) -> float:
    """Runs a second: "500", "500/s", "30000/m". Raises ValueError."""

def parse_stages(text: str) -> tuple[bool, float, float]:
    """Of "30s:100,2m:1000": whether its levels are rates, the highest of them,
    and how many seconds it takes in all. Raises ValueError."""

def run(
    engine: Engine,
    board: Board,
    process_index: int,
    options: dict[str, Any],
    program: Program,
) -> None:
    """Starts the load: every worker of this process, as `options` (argparse's
    dests) say. Then `loop.run_forever()`: the loop is stopped when the last
    worker has ended. SystemExit and KeyboardInterrupt of a step leave
    run_forever() as asyncio lets them."""

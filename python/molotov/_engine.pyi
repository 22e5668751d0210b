"""The native engine, as Python sees it. Not for users: `molotov` is."""

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
from typing import Any, Protocol, Self

from multidict import CIMultiDictProxy
from yarl import URL

from molotov._observed import ClientRequest
from molotov._response import Hop, RequestInfo, StreamReader
from molotov.listeners import ErrorPrinter, Listener

class Board:
    """The shared memory in which this process counts (metrics/board.h)."""

    def __init__(self, fd: int) -> None: ...
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
    def summary(
        self, sizing: Sizing | None, workers: bool, endpoints: bool, /
    ) -> list[str]:
        """The last lines of a run (report/summary.h); whether they tell of
        the workers and of the busiest endpoints."""

class Sizing:
    """Decides when autosizing ends (metrics/sizing.h); it begins now."""

    def __init__(self, board: Board, tolerance: float) -> None: ...
    def observe(self) -> bool:
        """To be called a few times a second; whether it is to end."""
    def verdict(self) -> dict[str, Any]:
        """ "reached" (a bool), "error_ratio" (in percent), "minute_succeeded",
        "minute_failed"."""

class EventSender:
    """What ``molotov.listeners.EventSender`` extends: there it is told."""

    _listeners: list[Listener]
    def __init__(
        self, console: ErrorPrinter, listeners: Iterable[Listener] = ()
    ) -> None: ...
    def send_event(self, event: str, **info: Any) -> Coroutine[Any, Any, None]:
        """Tells each listener, once it is awaited."""

class Session:
    """The native HTTP session; `molotov.session.ClientSession` extends it."""

    def __init__(
        self,
        engine: Engine,
        *,
        fields: bytes,
        timeout: tuple[float, float, float, float],
        cookies: dict[str, str],
        keep_cookies: bool,
        raise_for_status: bool,
        decode: bool,
    ) -> None: ...
    def get(self, url: Any, **options: Any) -> Request: ...
    def head(self, url: Any, **options: Any) -> Request: ...
    def options(self, url: Any, **options: Any) -> Request: ...
    def post(self, url: Any, **options: Any) -> Request: ...
    def put(self, url: Any, **options: Any) -> Request: ...
    def patch(self, url: Any, **options: Any) -> Request: ...
    def delete(self, url: Any, **options: Any) -> Request: ...
    def request(self, method: str, url: Any, **options: Any) -> Request: ...
    def close(self) -> Awaitable[None]: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exception: Any) -> None: ...
    @property
    def closed(self) -> bool: ...
    _observed: bool
    @property
    def loop(self) -> AbstractEventLoop: ...

class Request(Coroutine[Any, Any, Response]):
    """A request: `await` it, or `async with` it.

    One of a session that is `_observed` comes inside an ObservedRequest of
    molotov._observed. Awaiting it there gives None when it is ready to be sent:
    then _hop() says what, and _proceed() sends it.
    """

    def __await__(self) -> Generator[Any, Any, Response]: ...
    def send(self, value: Any, /) -> Any: ...
    def throw(self, *exception: Any) -> Any: ...
    def close(self) -> None: ...
    async def __aenter__(self) -> Response: ...
    async def __aexit__(self, *exception: Any) -> None: ...
    def _hop(self) -> tuple[str, str, bytes, bytes | None]: ...
    def _proceed(self) -> None: ...

class Response:
    """An answer, as aiohttp's ClientResponse."""

    request: ClientRequest | None
    @property
    def status(self) -> int: ...
    @property
    def ok(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    @property
    def headers(self) -> CIMultiDictProxy[str]: ...
    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]: ...
    @property
    def content(self) -> StreamReader: ...
    @property
    def url(self) -> URL: ...
    @property
    def real_url(self) -> URL: ...
    @property
    def host(self) -> str | None: ...
    @property
    def history(self) -> tuple[Hop, ...]: ...
    @property
    def cookies(self) -> SimpleCookie: ...
    @property
    def content_type(self) -> str: ...
    @property
    def charset(self) -> str | None: ...
    @property
    def content_length(self) -> int | None: ...
    @property
    def request_info(self) -> RequestInfo: ...
    def read(self) -> Awaitable[bytes]: ...
    def text(
        self, encoding: str | None = None, errors: str = "strict"
    ) -> Awaitable[str]: ...
    def json(
        self,
        *,
        encoding: str | None = None,
        loads: Callable[[str], Any] = ...,
        content_type: str | None = "application/json",
    ) -> Awaitable[Any]: ...
    def raise_for_status(self) -> None: ...
    def release(self) -> Awaitable[None]: ...
    def close(self) -> None: ...
    async def __aenter__(self) -> Response: ...
    async def __aexit__(self, *exception: Any) -> None: ...
    @property
    def _url_text(self) -> str: ...
    @property
    def _hops(
        self,
    ) -> list[tuple[int, str, str, str, list[tuple[bytes, bytes]]]]: ...
    @property
    def _session(self) -> Session: ...
    def _read_some(self, size: int) -> Awaitable[bytes]: ...
    def _at_eof(self) -> bool: ...
    def _await_body(self, size: int) -> Awaitable[None]: ...
    def _peek(self, size: int) -> tuple[bytes, bool]: ...

class Engine:
    """The engine's loop, which the selector under asyncio's loop hands over to
    (_asyncio_internals.new_event_loop).

    One a run and process, made after the fork; one without a board is a client
    without a run, in a thread of its own. `wake_fd` (an eventfd) is watched:
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
    def watch(self, fd: int, events: int) -> None: ...
    def unwatch(self, fd: int) -> None: ...
    def select(self, timeout: float | None) -> list[tuple[int, int]]: ...
    def open_statsd(
        self,
        hostname: str,
        addresses: list[tuple[str, int]],
        on_loss: Callable[[str], None],
    ) -> None:
        """Begins to send metrics, of each request and by send_statsd()
        (session/statsd.h), to the first address that does not refuse. Nothing
        is sent of sessions made before. Once metrics are lost, `on_loss` is
        called with why. Does nothing when it is open; raises OSError."""
    def send_statsd(self, datagram: str) -> None:
        """Sends a metric; nothing when it is not open."""
    def close_statsd(self) -> None:
        """Sends what is left and closes the socket."""
    @property
    def statsd_is_open(self) -> bool: ...

class Worker:
    """A worker, as the current asyncio task in its coroutines. It has the
    interface of asyncio.Task, and:"""

    @property
    def worker_id(self) -> int: ...
    @property
    def step(self) -> int | None:
        """The run under way, or the last one, from 1. None before the first,
        while a session is opened, and after the worker's end."""

class ScenarioRecord(Protocol):
    name: str
    weight: float
    delay: float  # seconds
    # Called with the session.
    func: Callable[..., Coroutine[Any, Any, Any]]
    # From 0; scenarios with the same number share their worker's session.
    session_kind: int

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

class Program(Protocol):
    scenarios: Sequence[ScenarioRecord]  # by name, ascending
    # (worker_id, step) -> index; -1: what it returned is no scenario (the
    # engine says so and counts a failed run); -2: it raised, which it has said
    # (the worker dies). Never raises.
    picker: Callable[[int, int], int] | None

    def make_worker(self, worker_id: int) -> WorkerCode: ...
    def print(self, line: str) -> None:
        """One line of ours on stdout, from the engine."""

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

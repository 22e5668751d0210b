"""Who is told of each step of a request: aiohttp's trace configurations.

Those of aiohttp are taken as well: they are told by their attributes.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, MutableSequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

__all__ = [
    "Signal",
    "TraceConfig",
    "TraceConnectionCreateEndParams",
    "TraceConnectionCreateStartParams",
    "TraceConnectionQueuedEndParams",
    "TraceConnectionQueuedStartParams",
    "TraceConnectionReuseconnParams",
    "TraceDnsCacheHitParams",
    "TraceDnsCacheMissParams",
    "TraceDnsResolveHostEndParams",
    "TraceDnsResolveHostStartParams",
    "TraceRequestChunkSentParams",
    "TraceRequestEndParams",
    "TraceRequestExceptionParams",
    "TraceRequestHeadersSentParams",
    "TraceRequestRedirectParams",
    "TraceRequestStartParams",
    "TraceResponseChunkReceivedParams",
]

Receiver = Callable[[Any, Any, Any], Awaitable[Any]]


class Signal(MutableSequence[Receiver]):
    """The functions that are told of one kind of step, in their order."""

    def __init__(self, owner: Any) -> None:
        """
        :param owner: named in its ``repr()``.
        """
        self._owner = owner
        self._receivers: list[Receiver] = []
        self._frozen = False

    def __repr__(self) -> str:
        return (
            f"<Signal owner={self._owner!r}, frozen={self._frozen}, "
            f"{self._receivers!r}>"
        )

    def __len__(self) -> int:
        return len(self._receivers)

    def __getitem__(self, index: Any) -> Any:
        return self._receivers[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._check()
        self._receivers[index] = value

    def __delitem__(self, index: Any) -> None:
        self._check()
        del self._receivers[index]

    def insert(self, index: int, value: Receiver) -> None:
        """Adds a function before the one at `index`.

        :raises RuntimeError: once a session was made with it.
        """
        self._check()
        self._receivers.insert(index, value)

    @property
    def frozen(self) -> bool:
        """Whether it takes no more functions."""
        return self._frozen

    def freeze(self) -> None:
        """Takes no more functions from now on."""
        self._frozen = True

    async def send(self, *args: Any, **kwargs: Any) -> None:
        """Calls each function, and awaits it before the next.

        :raises RuntimeError: when it is not frozen.
        """
        if not self._frozen:
            raise RuntimeError("Cannot send non-frozen signal.")
        for receiver in self._receivers:
            await receiver(*args, **kwargs)

    def _check(self) -> None:
        if self._frozen:
            raise RuntimeError("Cannot modify frozen list.")


class TraceConfig:
    """Which functions are told of the steps of a session's requests: for
    ``trace_configs=``. Each is ``async def told(session, context, params)``,
    where the context is a request's own, and is added by ``append()``."""

    def __init__(
        self, trace_config_ctx_factory: Callable[..., Any] = SimpleNamespace
    ) -> None:
        """
        :param trace_config_ctx_factory: makes the context of a request, of
            ``trace_request_ctx=``, which is what the request was given.
        """
        self._trace_config_ctx_factory = trace_config_ctx_factory
        self.on_request_start = Signal(self)
        """Before anything else."""
        self.on_request_chunk_sent = Signal(self)
        """A piece of the body is sent."""
        self.on_response_chunk_received = Signal(self)
        """The answer's body was read."""
        self.on_request_end = Signal(self)
        """The answer is there, and its body is yet to come."""
        self.on_request_exception = Signal(self)
        """In its place: there is none."""
        self.on_request_redirect = Signal(self)
        """An answer redirects."""
        self.on_connection_queued_start = Signal(self)
        """It waits for a connection: as many as may be are in use."""
        self.on_connection_queued_end = Signal(self)
        """It waits no more."""
        self.on_connection_create_start = Signal(self)
        """A connection is made."""
        self.on_connection_create_end = Signal(self)
        """It is there."""
        self.on_connection_reuseconn = Signal(self)
        """A kept connection is used."""
        self.on_dns_resolvehost_start = Signal(self)
        """A name is looked up."""
        self.on_dns_resolvehost_end = Signal(self)
        """Its addresses are known."""
        self.on_dns_cache_hit = Signal(self)
        """They were known already."""
        self.on_dns_cache_miss = Signal(self)
        """They were not."""
        self.on_request_headers_sent = Signal(self)
        """The head is sent."""

    def trace_config_ctx(self, trace_request_ctx: Any = None) -> Any:
        """A new context, for one request."""
        return self._trace_config_ctx_factory(
            trace_request_ctx=trace_request_ctx
        )

    def freeze(self) -> None:
        """Takes no more functions: a session is made with it."""
        for value in vars(self).values():
            if isinstance(value, Signal):
                value.freeze()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    at: float = field(default_factory=time.monotonic, repr=False, compare=False)
    """When it happened, in seconds on the loop's clock. Steps of a connection
    are told once it is there."""


@dataclass(frozen=True, slots=True)
class TraceRequestStartParams(_Step):
    """Of ``on_request_start``. What is set in its headers is sent."""

    method: str
    url: Any
    headers: Any


@dataclass(frozen=True, slots=True)
class TraceRequestChunkSentParams(_Step):
    """Of ``on_request_chunk_sent``: a piece of the body."""

    method: str
    url: Any
    chunk: bytes


@dataclass(frozen=True, slots=True)
class TraceResponseChunkReceivedParams(_Step):
    """Of ``on_response_chunk_received``: the body, once ``read()`` has it."""

    method: str
    url: Any
    chunk: bytes


@dataclass(frozen=True, slots=True)
class TraceRequestEndParams(_Step):
    """Of ``on_request_end``."""

    method: str
    url: Any
    headers: Any
    response: Any


@dataclass(frozen=True, slots=True)
class TraceRequestExceptionParams(_Step):
    """Of ``on_request_exception``."""

    method: str
    url: Any
    headers: Any
    exception: BaseException


@dataclass(frozen=True, slots=True)
class TraceRequestRedirectParams(_Step):
    """Of ``on_request_redirect``: the answer that redirects."""

    method: str
    url: Any
    headers: Any
    response: Any


@dataclass(frozen=True, slots=True)
class TraceConnectionQueuedStartParams(_Step):
    """Of ``on_connection_queued_start``."""


@dataclass(frozen=True, slots=True)
class TraceConnectionQueuedEndParams(_Step):
    """Of ``on_connection_queued_end``."""


@dataclass(frozen=True, slots=True)
class TraceConnectionCreateStartParams(_Step):
    """Of ``on_connection_create_start``."""


@dataclass(frozen=True, slots=True)
class TraceConnectionCreateEndParams(_Step):
    """Of ``on_connection_create_end``."""


@dataclass(frozen=True, slots=True)
class TraceConnectionReuseconnParams(_Step):
    """Of ``on_connection_reuseconn``."""


@dataclass(frozen=True, slots=True)
class TraceDnsResolveHostStartParams(_Step):
    """Of ``on_dns_resolvehost_start``."""

    host: str


@dataclass(frozen=True, slots=True)
class TraceDnsResolveHostEndParams(_Step):
    """Of ``on_dns_resolvehost_end``."""

    host: str


@dataclass(frozen=True, slots=True)
class TraceDnsCacheHitParams(_Step):
    """Of ``on_dns_cache_hit``."""

    host: str


@dataclass(frozen=True, slots=True)
class TraceDnsCacheMissParams(_Step):
    """Of ``on_dns_cache_miss``."""

    host: str


@dataclass(frozen=True, slots=True)
class TraceRequestHeadersSentParams(_Step):
    """Of ``on_request_headers_sent``: all fields, as they are sent."""

    method: str
    url: Any
    headers: Any


class Traces:
    """The trace configurations of one request, each with its context."""

    def __init__(
        self, session: Any, configs: Iterable[Any], trace_request_ctx: Any
    ) -> None:
        self._session = session
        self._coming = [
            (c, c.trace_config_ctx(trace_request_ctx=trace_request_ctx))
            for c in configs
        ]
        # Who was told of its start, and so hears of its end.
        self._begun: list[tuple[Any, Any]] = []

    def __bool__(self) -> bool:
        return bool(self._coming)

    async def start(self, method: str, url: Any, headers: Any) -> None:
        for config, context in self._coming:
            params = TraceRequestStartParams(method, url, headers)
            await config.on_request_start.send(self._session, context, params)
            self._begun.append((config, context))

    async def tell(self, signal: str, params: Any) -> None:
        """Tells all of one step.

        :param signal: its name, as an attribute of the configurations.
        """
        for config, context in self._begun:
            await getattr(config, signal).send(self._session, context, params)

    def hear(self, signal: str) -> bool:
        """Whether anybody listens to that signal."""
        return any(getattr(config, signal) for config, _ in self._coming)

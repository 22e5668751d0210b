"""What keeps a session's connections: how many there are, where to and how
they are made. aiohttp's connectors."""

import asyncio
import socket
import ssl as ssl_module
import sys
import warnings
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from molotov import _engine
from molotov._guest import engine_for
from molotov.client.tls import merged

if TYPE_CHECKING:
    from types import TracebackType

UNSET: Any = object()

_KEEPALIVE_SECONDS = 15.0
_IS_CLEANED_UP = sys.version_info >= (3, 13, 1) or (
    (3, 12, 8) <= sys.version_info < (3, 13)
)
# What aiohttp's connectors call, and the engine does not.
_HOOKS = ("connect", "_create_connection", "_resolve_host")
_OWN_MODULES = (__name__, "aiohttp.connector")


class Network(NamedTuple):
    """How connections to hosts are made, as the engine takes it
    (connector_object.cc reads it)."""

    family: int
    local: list[tuple[str, int]] | None
    next_after: float | None  # seconds
    first_family_count: int
    make_socket: Callable[[int, Any], int] | None
    look_up: Callable[..., None] | None
    names_max: int
    lifetime: float | None  # seconds


class BaseConnector(_engine.Connector):
    """What all connectors have. Made where a loop runs; one of it alone makes
    no connections.

    :param keepalive_timeout: seconds that an idle connection is kept; None:
        until the server closes it. 15 if not given.
    :param force_close: whether each connection serves one request.
    :param limit: of connections in use at once; 0: no limit.
    :param limit_per_host: likewise, to one host and port.
    :param enable_cleanup_closed: has no effect.
    :param loop: the one that it is used in: the running one, if not given.
    :param timeout_ceil_threshold: has no effect: time-outs are not rounded.
    :raises ValueError: for a `keepalive_timeout` together with `force_close`,
        or a negative limit.
    :raises RuntimeError: where no loop runs.
    """

    _loop: asyncio.AbstractEventLoop
    # What is closed together with it.
    _close_more: Callable[[], None] | None = None

    def __init__(
        self,
        *,
        keepalive_timeout: float | None = UNSET,
        force_close: bool = False,
        limit: int = 100,
        limit_per_host: int = 0,
        enable_cleanup_closed: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        timeout_ceil_threshold: float = 5,
    ) -> None:
        if force_close and keepalive_timeout not in (None, UNSET):
            raise ValueError(
                "keepalive_timeout cannot be set if force_close is True"
            )
        if (limit or 0) < 0 or (limit_per_host or 0) < 0:
            raise ValueError("a limit of connections cannot be negative")
        if enable_cleanup_closed and _IS_CLEANED_UP:
            warnings.warn(
                "enable_cleanup_closed ignored because "
                "https://github.com/python/cpython/pull/118960 is fixed "
                f"in Python version {sys.version_info}",
                DeprecationWarning,
                stacklevel=3,
            )
        self._loop = loop or asyncio.get_running_loop()
        self._limit = limit
        self._limit_per_host = limit_per_host
        self._force_close = force_close
        if keepalive_timeout is UNSET:
            keepalive_timeout = None if force_close else _KEEPALIVE_SECONDS
        self._ssl: Any = True
        super().__init__(
            engine_for(self._loop),
            limit=limit or 0,
            limit_per_host=limit_per_host or 0,
            force_close=bool(force_close),
            keep_alive=keepalive_timeout,
            network=self._network(),
        )

    def _network(self) -> Network | None:
        """How it connects to hosts; None: as the engine does."""
        return None

    def _close(self) -> None:
        """Called by a session that owns it, too."""
        super()._close()
        if self._close_more is not None:
            self._close_more()

    def __del__(self, _warnings: Any = warnings) -> None:
        if self.closed or not self._counts[1]:
            return
        self._close()
        _warnings.warn(
            f"Unclosed connector {self!r}", ResourceWarning, source=self
        )
        self._loop.call_exception_handler(
            {"connector": self, "message": "Unclosed connector"}
        )

    def __enter__(self) -> "BaseConnector":
        warnings.warn(
            '"with Connector():" is deprecated, '
            'use "async with Connector():" instead',
            DeprecationWarning,
            stacklevel=2,
        )
        return self

    def __exit__(self, *exception: Any) -> None:
        self._close()

    async def __aenter__(self) -> "BaseConnector":
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        exc_traceback: "TracebackType | None" = None,
    ) -> None:
        await self.close()

    @property
    def force_close(self) -> bool:
        """As it was given."""
        return self._force_close

    @property
    def limit(self) -> int:
        """As it was given."""
        return self._limit

    @property
    def limit_per_host(self) -> int:
        """As it was given."""
        return self._limit_per_host

    def close(self, *, abort_ssl: bool = False) -> Awaitable[None]:
        """Closes the connections: those in use once they are free. Requests
        that wait for one raise ClientConnectionError.

        :param abort_ssl: has no effect: TLS is never shut down slowly.
        """
        self._close()
        return _Closed()


class _Closed:
    """What close() returns: to be awaited, though there is nothing left."""

    def __init__(self) -> None:
        self._awaited = False

    def __await__(self) -> Generator[Any, Any, None]:
        self._awaited = True
        return
        yield

    def __del__(self) -> None:
        if not self._awaited:
            warnings.warn(
                "Connector.close() is a coroutine, "
                "please use await connector.close()",
                DeprecationWarning,
                stacklevel=2,
            )


class TCPConnector(BaseConnector):
    """Keeps connections to hosts: for ``connector=``. All its parameters are
    keywords.

    :param verify_ssl: the older name of `ssl`.
    :param fingerprint: likewise.
    :param use_dns_cache: whether the addresses of names are kept.
    :param ttl_dns_cache: for so many seconds; None: for ever.
    :param dns_cache_max_size: of so many names.
    :param family: of addresses: ``socket.AF_INET`` or ``AF_INET6``; both if
        not given.
    :param ssl_context: the older name of `ssl`.
    :param ssl: as of a request, for those that do not say it themselves.
    :param local_addr: the host and port that connections come from.
    :param resolver: looks names up, like :class:`AbstractResolver`; the engine
        does if not given.
    :param keepalive_timeout: as of :class:`BaseConnector`, as are all up to
        `timeout_ceil_threshold`.
    :param happy_eyeballs_delay: seconds after which the next address of a host
        is tried as well; None: only once the one before has failed.
    :param interleave: how many addresses of the first one's family are tried
        before one of the other; 1 if not given.
    :param socket_factory: makes the sockets, from what ``getaddrinfo()`` says
        of an address.
    :param ssl_shutdown_timeout: has no effect: TLS is never shut down slowly.
    :raises ValueError: for a `keepalive_timeout` together with `force_close`.
    :raises RuntimeError: where no loop runs.
    :raises TypeError: for an `ssl` that is none.
    """

    def __init__(
        self,
        *,
        verify_ssl: bool = True,
        fingerprint: bytes | None = None,
        use_dns_cache: bool = True,
        ttl_dns_cache: float | None = 10,
        dns_cache_max_size: int = 1000,
        family: int = socket.AF_UNSPEC,
        ssl_context: ssl_module.SSLContext | None = None,
        ssl: Any = True,
        local_addr: tuple[Any, ...] | None = None,
        resolver: Any = None,
        keepalive_timeout: float | None = UNSET,
        force_close: bool = False,
        limit: int = 100,
        limit_per_host: int = 0,
        enable_cleanup_closed: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        timeout_ceil_threshold: float = 5,
        happy_eyeballs_delay: float | None = 0.25,
        interleave: int | None = None,
        socket_factory: Callable[[Any], socket.socket] | None = None,
        ssl_shutdown_timeout: float | None = UNSET,
    ) -> None:
        given_ssl = merged(ssl, verify_ssl, ssl_context, fingerprint)
        if ssl_shutdown_timeout is not UNSET:
            warnings.warn(
                "The ssl_shutdown_timeout parameter is deprecated and will be "
                "removed in aiohttp 4.0",
                DeprecationWarning,
                stacklevel=2,
            )
        self._family = family
        self._local = None if local_addr is None else numeric(local_addr)
        self._next_after = happy_eyeballs_delay
        self._interleave = interleave
        self._socket_factory = socket_factory
        self._resolver = resolver
        self._use_dns_cache = use_dns_cache
        self._cache_size = dns_cache_max_size
        self._cache_seconds = ttl_dns_cache
        super().__init__(
            keepalive_timeout=keepalive_timeout,
            force_close=force_close,
            limit=limit,
            limit_per_host=limit_per_host,
            enable_cleanup_closed=enable_cleanup_closed,
            loop=loop,
            timeout_ceil_threshold=timeout_ceil_threshold,
        )
        self._ssl = given_ssl

    def _network(self) -> Network:
        look_up = None
        if self._resolver is not None:
            from molotov.client.resolver import Names

            names = Names(self._resolver, self._family, self._loop)
            look_up = names.look_up
            self._close_more = names.cancel
        interleave = self._interleave
        if interleave is None:
            interleave = 0 if self._next_after is None else 1
        factory = self._socket_factory
        return Network(
            family=int(self._family),
            local=self._local,
            next_after=self._next_after,
            first_family_count=max(interleave, 0),
            make_socket=None
            if factory is None
            else partial(socket_of, factory),
            look_up=look_up,
            names_max=max(self._cache_size, 0) if self._use_dns_cache else 0,
            lifetime=self._cache_seconds,
        )

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Closes the connections: those in use once they are free. Requests
        that wait for one raise ClientConnectionError.

        :param abort_ssl: has no effect: TLS is never shut down slowly.
        """
        self._close()

    @property
    def family(self) -> int:
        """As it was given."""
        return self._family

    @property
    def use_dns_cache(self) -> bool:
        """As it was given."""
        return self._use_dns_cache

    def clear_dns_cache(
        self, host: str | None = None, port: int | None = None
    ) -> None:
        """Forgets the addresses of all names, or of one.

        :param host: that name, together with its port.
        :raises ValueError: for a host without a port, or a port without a host.
        """
        if (host is None) != (port is None):
            raise ValueError(
                "either both host and port or none of them are allowed"
            )
        self._forget_names(host, port or 0)


class UnixConnector(BaseConnector):
    """Has a session's requests go to a Unix socket, whatever host their URLs
    name: ``connector=UnixConnector("/run/app.sock")``.

    :param path: of the socket.
    :param force_close: as of :class:`BaseConnector`, as are the others.
    """

    def __init__(
        self,
        path: str,
        force_close: bool = False,
        keepalive_timeout: float | None = UNSET,
        limit: int = 100,
        limit_per_host: int = 0,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(
            force_close=force_close,
            keepalive_timeout=keepalive_timeout,
            limit=limit,
            limit_per_host=limit_per_host,
            loop=loop,
        )
        self._path = path

    @property
    def path(self) -> str:
        """That of the socket."""
        return self._path


class NamedPipeConnector(BaseConnector):
    """Of aiohttp's, for Windows, where Molotov does not run.

    :raises RuntimeError: always.
    """

    def __init__(self, path: str, *args: Any, **options: Any) -> NoReturn:
        raise RuntimeError(
            "Named Pipes only available in proactor loop under windows"
        )


def connector_for(given: Any, loop: asyncio.AbstractEventLoop) -> BaseConnector:
    """The connector for a session's ``connector=``: ours, or what aiohttp's
    says.

    :param loop: that of the session.
    :raises RuntimeError: where the connector is another loop's.
    :raises TypeError: for what is no connector, or one that does something of
        its own where the engine does not ask it.
    """
    check_hooks(given)
    if getattr(given, "_loop", None) not in (loop, None):
        raise RuntimeError("Session and connector have to use same event loop")
    if isinstance(given, BaseConnector):
        if type(given) is BaseConnector:
            raise NotImplementedError(
                "a BaseConnector makes no connections: use a TCPConnector"
            )
        return given
    from molotov.client.foreign_connector import adopted

    return adopted(given)


def check_hooks(given: Any) -> None:
    """
    :raises TypeError: for a connector whose class makes connections by itself.
    """
    for cls in type(given).__mro__:
        if cls.__module__ in _OWN_MODULES:
            return
        for name in _HOOKS:
            if name in vars(cls):
                raise TypeError(
                    f"{cls.__name__}.{name}() would not be called: Molotov "
                    "makes connections by itself. A connector may be given a "
                    "resolver= and a socket_factory="
                )


def numeric(local_addr: tuple[Any, ...]) -> list[tuple[str, int]]:
    """``local_addr=`` with an address in place of a name.

    :raises OSError: for a host that has none.
    """
    host, port = local_addr[:2]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.getaddrinfo(
        host or None, port, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return [(str(found[0][4][0]), int(found[0][4][1]))]


def socket_of(
    factory: Callable[[Any], socket.socket], family: int, address: Any
) -> int:
    """The descriptor of a socket that the factory makes for an address."""
    info = (
        socket.AddressFamily(family),
        socket.SOCK_STREAM,
        socket.IPPROTO_TCP,
        "",
        address,
    )
    made = factory(info)
    made.setblocking(False)
    return made.detach()

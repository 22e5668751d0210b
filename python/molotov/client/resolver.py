"""What looks names up for a ``TCPConnector``: aiohttp's resolvers."""

import asyncio
import errno
import socket
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from molotov._engine import Connector

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class ResolveResult(TypedDict):
    """One address of a name."""

    hostname: str
    """The name."""
    host: str
    """The address."""
    port: int
    """Which is connected to."""
    family: int
    """``socket.AF_INET`` or ``AF_INET6``."""
    proto: int
    """Not looked at."""
    flags: int
    """Not looked at."""


class AbstractResolver(ABC):
    """Looks names up: for ``TCPConnector(resolver=…)``, which takes any object
    with these methods."""

    @abstractmethod
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """The addresses of a host, in the order in which they are tried.

        :raises OSError: where there are none.
        """

    @abstractmethod
    async def close(self) -> None:
        """Gives up what it holds. Whoever made it calls this."""


class ThreadedResolver(AbstractResolver):
    """Asks the C library, in a thread of the loop's.

    :param loop: the running one, if not given.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """As of :class:`AbstractResolver`."""
        found = await self._loop.getaddrinfo(
            host,
            port,
            type=socket.SOCK_STREAM,
            family=family,
            flags=socket.AI_ADDRCONFIG,
        )
        return [
            _result(host, family, proto, address)
            for family, _, proto, _, address in found
        ]

    async def close(self) -> None:
        """Does nothing."""


class AsyncResolver(AbstractResolver):
    """Asks name servers through the ``aiodns`` package. (So does a
    ``TCPConnector`` without a resolver, and needs no package for it.)

    :param loop: the running one, if not given.
    :param args: for ``aiodns.DNSResolver``.
    :param kwargs: likewise, such as ``nameservers``.
    :raises RuntimeError: where the package is not installed.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if aiodns is None:
            raise RuntimeError("Resolver requires aiodns library")
        if not args:
            kwargs.setdefault("loop", loop or asyncio.get_running_loop())
        self._resolver: Any = aiodns.DNSResolver(*args, **kwargs)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """As of :class:`AbstractResolver`."""
        try:
            found = await self._resolver.getaddrinfo(
                host,
                port=port,
                type=socket.SOCK_STREAM,
                family=family,
                flags=socket.AI_ADDRCONFIG,
            )
        except aiodns.error.DNSError as error:
            raise OSError(None, error.args[1]) from error
        if not found.nodes:
            raise OSError(None, "DNS lookup failed")
        return [
            _result(host, n.family, 0, (n.addr[0].decode(), *n.addr[1:]))
            for n in found.nodes
        ]

    async def close(self) -> None:
        """Cancels what is under way."""
        self._resolver.cancel()


def _result(
    name: str, family: int, proto: int, address: tuple[Any, ...]
) -> ResolveResult:
    host = address[0]
    if len(address) > 3 and address[3] and "%" not in host:
        host = f"{host}%{address[3]}"  # of that link alone
    return ResolveResult(
        hostname=name,
        host=host,
        port=address[1],
        family=family,
        proto=proto,
        flags=_NUMERIC,
    )


class Names:
    """Has a resolver look up the names that the engine asks for."""

    def __init__(
        self, resolver: Any, family: int, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._resolver = resolver
        self._family = family
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def look_up(
        self, connector: "Connector", number: int, host: str, port: int
    ) -> None:
        """Begins, and has the connector answered later.

        :param number: of the question.
        """
        task = self._loop.create_task(
            self._answer(connector, number, host, port)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Ends all that is under way."""
        for task in self._tasks:
            task.cancel()

    async def _answer(
        self, connector: "Connector", number: int, host: str, port: int
    ) -> None:
        try:
            connector._answer(number, await self._find(host, port))
        except asyncio.CancelledError:
            told = OSError(errno.ECANCELED, f"looking up {host} was cancelled")
            connector._answer(number, told)
            raise
        except Exception as error:
            connector._answer(number, error)

    async def _find(self, host: str, port: int) -> list[tuple[str, int]]:
        found = await self._resolver.resolve(host, port, family=self._family)
        if not found:
            raise OSError(None, f"no address for {host}")
        return [(str(one["host"]), int(one["port"])) for one in found]


try:
    import aiodns  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    aiodns = None

DefaultResolver: "type[AsyncResolver | ThreadedResolver]" = (
    AsyncResolver
    if aiodns is not None and hasattr(aiodns.DNSResolver, "getaddrinfo")
    else ThreadedResolver
)
"""What aiohttp takes where no resolver is given."""

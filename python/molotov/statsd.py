"""--statsd: the client that scripts find at ``get_context(session).statsd``.

It shares one socket with the engine, which sends the metrics of requests by
itself (src/session/statsd.h). Its interface is aiodogstatsd's.
"""

import asyncio
import random
import re
import socket
import sys
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from molotov._engine import Engine

T = TypeVar("T")
Number = int | float

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8125

# What would end a name, or a tag, in "name:value|type|@rate|#key:value,...".
_BREAKS_A_NAME = re.compile(r"[\x00- \x7f:|@#]")
_BREAKS_A_TAG = re.compile(r"[\x00-\x1f\x7f|,]")


class Statsd:
    """Sends metrics as DogStatsD datagrams. Nothing of it waits or fails: what
    cannot be sent is lost.

    What would break the protocol becomes ``_`` in names and in tags. Of a
    metric with a ``sample_rate`` below 1, that share is sent. ``tags`` are a
    dict; times are in milliseconds.
    """

    def __init__(self, engine: "Engine", address: str) -> None:
        self._engine = engine
        self._address = address

    @property
    def connected(self) -> bool:
        """Whether metrics are sent."""
        return self._engine.statsd_is_open

    @property
    def closing(self) -> bool:
        """False: closing takes no time."""
        return False

    @property
    def disconnected(self) -> bool:
        """Whether they are not."""
        return not self.connected

    async def connect(self) -> None:
        """Goes on after close(). Raises OSError when it cannot."""
        self.open()

    async def close(self) -> None:
        """Sends what is left, and nothing from then on: no metrics of requests
        either."""
        self._engine.close_statsd()

    def open(self) -> None:
        """Finds the server and makes the socket.

        Raises OSError, or ValueError when the address is none.
        """
        self._engine.open_statsd(
            socket.gethostname(), resolve(self._address), self._on_trouble
        )

    def increment(
        self,
        name: str,
        *,
        value: Number = 1,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds to a counter."""
        self._send(name, value, "c", tags, sample_rate)

    incr = increment

    def decrement(
        self,
        name: str,
        *,
        value: Number = 1,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Takes from a counter."""
        self._send(name, -value if value else value, "c", tags, sample_rate)

    def gauge(
        self,
        name: str,
        *,
        value: Number,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Sets a gauge."""
        self._send(name, value, "g", tags, sample_rate)

    def histogram(
        self,
        name: str,
        *,
        value: Number,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds a value to a histogram of the server's."""
        self._send(name, value, "h", tags, sample_rate)

    def distribution(
        self,
        name: str,
        *,
        value: Number,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Adds a value to a distribution over all hosts."""
        self._send(name, value, "d", tags, sample_rate)

    def timing(
        self,
        name: str,
        *,
        value: Number,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
    ) -> None:
        """Sends how long something took, in milliseconds."""
        self._send(name, value, "ms", tags, sample_rate)

    @contextmanager
    def timeit(
        self,
        name: str,
        *,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
        threshold_ms: Number | None = None,
    ) -> Iterator[None]:
        """Sends how long the block took, unless it was within the threshold."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._send_since(start, name, tags, sample_rate, threshold_ms)

    def timeit_task(
        self,
        coro: Coroutine[Any, Any, T],
        name: str,
        *,
        tags: Mapping[str, Any] | None = None,
        sample_rate: float | None = None,
        threshold_ms: Number | None = None,
    ) -> "asyncio.Task[T]":
        """Runs a coroutine as a task, which is returned; sends how long it
        took, unless it was within the threshold."""

        start = time.monotonic()
        task = asyncio.get_running_loop().create_task(coro)
        task.add_done_callback(
            lambda _: self._send_since(
                start, name, tags, sample_rate, threshold_ms
            )
        )
        return task

    def _send_since(
        self,
        start: float,
        name: str,
        tags: Mapping[str, Any] | None,
        sample_rate: float | None,
        threshold_ms: Number | None,
    ) -> None:
        ms = (time.monotonic() - start) * 1000
        if not threshold_ms or ms > threshold_ms:
            self.timing(name, value=int(ms), tags=tags, sample_rate=sample_rate)

    def _send(
        self,
        name: str,
        value: Number,
        kind: str,
        tags: Mapping[str, Any] | None,
        sample_rate: float | None,
    ) -> None:
        if not self._engine.statsd_is_open:
            return
        rate = ""
        if sample_rate and sample_rate != 1:
            if random.random() > sample_rate:
                return
            rate = f"|@{sample_rate}"
        name = _BREAKS_A_NAME.sub("_", name)
        self._engine.send_statsd(
            f"{name}:{value}|{kind}{rate}{_tags(tags) if tags else ''}"
        )

    def _on_trouble(self, what: str) -> None:
        print(complaint(self._address, what), file=sys.stderr, flush=True)


def _tags(tags: Mapping[str, Any]) -> str:
    return "|#" + ",".join(
        _BREAKS_A_TAG.sub("_", f"{key}:{value}") for key, value in tags.items()
    )


def resolve(address: str) -> list[tuple[str, int]]:
    """The addresses of "udp://host:port", those of IPv4 first: that is what
    most servers listen on at localhost.

    Raises OSError when the host is not found, ValueError when the address is
    none.
    """
    url = urlsplit(address if "//" in address else f"//{address}")
    found = socket.getaddrinfo(
        url.hostname or DEFAULT_HOST,
        url.port or DEFAULT_PORT,
        type=socket.SOCK_DGRAM,
    )
    found.sort(key=lambda info: info[0] != socket.AF_INET)
    return [(str(info[4][0]), int(info[4][1])) for info in found]


def complaint(address: str, what: str) -> str:
    return f"molotov: --statsd-address {address}: {what}"


@contextmanager
def opened_statsd(engine: "Engine", address: str) -> Iterator[Statsd]:
    """The client of a process, for as long as it makes load. A server that is
    not found is told, and no reason not to run."""
    client = Statsd(engine, address)
    try:
        client.open()
    except (OSError, ValueError) as error:
        # On stdout, where Molotov 2 has it.
        why = getattr(error, "strerror", None) or error
        print(complaint(address, f"cannot use it: {why}; metrics are lost"))
    try:
        yield client
    finally:
        engine.close_statsd()

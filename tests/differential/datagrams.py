"""A socket that records the datagrams that come to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Datagrams:
    def __init__(self, receiver: socket.socket) -> None:
        self._socket = receiver
        self.address = f"127.0.0.1:{receiver.getsockname()[1]}"

    def all(self) -> list[str]:
        """Those that have come. On loopback they are there once they are
        sent, so that no wait is needed after the command's end."""
        found = []
        with suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(1 << 16).decode())
        return found


@contextmanager
def receiving() -> Iterator[Datagrams]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield Datagrams(receiver)

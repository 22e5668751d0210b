"""What servers of the tests have in common: a thread for each connection."""

import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self


class ThreadedServer(ABC):
    """Accepts connections on 127.0.0.1 while it is entered."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(
                    target=self.serve,
                    args=(connection, len(self._threads) + 1),
                    daemon=True,
                )
                self._threads.append(thread)
                thread.start()

    @abstractmethod
    def serve(self, connection: socket.socket, number: int) -> None:
        """One connection, the first of which is number 1, and closes it."""

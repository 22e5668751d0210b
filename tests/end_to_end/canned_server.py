"""A server that answers each path with the bytes that a test gives for it."""

import contextlib
import socket
from collections.abc import Mapping

from threaded_server import ThreadedServer

NONE = b"HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class CannedServer(ThreadedServer):
    """Each connection gets one answer; then it is closed."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        """
        :param answers: what is sent, by path; ``{url}`` in it is the server's.
        """
        self._answers = answers
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self, connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            path = head.split(b" ")[1].decode().partition("?")[0]
            answer = self._answers.get(path, NONE)
            connection.sendall(answer.replace(b"{url}", self.url.encode()))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

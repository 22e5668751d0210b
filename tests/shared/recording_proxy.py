"""An HTTP proxy that writes down what it is asked, and can misbehave."""

import json
import socket
import ssl
import threading
from contextlib import suppress

from threaded_server import ThreadedServer

HEAD_END = b"\r\n\r\n"


def read_head(connection: socket.socket) -> bytes:
    """Through the empty line; b"" where the peer closed before."""
    head = b""
    while HEAD_END not in head:
        piece = connection.recv(1)
        if not piece:
            return b""
        head += piece
    return head


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class RecordingProxy(ThreadedServer):
    """Passes on and makes tunnels, to this machine whatever host is named.

    Asked for ``/recorded`` of any host, it answers with what else it was asked
    since the last time: ``[[connection, [lines of the head]]]``. Asked for
    ``/to?URL`` of any host, it redirects to the URL.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """:param context: clients speak TLS to it."""
        super().__init__()
        self._context = context
        self.recorded: list[tuple[int, list[str]]] = []
        self.closed = threading.Semaphore(0)  # released at each client's end
        # In place of a tunnel: bytes; None: nothing, until the client goes.
        self.answer: bytes | bool | None = False
        self.closes = True  # after that answer
        self.ports: dict[int, int] = {}  # where tunnels to a port go instead

    def serve(self, connection: socket.socket, number: int) -> None:
        client = connection
        with suppress(OSError):
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            self._serve_requests(client, number)
        client.close()
        self.closed.release()

    def _serve_requests(self, client: socket.socket, number: int) -> None:
        while head := read_head(client):
            lines = head.decode("latin-1").split("\r\n")[:-2]
            method, target, _ = lines[0].split(" ")
            if target.endswith("/recorded"):
                self._tell(client)
                continue
            self.recorded.append((number, lines))
            if "/to?" in target:
                self._redirect(client, target.partition("?")[2])
                continue
            if method == "CONNECT":
                return self._tunnel(client, target)
            self._pass_on(client, target, lines)
        return None

    def _tell(self, client: socket.socket) -> None:
        body = json.dumps(self.recorded).encode()
        self.recorded.clear()
        client.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )

    def _redirect(self, client: socket.socket, where: str) -> None:
        client.sendall(
            f"HTTP/1.1 302 Found\r\nLocation: {where}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )

    def _tunnel(self, client: socket.socket, target: str) -> None:
        if self.answer is not False:
            if isinstance(self.answer, bytes):
                client.sendall(self.answer)
            if self.answer is None or not self.closes:
                client.recv(1)  # until the client goes
            return
        asked = int(target.rpartition(":")[2])
        port = self.ports.get(asked, asked)
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(
                target=pump, args=(server, client), daemon=True
            )
            back.start()
            pump(client, server)
            back.join()

    def _pass_on(
        self, client: socket.socket, target: str, lines: list[str]
    ) -> None:
        method = lines[0].split(" ")[0]
        authority, _, path = target.removeprefix("http://").partition("/")
        port = int(authority.partition(":")[2] or 80)
        kept = [f for f in lines[1:] if not f.lower().startswith("proxy-")]
        head = [f"{method} /{path} HTTP/1.1", *kept, "Connection: close"]
        with socket.create_connection(("127.0.0.1", port)) as server:
            server.sendall("\r\n".join([*head, "", ""]).encode("latin-1"))
            answer = b""
            while piece := server.recv(65536):
                answer += piece
        client.sendall(answer.replace(b"Connection: close\r\n", b"", 1))

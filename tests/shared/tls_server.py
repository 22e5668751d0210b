"""An HTTPS server that tells what it knows of its clients."""

import base64
import hashlib
import json
import socket
import ssl
from contextlib import suppress

from threaded_server import ThreadedServer

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class TlsServer(ThreadedServer):
    """Answers each request with JSON: the ``sni`` that the client has sent, who
    the ``client`` is by its certificate, and the number of the ``connection``.
    Asked for a WebSocket, it says the same in a message, and closes."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._names: dict[ssl.SSLObject | ssl.SSLSocket, str | None] = {}
        context.sni_callback = self._on_name
        super().__init__()

    def _on_name(
        self,
        connection: ssl.SSLObject | ssl.SSLSocket,
        name: str | None,
        _context: ssl.SSLContext,
    ) -> None:
        self._names[connection] = name

    def serve(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(60)
        client = self._context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        with client, suppress(OSError):
            try:
                client.do_handshake()
            except ssl.SSLError:
                # Closed at once, bytes that are unread would be a reset, before
                # which the client may not have read why.
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
                return
            subject = dict(
                pair
                for pairs in (client.getpeercert() or {}).get("subject", ())
                for pair in pairs
            )
            known = {
                "sni": self._names.get(client),
                "client": subject.get("commonName"),
                "connection": number,
            }
            self._answer(client, json.dumps(known).encode())

    def _answer(self, client: ssl.SSLSocket, body: bytes) -> None:
        while fields := self._read_fields(client):
            if b"upgrade" in fields:
                self._open(client, fields[b"sec-websocket-key"], body)
                return
            client.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    def _read_fields(self, client: ssl.SSLSocket) -> dict[bytes, bytes]:
        """Those of the next request; empty: there is none."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = client.recv(65536)
            if not piece:
                return {}
            head += piece
        lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:-2]]
        return {name.lower(): value for name, _, value in lines}

    def _open(self, client: ssl.SSLSocket, key: bytes, body: bytes) -> None:
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        client.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
            b"\x81%c%b\x88\x02\x03\xe8" % (accept, len(body), body)
        )
        while client.recv(65536):
            pass

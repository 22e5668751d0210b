"""A server that goes wrong in as many ways as its paths have names.

Run as a program, `hostile_server.py CERTIFICATE_AND_KEY`, it prints its ports
by what they are for, as JSON, and serves until its stdin ends. One connection
after the other and with canned bytes, so that a client can meet it ten thousand
times in a second or two. It is a proxy too: what is asked for in absolute form
is answered as its path says, and a CONNECT makes a tunnel to itself, or what
the host's first label says.
"""

import base64
import collections
import functools
import gzip
import hashlib
import json
import socket
import ssl
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

HEAD_END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Way(NamedTuple):
    """Of going wrong: what is said, and then."""

    says: bytes
    then: str = "close"  # or "reset", "silence"
    again: bytes = b""  # without end, instead


def coded(coding: str, body: bytes) -> bytes:
    return OK + f"Content-Encoding: {coding}\r\n".encode() + HEAD_END[2:] + body


def frame(opcode: int, payload: bytes = b"", first: int = 0x80) -> bytes:
    """An unmasked frame of a WebSocket.

    :param first: the bits before the opcode; FIN alone.
    """
    length = len(payload)
    size = (
        bytes([length]) if length < 126 else b"\x7e" + struct.pack("!H", length)
    )
    return bytes([first | opcode]) + size + payload


# What a request for the path is answered with.
ANSWERS = {
    "nothing": Way(b""),
    "nothing-reset": Way(b"", "reset"),
    "nothing-silence": Way(b"", "silence"),
    "half-line": Way(b"HTTP/1.1 2"),
    "half-line-reset": Way(b"HTTP/1.1 2", "reset"),
    "half-line-silence": Way(b"HTTP/1.1 2", "silence"),
    "garbage": Way(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "binary": Way(bytes(range(256)) + HEAD_END),
    "half-head": Way(OK + b"Content-Le"),
    "half-head-reset": Way(OK + b"Content-Le", "reset"),
    "large-head": Way(OK + b"A: b\r\n" * 20_000),
    "large-field": Way(OK + b"A: " + b"x" * 20_000 + HEAD_END),
    "bad-length": Way(OK + b"Content-Length: -1" + HEAD_END),
    "short-body": Way(OK + b"Content-Length: 10" + HEAD_END + b"abc"),
    "long-body": Way(OK + b"Content-Length: 3" + HEAD_END + b"abcdefghij"),
    "body-reset": Way(OK + b"Content-Length: 10" + HEAD_END + b"ab", "reset"),
    "body-silence": Way(
        OK + b"Content-Length: 10" + HEAD_END + b"ab", "silence"
    ),
    "unbounded-body-reset": Way(OK + b"\r\nab", "reset"),
    "chunks-reset": Way(CHUNKED + b"5\r\nab", "reset"),
    "bad-chunk": Way(CHUNKED + b"xyz\r\nab\r\n"),
    "huge-chunk": Way(CHUNKED + b"fffffffffffffffff\r\nab"),
    "long-chunk": Way(CHUNKED + b"2\r\nabcd\r\n"),
    "half-chunk": Way(CHUNKED + b"5\r\nab"),
    "no-last-chunk": Way(CHUNKED + b"2\r\nab\r\n"),
    "bad-gzip": Way(coded("gzip", b"nonsense")),
    "half-gzip": Way(coded("gzip", gzip.compress(b"x" * 1000)[:-9])),
    "bad-deflate": Way(coded("deflate", b"\xff" * 20)),
    "bad-br": Way(coded("br", b"\xff" * 20)),
    "bad-zstd": Way(coded("zstd", b"nonsense")),
    "interim-close": Way(INTERIM * 20),
    "interim-silence": Way(INTERIM * 20, "silence"),
    "redirects": Way(
        b"HTTP/1.1 302 Found\r\nLocation: redirects\r\n"
        b"Content-Length: 0\r\nConnection: close" + HEAD_END
    ),
    "redirect-short-body": Way(
        b"HTTP/1.1 302 Found\r\nLocation: garbage\r\n"
        b"Content-Length: 10" + HEAD_END + b"ab"
    ),
    "redirect-body-reset": Way(
        b"HTTP/1.1 302 Found\r\nLocation: garbage\r\n"
        b"Content-Length: 10" + HEAD_END + b"ab",
        "reset",
    ),
    "redirect-nowhere": Way(
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1" + HEAD_END
    ),
    "redirect-other-protocol": Way(
        b"HTTP/1.1 302 Found\r\nLocation: ftp://a.test/" + HEAD_END
    ),
    "unasked-upgrade": Way(
        b"HTTP/1.1 101 Switching\r\nUpgrade: other" + HEAD_END + b"junk"
    ),
}
# Without end, or nearly: not to be met ten thousand times.
ENDLESS = {
    "interim": Way(INTERIM, again=INTERIM * 100),
    "trailers": Way(CHUNKED + b"0\r\n", again=b"A: b\r\n" * 100),
    "bomb": Way(
        coded("gzip, gzip", gzip.compress(gzip.compress(bytes(400 << 20))))
    ),
}

UPGRADE = (
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
)
ACCEPTED = UPGRADE + b"Sec-WebSocket-Accept: {accept}"
DEFLATES = (
    ACCEPTED + b"\r\nSec-WebSocket-Extensions: permessage-deflate" + HEAD_END
)
# The same for a WebSocket; {accept} is the right one.
UPGRADES = {
    "no-upgrade": Way(OK + b"Content-Length: 2" + HEAD_END + b"no"),
    "no-accept": Way(UPGRADE + HEAD_END[2:]),
    "bad-accept": Way(UPGRADE + b"Sec-WebSocket-Accept: x" + HEAD_END),
    "bad-upgrade": Way(ACCEPTED.replace(b": websocket", b": other") + HEAD_END),
    "bad-connection": Way(
        ACCEPTED.replace(b"Connection: Upgrade", b"Connection: close")
        + HEAD_END
    ),
    "bad-extension": Way(
        DEFLATES.replace(b"deflate\r", b"deflate; unheard_of=1\r")
    ),
    "refused-silence": Way(b"", "silence"),
}
FRAMES = {
    "closed": Way(b""),
    "reset": Way(b"", "reset"),
    "masked": Way(b"\x81\x82\1\2\3\4ab"),
    "bad-opcode": Way(frame(3)),
    "bad-control": Way(frame(11)),
    "reserved-bit": Way(frame(1, b"a", 0xA0)),
    "compressed-unasked": Way(frame(1, b"a", 0xE0)),
    "long-ping": Way(frame(9, b"x" * 126)),
    "half-ping": Way(frame(9, b"x", 0)),
    "continued-nothing": Way(frame(0, b"x")),
    "interrupted-text": Way(frame(1, b"x", 0) + frame(1, b"y")),
    "bad-text": Way(frame(1, b"\xff\xfe")),
    "bad-close": Way(frame(8, b"\x03")),
    "bad-close-code": Way(frame(8, b"\x00\x01")),
    "bad-close-text": Way(frame(8, b"\x03\xe8\xff")),
    "huge-length": Way(b"\x82\x7f" + b"\xff" * 8),
    "too-big": Way(b"\x82\x7f" + struct.pack("!Q", 1 << 40) + b"x" * 100),
    "half-frame": Way(frame(2, b"x" * 100)[:50]),
    "half-frame-reset": Way(frame(2, b"x" * 100)[:50], "reset"),
    "bad-deflate": Way(frame(1, b"\xff" * 20, 0xC0)),
    "deflate-bomb": Way(
        frame(1, zlib.compress(bytes(16 << 20), 9)[2:-4], 0xC0)
    ),
}
# What a client's first bytes of TLS are answered with; each has a port.
HELLOS = {
    "hello-nothing": Way(b""),
    "hello-reset": Way(b"", "reset"),
    "hello-silence": Way(b"", "silence"),
    "hello-garbage": Way(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "hello-alert": Way(b"\x15\x03\x03\0\2\2\x28"),  # handshake_failure
    "hello-half-record": Way(b"\x16\x03\x03\x01\0\x02\0\0"),
}
# By the first label of a CONNECT's host.
TUNNELS = {
    "nothing": Way(b""),
    "reset": Way(b"", "reset"),
    "silence": Way(b"", "silence"),
    "garbage": Way(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "half-line": Way(b"HTTP/1.1 2"),
    "large-head": Way(OK + b"A: b\r\n" * 20_000),
    "refused": Way(b"HTTP/1.1 407 No\r\nContent-Length: 2" + HEAD_END + b"no"),
    "opened-closed": Way(OK + HEAD_END[2:]),
    "opened-reset": Way(OK + HEAD_END[2:], "reset"),
    "opened-silence": Way(OK + HEAD_END[2:], "silence"),
    "opened-garbage": Way(OK + b"\r\nSSH-2.0-OpenSSH_9.2\r\n"),
    "interim": Way(INTERIM, again=INTERIM * 100),
}


def accepted_key(head: bytes) -> bytes:
    key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


class HostileServer:
    def __init__(self, certificate: str) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        # A client keeps some of the sessions to resume: now more, now less.
        self._context.num_tickets = 0
        self._context.options |= ssl.OP_NO_TICKET
        # Those that wait for a client to give up; the oldest have seen it.
        self._silent: collections.deque[socket.socket] = collections.deque(
            maxlen=1000
        )

    def listen(self) -> dict[str, int]:
        """The ports."""
        hellos = {
            name: functools.partial(self._meet, way=way)
            for name, way in HELLOS.items()
        }
        serving = {
            "plain": self._answer,
            "tls": lambda peer: self._answer(self._secured(peer)),
            **hellos,
        }
        return {name: self._listen(serve) for name, serve in serving.items()}

    def _listen(self, serve: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        threading.Thread(
            target=self._serve, args=(listener, serve), daemon=True
        ).start()
        port: int = listener.getsockname()[1]
        return port

    def _serve(
        self, listener: socket.socket, serve: Callable[[socket.socket], None]
    ) -> None:
        while True:
            peer, _ = listener.accept()
            peer.settimeout(60)
            # What waits to be sent would be lost by a reset.
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError):
                serve(peer)

    def _meet(self, peer: socket.socket, way: Way) -> None:
        peer.recv(65536)
        self._go_wrong(peer, way)

    def _secured(self, peer: socket.socket) -> socket.socket:
        return self._context.wrap_socket(peer, server_side=True)

    def _answer(self, peer: socket.socket) -> None:
        head = peer.recv(65536)
        if not head:
            return peer.close()
        method, target, _ = head.split(b" ", 2)
        if method == b"CONNECT":
            label = target.partition(b".")[0].decode()
            if label in TUNNELS:
                return self._go_wrong(peer, TUNNELS[label])
            peer.sendall(OK + HEAD_END[2:])
            return self._answer(self._secured(peer))
        *_, kind, name = target.decode().split("/")
        return self._go_wrong(peer, self._way(kind, name, head))

    def _way(self, kind: str, name: str, head: bytes) -> Way:
        if kind == "upgrade":
            way = UPGRADES[name]
        elif kind == "frames":
            opens = DEFLATES if "deflate" in name else ACCEPTED + HEAD_END
            way = FRAMES[name]._replace(says=opens + FRAMES[name].says)
        elif kind == "endless":
            return ENDLESS[name]
        else:
            return ANSWERS[name]
        said = way.says.replace(b"{accept}", accepted_key(head))
        return way._replace(says=said)

    def _go_wrong(self, peer: socket.socket, way: Way) -> None:
        if way.again:
            threading.Thread(
                target=self._go_on, args=(peer, way), daemon=True
            ).start()
            return
        peer.sendall(way.says)
        if way.then == "silence":
            self._silent.append(peer)
            return
        if way.then == "reset":
            at_once = struct.pack("ii", 1, 0)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        peer.close()

    def _go_on(self, peer: socket.socket, way: Way) -> None:
        with peer, suppress(OSError):
            peer.sendall(way.says)
            while True:
                peer.sendall(way.again)


if __name__ == "__main__":
    print(json.dumps(HostileServer(sys.argv[1]).listen()), flush=True)
    sys.stdin.read()

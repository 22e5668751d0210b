"""A server of WebSockets that says just the bytes of a case, and judges what it
hears."""

import base64
import contextlib
import hashlib
import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from threaded_server import ThreadedServer

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TAIL = b"\x00\x00\xff\xff"
KINDS = {1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
SHOWN_BYTES = 130
PATIENCE = 60.0  # seconds; only a hang takes them


@dataclass(frozen=True)
class Deflate:
    """What the answer to the handshake says of permessage-deflate."""

    client_bits: int = 0  # 0: it says nothing of them
    client_keeps: bool = True  # its context, from one message to the next
    server_bits: int = 0
    server_keeps: bool = True

    def fields(self) -> str:
        said = ["permessage-deflate"]
        if not self.client_keeps:
            said.append("client_no_context_takeover")
        if not self.server_keeps:
            said.append("server_no_context_takeover")
        if self.client_bits:
            said.append(f"client_max_window_bits={self.client_bits}")
        if self.server_bits:
            said.append(f"server_max_window_bits={self.server_bits}")
        return f"Sec-WebSocket-Extensions: {'; '.join(said)}\r\n"


@dataclass(frozen=True)
class Step:
    """Bytes that are sent, so many at a time (0: all at once), and what is to
    be heard before the next step."""

    sent: bytes
    heard: tuple[str, ...] = ()
    chop: int = 0


@dataclass(frozen=True)
class Case:
    """A connection: its steps, and who closes it."""

    steps: Callable[[], Iterable[Step]]
    # With which code the client does behind the last step; None: the server
    # does, with 1000, and the client answers.
    closed_with: int | None = None
    deflate: Deflate | None = None


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0
) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    length = len(payload)
    if length < 126:
        return head + bytes([length]) + payload
    if length < 65536:
        return head + struct.pack("!BH", 126, length) + payload
    return head + struct.pack("!BQ", 127, length) + payload


def close_frame(code: int, reason: bytes = b"") -> bytes:
    return frame(8, struct.pack("!H", code) + reason)


def fragments(opcode: int, payload: bytes, size: int, *, rsv: int = 0) -> bytes:
    """A message in frames of so many bytes."""
    pieces = [
        payload[at : at + size] for at in range(0, len(payload), size)
    ] or [b""]
    last = len(pieces) - 1
    return b"".join(
        frame(
            0 if number else opcode,
            piece,
            fin=number == last,
            rsv=0 if number else rsv,
        )
        for number, piece in enumerate(pieces)
    )


def shown(kind: str, payload: bytes) -> str:
    """What a message is told by in a case."""
    if kind == "close":
        code = struct.unpack("!H", payload[:2])[0] if payload else "no code"
        return f"close {code}"
    if len(payload) > SHOWN_BYTES:
        return f"{kind} of {len(payload)} bytes {zlib.crc32(payload):08x}"
    return f"{kind} {payload!r}"


def unmasked(payload: bytes, key: bytes) -> bytes:
    keys = (key * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")
    return mixed.to_bytes(len(payload), "big")


class Talk:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reading = connection.makefile("rb")
        self._inflater: zlib._Decompress | None = None
        self._deflate: Deflate | None = None
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE)

    def path(self) -> str:
        """Of the request; its key is kept."""
        lines = []
        while line := self._reading.readline().rstrip(b"\r\n"):
            lines.append(line.decode("latin-1"))
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        keys = dict(line.split(": ", 1) for line in lines[1:])
        self._key = next(
            value
            for name, value in keys.items()
            if name.lower() == "sec-websocket-key"
        )
        self.offered = fields.get("sec-websocket-extensions", "")
        return lines[0].split(" ")[1].removeprefix("/")

    def accept(self, deflate: Deflate | None) -> None:
        digest = hashlib.sha1(self._key.encode() + GUID).digest()
        self._deflate = deflate
        head = (
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n"
        )
        if deflate:
            head += deflate.fields()
        self._connection.sendall(head.encode() + b"\r\n")

    def say(self, step: Step) -> None:
        chop = step.chop or len(step.sent)
        for at in range(0, len(step.sent), chop or 1):
            self._connection.sendall(step.sent[at : at + chop])

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def hear(self) -> str:
        """A message or control frame, "end", or what is wrong with it."""
        head = self._reading.read(2)
        if len(head) < 2:
            return "end"
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._reading.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._reading.read(8))
        if not head[1] & 0x80:
            return "a frame without a mask"
        key = self._reading.read(4)
        payload = unmasked(self._reading.read(length), key)
        opcode, rsv = head[0] & 0xF, head[0] >> 4 & 7
        if opcode not in KINDS or not head[0] & 0x80:
            return f"a frame that begins with {head[0]:02x}"
        if rsv == 4 and opcode < 8 and self._deflate:
            payload = self._inflated(payload, self._deflate)
        elif rsv or (self._deflate and opcode < 8):
            return f"{KINDS[opcode]} with reserved bits {rsv}"
        return shown(KINDS[opcode], payload)

    def _inflated(self, payload: bytes, deflate: Deflate) -> bytes:
        """Raises zlib.error where the client does not keep to its terms."""
        if self._inflater is None or not deflate.client_keeps:
            bits = deflate.client_bits or zlib.MAX_WBITS
            self._inflater = zlib.decompressobj(wbits=-bits)
        return self._inflater.decompress(payload + TAIL)


def judge(talk: Talk, case: Case) -> str:
    """ "as it should be", or what was heard instead."""
    for number, step in enumerate(case.steps(), 1):
        # A client that has closed may not take all; it is heard then.
        with contextlib.suppress(ConnectionError):
            talk.say(step)
        for wanted in step.heard:
            if (heard := talk.hear()) != wanted:
                return f"step {number}: {heard}, not {wanted}"
    if case.closed_with is None:
        talk.say(Step(close_frame(1000)))
    wanted = f"close {case.closed_with or 1000}"
    if (heard := talk.hear()) != wanted:
        return f"at the end: {heard}, not {wanted}"
    # A server ends first (RFC 6455 section 7.1.1). A client that leaves bytes
    # unread resets the connection.
    with contextlib.suppress(ConnectionError):
        talk.end()
        if (heard := talk.hear()) != "end":
            return f"behind its close frame: {heard}"
    return "as it should be"


class Judge(ThreadedServer):
    """Each connection is the case that its path names."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self.verdicts: dict[str, str] = {}
        self._cases = cases
        super().__init__()
        self.url = f"ws://127.0.0.1:{self.port}"

    def wait(self) -> dict[str, str]:
        """The verdicts, once all connections have ended."""
        for thread in list(self._threads):
            thread.join(PATIENCE)
        return self.verdicts

    def serve(self, connection: socket.socket, number: int) -> None:
        with connection:
            talk = Talk(connection)
            name = talk.path()
            case = self._cases[name]
            talk.accept(case.deflate)
            try:
                self.verdicts[name] = judge(talk, case)
            except (OSError, zlib.error, struct.error) as error:
                self.verdicts[name] = repr(error)

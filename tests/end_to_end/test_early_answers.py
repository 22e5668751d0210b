"""Files that are sent again, where the server answers before it has them: to a
challenge, by a middleware, and after a redirect. As aiohttp, but for threads of
its that still read."""

import asyncio
import hashlib
import io
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any, BinaryIO

import pytest
from threaded_server import ThreadedServer

from molotov import ClientSession
from molotov.client import DigestAuthMiddleware, FormData

PATIENCE = 60  # seconds; only a hang takes them
CONTENT = bytes(range(97, 122)) * 120_000
AGAIN = {
    "401": 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',
    "307": "Location: /whole",
    "308": "Location: /whole",
}


class EarlyServer(ThreadedServer):
    """Answers `/STATUS/HOW` early, and what comes again with the digest of the
    body that it got."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"
        # So that no body fits in between.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.came_again = threading.Event()

    def serve(self, connection: socket.socket, number: int) -> None:
        with connection, connection.makefile("rb") as reader:
            try:
                while self.answer(connection, reader):
                    pass
            except (OSError, ValueError):  # the client has had enough
                pass

    def answer(self, connection: socket.socket, reader: BinaryIO) -> bool:
        head = head_from(reader)
        if not head:
            return False
        path = head.split()[1].decode()
        if path.startswith("/whole") or b"\r\nAuthorization:" in head:
            self.came_again.set()
            answer = digest(body_from(reader, head)).encode()
            connection.sendall(ok(answer))
            return True
        _, status, how = path.split("/")
        early = f"HTTP/1.1 {status} Again\r\n{AGAIN.get(status, 'A: b')}\r\n"
        if how == "late":
            body_from(reader, head)
        if how in ("late", "early"):
            connection.sendall(f"{early}Content-Length: 0\r\n\r\n".encode())
        if how == "early":
            body_from(reader, head)
        if how == "closing":
            early += "Connection: close\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(early.encode())
            connection.shutdown(socket.SHUT_WR)
            while reader.read(65536):
                pass
            return False
        if how in ("head-first", "held"):
            length = 5 if status == "401" else len(digest(b"")) + 20
            connection.sendall(
                f"{early}Content-Length: {length}\r\n\r\n".encode()
            )
            if how == "held":
                assert self.came_again.wait(PATIENCE)
            text = digest(body_from(reader, head)).encode()
            connection.sendall(text.ljust(length)[:length])
        return True


def head_from(reader: BinaryIO) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return b""
        head += line
    return head


def body_from(reader: BinaryIO, head: bytes) -> bytes:
    """
    :raises ValueError: when it ends too early.
    """
    fields = head.lower().split(b"\r\n")
    for field in fields:
        if field.startswith(b"content-length:"):
            return exactly(reader, int(field.split(b":")[1]))
    body = b""
    while size := int(reader.readline(), 16):
        body += exactly(reader, size + 2)[:-2]
    exactly(reader, 2)
    return body


def exactly(reader: BinaryIO, size: int) -> bytes:
    got = reader.read(size)
    if len(got) < size:
        raise ValueError("it ended")
    return got


def digest(body: bytes) -> str:
    # Of a form, what is between its boundaries.
    if body.startswith(b"--"):
        body = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    return f"{len(body)} {hashlib.md5(body).hexdigest()}"


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )


def opened(path: Path) -> IO[Any]:
    return path.open("rb")


def opened_for_update(path: Path) -> IO[Any]:
    return path.open("r+b")


def opened_as_text(path: Path) -> IO[Any]:
    return path.open("r", encoding="utf-8")


def in_memory(path: Path) -> IO[Any]:
    return io.BytesIO(path.read_bytes())


def form(path: Path) -> FormData:
    made = FormData()
    made.add_field("file", path.open("r+b"), filename="file")
    return made


async def repeats(
    request: Any, handler: Callable[[Any], Awaitable[Any]]
) -> Any:
    response = await handler(request)
    if response.status != 401:
        return response
    request.headers["Authorization"] = "me"
    return await handler(request)


async def steps(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
    return await handler(request)


def their_digest() -> Any:
    aiohttp = pytest.importorskip("aiohttp")
    return aiohttp.DigestAuthMiddleware("user", "password")


def our_digest() -> Any:
    return DigestAuthMiddleware("user", "password")


WAYS: dict[str, tuple[str, Callable[[], Any] | None]] = {
    "our digest": ("401", our_digest),
    "aiohttp's digest": ("401", their_digest),
    "a middleware": ("401", lambda: repeats),
    "307": ("307", None),
    "308 in steps": ("308", lambda: steps),
}
# While the first body is still sent: those who do not wait for its answer.
HOWS = [
    (how, way)
    for how in ("late", "early", "closing", "head-first", "held")
    for way in WAYS
    if how != "held" or way in ("aiohttp's digest", "a middleware")
]
MADE = [opened, opened_for_update, opened_as_text, in_memory, form]


def sent(tmp_path: Path, path: str, make: Any, middleware: Any) -> Any:
    """(status, text) of an answer to a file; and it is closed then."""
    (tmp_path / "file").write_bytes(CONTENT)

    async def play(url: str) -> tuple[int, str]:
        data = make(tmp_path / "file")
        layers = [] if middleware is None else [middleware()]
        async with (
            asyncio.timeout(PATIENCE),
            ClientSession() as session,
            session.post(url + path, data=data, middlewares=layers) as response,
        ):
            text = await response.text()
        if make in (opened, opened_for_update, opened_as_text):
            assert data.closed
        return response.status, text.strip()

    with EarlyServer() as server:
        return asyncio.run(play(server.url))


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize(("how", "way"), HOWS)
def test_a_file_is_sent_again(
    tmp_path: Path, how: str, way: str, make: Callable[[Path], Any]
) -> None:
    status, middleware = WAYS[way]
    answer = sent(tmp_path, f"/{status}/{how}", make, middleware)
    assert answer == (200, digest(CONTENT))


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("middleware", [None, lambda: steps])
def test_a_file_is_sent_on_after_an_early_answer(
    tmp_path: Path, make: Callable[[Path], Any], middleware: Any
) -> None:
    """Where aiohttp closes it, and waits for ever."""
    answer = sent(tmp_path, "/200/head-first", make, middleware)
    assert answer == (200, digest(CONTENT))

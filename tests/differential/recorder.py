"""A server on this machine that records each request, field by field."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from differential.answers import Answer, answer_to

# Nobody waits this long unless something hangs.
PATIENCE = 120


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    port: int = 0  # of the client


class Recorder:
    """Its requests so far. Answers to /held wait for release()."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._changed = threading.Condition()
        self._released = threading.Event()

    def add(self, request: Request) -> None:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def wait_for(self, count: int) -> bool:
        """Until so many requests have come; whether they have."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self.requests) >= count, PATIENCE
            )

    def release(self) -> None:
        self._released.set()

    def hold(self) -> None:
        self._released.wait(PATIENCE)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.recorder = recorder

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are a part of what is compared."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small answer goes out as one piece: nothing depends on how it is cut.
    wbufsize = 1 << 16
    server: _Server

    def __getattr__(self, name: str) -> Any:
        """Each method is answered, whatever its name."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        request = Request(
            self.command,
            self.path,
            tuple(self.headers.items()),
            self._body(),
            self.client_address[1],
        )
        self.server.recorder.add(request)
        answer = answer_to(request, self.server.recorder.url)
        if answer.held:
            self.server.recorder.hold()
        self._send(answer)

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().strip() or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _send(self, answer: Answer) -> None:
        if answer.dropped:
            self.close_connection = True
            return
        if answer.raw:
            self.wfile.write(answer.raw)
            self.close_connection = answer.ends
            return
        self.send_response_only(answer.status, answer.reason)
        if self.close_connection:  # as the request asks for it
            self.send_header("Connection", "close")
        for name, value in answer.fields:
            self.send_header(name, value)
        if answer.chunks:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status not in (204, 304):
            self.send_header("Content-Length", str(answer.length))
        self.end_headers()
        if self.command == "HEAD":
            return
        for chunk in answer.chunks:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if answer.chunks:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.write(answer.body)
        if answer.length != len(answer.body):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def recording() -> Iterator[Recorder]:
    """One that serves, at its `url`."""
    recorder = Recorder()
    with _Server(recorder) as server:
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        try:
            yield recorder
        finally:
            recorder.release()
            server.shutdown()

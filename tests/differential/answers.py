"""What the recording server answers, by path."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from differential.recorder import Request

TEXT = ("Content-Type", "text/plain; charset=utf-8")
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = (TEXT,)
    reason: str | None = None
    chunks: tuple[bytes, ...] = ()
    missing: int = 0  # bytes that are announced and do not come
    held: bool = False  # until the recorder's release()
    dropped: bool = False  # the connection is closed in place of an answer
    raw: bytes = b""  # sent as it is, in place of all else
    ends: bool = False  # with it the connection

    @property
    def length(self) -> int:
        return len(self.body) + self.missing


def _status(rest: str, request: Request, url: str) -> Answer:
    return Answer(int(rest), b"" if rest in ("204", "304") else b"see status")


def _echo(rest: str, request: Request, url: str) -> Answer:
    kind = dict(request.fields).get("Content-Type", "text/plain")
    return Answer(200, request.body, (("Content-Type", kind),))


def _redirect(rest: str, request: Request, url: str) -> Answer:
    """/redirect/302/next/path: there, by that status."""
    status, _, path = rest.partition("/")
    return Answer(int(status), b"moved", (TEXT, ("Location", f"/{path}")))


def _absolute(rest: str, request: Request, url: str) -> Answer:
    host = url.replace("127.0.0.1", "localhost")
    return Answer(302, b"", (TEXT, ("Location", f"{host}/{rest}")))


def _cookies(rest: str, request: Request, url: str) -> Answer:
    """/cookies?a=1&b=2;Path=/x: sets each of them."""
    pairs = parse_qsl(urlsplit(request.target).query)
    fields = (("Set-Cookie", f"{name}={value}") for name, value in pairs)
    return Answer(200, b"cookies", (TEXT, *fields))


def _json(rest: str, request: Request, url: str) -> Answer:
    body = {"result": "OK", "list": [1, 2.5, None, True], "text": "Zürich"}
    return Answer(200, json.dumps(body).encode(), (JSON,))


def _typed(rest: str, request: Request, url: str) -> Answer:
    """/typed/text/plain; charset=latin-1: a body of that type."""
    return Answer(200, b'{"caf\xe9": 1}', (("Content-Type", unquote(rest)),))


def _chunks(rest: str, request: Request, url: str) -> Answer:
    return Answer(chunks=(b"one\n", b"two\n", b"three"))


def _gzip(rest: str, request: Request, url: str) -> Answer:
    packed = gzip.compress(b"unpacked " * 20, mtime=0)
    return Answer(200, packed, (TEXT, ("Content-Encoding", "gzip")))


def _held(rest: str, request: Request, url: str) -> Answer:
    return Answer(body=b"released", held=True)


def _drop(rest: str, request: Request, url: str) -> Answer:
    return Answer(dropped=True)


def _short(rest: str, request: Request, url: str) -> Answer:
    return Answer(body=b"short", missing=10)


def _raw(rest: str, request: Request, url: str) -> Answer:
    """/raw/48545450...: these bytes."""
    return Answer(raw=bytes.fromhex(rest))


def _raw_end(rest: str, request: Request, url: str) -> Answer:
    """The same, and the connection ends with it."""
    return Answer(raw=bytes.fromhex(rest), ends=True)


def _large_head(rest: str, request: Request, url: str) -> Answer:
    """The body, which is too long for a path."""
    return Answer(raw=request.body)


def _large(rest: str, request: Request, url: str) -> Answer:
    return Answer(body=b"0123456789abcdef" * 16384)


def _fields(rest: str, request: Request, url: str) -> Answer:
    more = (("X-Twice", "1"), ("X-Twice", "2"), ("x-lower", "a, b"))
    return Answer(body=b"fields", fields=(TEXT, *more), reason="Fine")


ANSWERS: dict[str, Callable[[str, Request, str], Answer]] = {
    "status": _status,
    "echo": _echo,
    "redirect": _redirect,
    "absolute": _absolute,
    "cookies": _cookies,
    "json": _json,
    "typed": _typed,
    "chunks": _chunks,
    "gzip": _gzip,
    "held": _held,
    "drop": _drop,
    "short": _short,
    "raw": _raw,
    "raw-end": _raw_end,
    "large": _large,
    "large-head": _large_head,
    "fields": _fields,
}


def answer_to(request: Request, url: str) -> Answer:
    """The answer of a server at that URL; `hello` where no path is known."""
    path = urlsplit(request.target).path
    name, _, rest = path.lstrip("/").partition("/")
    answer = ANSWERS.get(name)
    return answer(rest, request, url) if answer else Answer(body=b"hello")

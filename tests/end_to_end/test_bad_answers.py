"""What a request raises for each way in which a server misbehaves, beside
aiohttp. Texts are compared where aiohttp's do not depend on which of its
parsers is installed."""

import ast
from collections.abc import Iterator

import pytest
from beside_aiohttp import answers
from canned_server import CannedServer

pytest.importorskip("aiohttp")

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FIELDS = b"".join(b"A%d: 1\r\n" % i for i in range(200))

CANNED = {
    "/closed": b"",
    "/bad-line": b"nonsense\r\n\r\n",
    "/other-protocol": b"SSH-2.0-OpenSSH\r\n",
    "/bad-version": b"HTTP/9.9 200 OK\r\n\r\n",
    "/bad-status": b"HTTP/1.1 abc OK\r\n\r\n",
    "/long-status": b"HTTP/1.1 2000 OK\r\n\r\n",
    "/no-colon": OK + b"nonsense\r\n\r\n",
    "/space-before-colon": OK + b"A : b\r\n\r\n",
    "/no-name": OK + b": b\r\n\r\n",
    "/nul": OK + b"A: b\0c\r\n\r\n",
    "/bad-length": OK + b"Content-Length: x\r\n\r\n",
    "/two-lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "/both-framings": OK
    + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "/too-short": OK + b"Content-Length: 10\r\n\r\nabc",
    "/short-chunk": CHUNKED + b"5\r\nab",
    "/no-last-chunk": CHUNKED + b"2\r\nab\r\n",
    "/bad-chunk": CHUNKED + b"xyz\r\nab\r\n",
    "/long-chunk": CHUNKED + b"2\r\nabcd\r\n",
    "/long-reason": b"HTTP/1.1 200 " + b"x" * 9000 + b"\r\n\r\n",
    "/long-field": OK + b"A: " + b"x" * 9000 + b"\r\n\r\n",
    "/long-name": OK + b"A" * 9000 + b": x\r\n\r\n",
    "/many-fields": OK + FIELDS + b"Content-Length: 0\r\n\r\n",
    "/bad-gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "/part-of-line": b"HTTP/1.1 2",
    "/part-of-head": OK + b"Content-Le",
}
SAME_TEXT = (
    "/closed",
    "/too-short",
    "/short-chunk",
    "/no-last-chunk",
    "/many-fields",
    "/bad-gzip",
)
ASK = """
    def kind(error):
        return next(
            c.__name__
            for c in type(error).__mro__
            if c in vars(aiohttp).values()
        )
    try:
        async with session.get(CANNED + {path!r}{more}) as r:
            return r.status, await r.read()
    except aiohttp.ClientError as error:
        text = str(error).replace(CANNED, "")
        return kind(error), getattr(error, "status", None), text
"""
BOUNDED = {
    "lines that may be longer": ("/long-field", ", max_field_size=10000"),
    "more fields": ("/many-fields", ", max_headers=300"),
    "fewer fields": ("/few-fields", ", max_headers=3"),
}


@pytest.fixture(scope="module")
def given(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> Iterator[dict[str, tuple[str, str]]]:
    canned = CANNED | {
        "/few-fields": OK
        + b"A: 1\r\nB: 2\r\nC: 3\r\nContent-Length: 0\r\n\r\n",
        "/long-field": OK
        + b"Content-Length: 0\r\nA: "
        + b"x" * 9000
        + b"\r\n\r\n",
    }
    asked = {path: ASK.format(path=path, more="") for path in CANNED} | {
        name: ASK.format(path=path, more=more)
        for name, (path, more) in BOUNDED.items()
    }
    with CannedServer(canned) as server:
        at_hand = f"import aiohttp\nCANNED = {server.url!r}\n"
        yield answers(tmp_path_factory.mktemp("bad"), target, asked, at_hand)


@pytest.mark.parametrize("path", CANNED)
def test_the_same_kind_is_raised(
    given: dict[str, tuple[str, str]], path: str
) -> None:
    ours, theirs = map(ast.literal_eval, given[path])
    assert ours[:2] == theirs[:2]
    if path in SAME_TEXT:
        assert ours == theirs


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_can_be_moved(
    given: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = map(ast.literal_eval, given[name])
    assert ours == theirs

"""What a response is, beside aiohttp's, against the same server."""

from collections.abc import Iterator

import pytest
from beside_aiohttp import answers
from canned_server import CannedServer

pytest.importorskip("aiohttp")


def answer(*fields: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    """One with a Content-Length."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *fields,
    ]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def chunked(*chunks: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    head += b"Connection: close\r\n\r\n"
    return head + b"".join(
        b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b"")
    )


CANNED = {
    "/plain": answer("Content-Type: text/plain", body=b"text"),
    "/old": b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "/chunks": chunked(b"one", b"two\n", b"t" * 70_000, b"4"),
    "/until-close": b"HTTP/1.1 200 OK\r\n\r\nuntil close",
    "/latin": answer(
        "Content-Type: text/plain; charset=latin-1", body="é".encode("latin-1")
    ),
    "/unknown-charset": answer(
        "Content-Type: text/plain; charset=nonsense", body="é".encode()
    ),
    "/no-charset": answer(
        "Content-Type: text/plain", body="é".encode("latin-1")
    ),
    "/json": answer("Content-Type: application/json", body=b'{"a": 1}'),
    "/problem": answer(
        "Content-Type: application/problem+json; charset=utf-8", body=b"[1]"
    ),
    "/odd-json": answer("Content-Type: Text/X", body=b"[1]"),
    "/empty-json": answer("Content-Type: application/json", body=b"  "),
    "/fields": answer(
        "X-A: 1",
        "x-a: 2",
        "Set-Cookie: a=b; Path=/; HttpOnly",
        'Set-Cookie: c="d e"',
        "Content-Disposition: attachment; filename*=utf-8''%c3%a9.txt",
        'Link: <https://e.org/2>; rel="next"; title="x", </3>; rel=prev',
    ),
    "/redirect": answer(
        "Location: /second?x=1#part", "X-Hop: 1", body=b"x", status="302 Found"
    ),
    "/second": answer(
        "Location: {url}/plain#other", status="307 Temporary Redirect"
    ),
    "/loop": answer("Location: /loop", status="301 Moved Permanently"),
    "/no-reason": (
        b"HTTP/1.1 200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ),
    "/teapot": answer("X-T: 1", body=b"tea", status="418 I'm a teapot"),
    "/bad-redirect": answer("Location: http://[", status="302 Found"),
    "/far-redirect": answer("Location: ftp://h/x", status="302 Found"),
}

AT_HAND = """
import asyncio, contextlib, aiohttp

def sent(info):
    kept = {n: v for n, v in info.headers.items() if n != "User-Agent"}
    return str(info.url), info.method, kept, str(info.real_url)
"""

# See beside_aiohttp.answers().
SAME = {
    "version and reason": """
        seen = []
        for path in ("/plain", "/old", "/no-reason"):
            async with session.get(CANNED + path) as r:
                seen.append((tuple(r.version), r.version.minor, r.reason))
        return seen
    """,
    "URLs": """
        seen = []
        async with session.get(CANNED) as r:
            # Both say that this is the URL, one with a slash at its end.
            seen.append(r.url == aiohttp.client.URL(CANNED))
        for path in ("/", "/plain#part", "/plain?a=%7e#b c", "/a/../plain"):
            async with session.get(CANNED + path) as r:
                seen.append((str(r.url), str(r.real_url), r.host))
        return seen
    """,
    "what was sent": """
        seen = []
        for options in (
            {}, {"headers": {"X-Own": "1"}}, {"cookies": {"a": "b"}},
            {"data": b"body"}, {"json": [1]}, {"auth": BasicAuth("u", "p")},
        ):
            async with session.post(CANNED + "/plain#f", **options) as r:
                seen.append(sent(r.request_info))
        async with session.get(CANNED + "/plain") as r:
            seen.append(sent(r.request_info))
        return seen
    """,
    "history": """
        async with session.get(CANNED + "/redirect") as r:
            seen = [(str(r.url), str(r.real_url), sent(r.request_info))]
            for hop in r.history:
                seen.append((
                    hop.status, hop.reason, hop.method, str(hop.url),
                    str(hop.real_url), hop.host, tuple(hop.version), hop.ok,
                    hop.headers.get("X-Hop"), hop.raw_headers,
                    hop.content_type, hop.content_length, hop.closed,
                    len(hop.history), sent(hop.request_info), hop.connection,
                ))
        return seen
    """,
    "fields": """
        async with session.get(CANNED + "/fields") as r:
            return (
                r.headers.getall("X-A"), r.raw_headers, r.content_length,
                sorted((m.key, m.value, m["path"]) for m in r.cookies.values()),
                r.content_disposition.type, r.content_disposition.filename,
                [(n, str(link["url"])) for n, link in r.links.items()],
                r.links["next"]["title"],
            )
    """,
    "chunks": """
        async with session.get(CANNED + "/chunks") as r:
            whole = [pair async for pair in r.content.iter_chunks()]
        ends, at = [], 0
        for data, end in whole:
            at += len(data)
            if end:
                ends.append(at)
        async with session.get(CANNED + "/plain") as r:
            plain = [pair async for pair in r.content.iter_chunks()]
        return ends, at, plain
    """,
    "chunks, and other ways to read": """
        async with session.get(CANNED + "/chunks") as r:
            seen = [await r.content.readchunk()]
            seen.append(await r.content.readline())
            seen.append(await r.content.readchunk())
            seen.append(await r.content.readexactly(69_999))
            seen.append(await r.content.readchunk())
            seen.append(await r.content.readchunk())
            seen.append(await r.content.readchunk())
            seen.append(r.content.at_eof())
        return seen
    """,
    "the stream": """
        async with session.get(CANNED + "/plain") as r:
            await r.content.wait_eof()
            seen = [r.content.is_eof(), r.content.at_eof()]
            seen.append(r.content.read_nowait(2))
            seen.append([line async for line in r.content])
            seen.append((r.content.at_eof(), r.content.exception()))
            seen.append((r.content.total_bytes, r.closed))
        return seen
    """,
    "read_until_eof": """
        seen = []
        for until in (True, False):
            async with session.get(
                CANNED + "/until-close", read_until_eof=until
            ) as r:
                seen.append(await r.read())
        return seen
    """,
    "charsets": """
        seen = []
        for path in ("/latin", "/unknown-charset", "/plain", "/json"):
            async with session.get(CANNED + path) as r:
                seen.append((r.charset, r.content_type, await r.text()))
                seen.append(r.get_encoding())
        async with session.get(CANNED + "/no-charset") as r:
            try:
                r.get_encoding()
            except RuntimeError as error:
                seen.append(str(error))
            seen.append(await raised(r.text()))
            seen.append(await r.text(errors="replace"))
            seen.append(await r.text("latin-1"))
        async with session.get(CANNED + "/json") as r:
            seen.append(r.get_encoding())
        return seen
    """,
    "json": """
        seen = []
        for path in ("/json", "/problem", "/odd-json", "/empty-json", "/plain"):
            for options in ({}, {"content_type": None},
                            {"content_type": "text/x"}):
                async with session.get(CANNED + path) as r:
                    try:
                        seen.append(await r.json(**options))
                    except Exception as error:
                        seen.append((type(error).__name__, str(error)))
        return seen
    """,
    "reading what was let go": """
        seen = []
        for path in ("/plain", "/chunks", "/no-reason"):
            r = await session.get(CANNED + path)
            r.release()
            seen += [r.closed, await raised(r.read()), await raised(r.text())]
            seen.append(await raised(r.content.read()))
            seen.append(repr(r.content.exception()))
            async with session.get(CANNED + path) as r:
                await r.read()
            seen += [r.closed, await raised(r.read()), len(await r.text())]
            seen.append(r.connection)
            r = await session.get(CANNED + path)
            r.close()
            seen += [r.closed, await raised(r.read())]
            r = await session.get(CANNED + path)
            await r.wait_for_close()
            seen += [r.closed, await raised(r.read())]
        return seen
    """,
    "raise_for_status": """
        try:
            async with session.get(CANNED + "/teapot") as r:
                r.raise_for_status()
        except aiohttp.ClientResponseError as error:
            return (
                error.status, error.message, error.headers["X-T"],
                str(error), sent(error.request_info), error.history,
            )
    """,
    "too many redirects": """
        seen = []
        for most in (1, 2):
            try:
                await session.get(CANNED + "/loop", max_redirects=most)
            except aiohttp.TooManyRedirects as error:
                seen.append((
                    error.status, error.message, str(error),
                    [(h.status, str(h.url)) for h in error.history],
                    sent(error.request_info),
                ))
        return seen
    """,
    "redirects to nowhere": """
        return [
            await raised(session.get(CANNED + path))
            for path in ("/bad-redirect", "/far-redirect")
        ]
    """,
}


@pytest.fixture(scope="module")
def canned() -> Iterator[str]:
    with CannedServer(CANNED) as server:
        yield server.url


@pytest.fixture(scope="module")
def given(
    tmp_path_factory: pytest.TempPathFactory, target: str, canned: str
) -> dict[str, tuple[str, str]]:
    at_hand = f"CANNED = {canned!r}\n{AT_HAND}"
    return answers(tmp_path_factory.mktemp("response"), target, SAME, at_hand)


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    given: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = given[name]
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs

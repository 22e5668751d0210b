# ruff: noqa: E501 (code of the cases)
"""Servers that misbehave, and what a script sees of it."""

from __future__ import annotations

from differential.client.case import AUTOMATIC, ClientCase

CASES = [
    ClientCase(
        "nobody listens",
        """
        try:
            await session.get("http://127.0.0.1:1/")
        except api.ClientConnectorError as error:
            say(type(error).__name__, error.host, error.port, error.ssl)
            say(type(error.os_error).__name__, error.errno)
        """,
    ),
    ClientCase(
        "no such host",
        """
        try:
            await session.get("http://host.invalid/")
        except api.ClientConnectorError as error:
            say(type(error).__name__, error.host, error.port)
        """,
    ),
    ClientCase(
        "closed in place of an answer",
        """
        for method in ("post", "get"):
            try:
                await getattr(session, method)(URL + "/drop")
            except Exception as error:
                say(type(error).__name__, isinstance(error, api.ClientError))
        """,
        why="only a request whose connection had been kept is sent once more",
        differs=(f"- GET /drop | {AUTOMATIC} | b''",),
    ),
    ClientCase(
        "a body that is too short",
        """
        try:
            async with session.get(URL + "/short") as r:
                say(r.status)
                say(await r.read())
        except Exception as error:
            say(type(error).__name__)
        """,
    ),
    ClientCase(
        "answers that are none",
        """
        for answer in (b"junk\\r\\n\\r\\n", b"HTTP/1.1 abc OK\\r\\n\\r\\n",
                       b"HTTP/1.1 99 x\\r\\n\\r\\n", b"HTTP/1.1\\r\\n\\r\\n",
                       b"HTTP/9.9 200 OK\\r\\n\\r\\n", b"\\x00\\x01\\x02\\r\\n\\r\\n",
                       b"HTTP/1.1 2000 OK\\r\\n\\r\\n", b"HTTQ/1.1 200 OK\\r\\n\\r\\n"):
            try:
                async with session.get(URL + raw(answer, ends=True)) as r:
                    say(answer, r.status)
            except Exception as error:
                say(answer, type(error).__name__, getattr(error, "status", None))
        """,
    ),
    ClientCase(
        "fields that are none",
        """
        for field in (b"no colon", b": no name", b"a b: c", b"A: b\\x00c", b"A\\x00: b",
                      b"Content-Length: -1", b"Content-Length: x",
                      b"Content-Length: 1, 2", b"Content-Length: 5\\r\\nContent-Length: 6",
                      b"A : b", b"\\xff: a", b"A: \\xff", b" folded: x"):
            answer = b"HTTP/1.1 200 OK\\r\\n" + field + b"\\r\\nX: y\\r\\n\\r\\n"
            try:
                async with session.get(URL + raw(answer, ends=True)) as r:
                    say(field, r.status, await r.read())
            except Exception as error:
                say(field, type(error).__name__, getattr(error, "status", None))
        """,
        why="a line that continues none is refused (RFC 9112 section 2.2)",
        differs=(
            "- b' folded: x' 200 b''",
            "+ b' folded: x' 'ClientResponseError' 400",
        ),
    ),
    ClientCase(
        "chunks that are none",
        """
        for body in (b"x\\r\\n", b"-1\\r\\n", b"5\\r\\nhel", b"3\\r\\nhello\\r\\n0\\r\\n\\r\\n",
                     b"5;ext=1\\r\\nhello\\r\\n0\\r\\n\\r\\n", b"5\\r\\nhello\\r\\n0\\r\\n",
                     b"ffffffffffffffffff\\r\\n", b"5\\nhello\\n0\\n\\n", b"",
                     b"5\\r\\nhello\\r\\n0\\r\\nTrailer: x\\r\\n\\r\\n", b"0x5\\r\\nhello\\r\\n0\\r\\n\\r\\n"):
            answer = b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n" + body
            try:
                async with session.get(URL + raw(answer, ends=True)) as r:
                    say(body, await r.read())
            except Exception as error:
                say(body, type(error).__name__)
        """,
    ),
    ClientCase(
        "codings that are none",
        """
        for coding, body in ((b"gzip", b"junk"), (b"deflate", b"junk"), (b"gzip", b""),
                             (b"unknown", b"as it is"), (b"identity", b"same"),
                             (b"x-gzip", b"junk")):
            answer = (b"HTTP/1.1 200 OK\\r\\nContent-Encoding: %b\\r\\n"
                      b"Content-Length: %d\\r\\n\\r\\n%b" % (coding, len(body), body))
            try:
                async with session.get(URL + raw(answer)) as r:
                    say(coding, await r.read())
            except Exception as error:
                say(coding, type(error).__name__)
        """,
        why="x-gzip is gzip (RFC 9110 section 8.4.1.3); what cannot be decoded is one error",
        differs=(
            "- b'deflate' 'ClientResponseError'",
            "+ b'deflate' 'ClientPayloadError'",
            "- b'x-gzip' b'junk'",
            "+ b'x-gzip' 'ClientPayloadError'",
        ),
    ),
    ClientCase(
        "heads that are large",
        """
        for size in (8000, 9000, 70000):
            for head in (b"HTTP/1.1 200 OK\\r\\nA: " + b"x" * size,
                         b"HTTP/1.1 200 " + b"x" * size,
                         b"HTTP/1.1 200 OK\\r\\n" + b"x" * size + b": A"):
                answer = head + b"\\r\\nContent-Length: 0\\r\\n\\r\\n"
                try:
                    async with session.get(URL + "/large-head", data=answer) as r:
                        say(size, head[:17], r.status)
                except Exception as error:
                    say(size, head[:17], type(error).__name__)
        """,
    ),
    ClientCase(
        "an answer to what came before",
        """
        for _ in range(2):
            answer = (b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nokHTTP/1.1 500 x"
                      b"\\r\\nContent-Length: 0\\r\\n\\r\\n")
            async with session.get(URL + raw(answer)) as r:
                say(r.status, await r.text())
        """,
    ),
    ClientCase(
        "informational answers",
        """
        for first in (b"HTTP/1.1 100 Continue\\r\\n\\r\\n",
                      b"HTTP/1.1 103 Early Hints\\r\\nLink: <a>\\r\\n\\r\\n"):
            answer = first + b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"
            async with session.get(URL + raw(answer)) as r:
                say(r.status, await r.text())
        """,
    ),
    ClientCase(
        "the tree of exceptions",
        """
        names = ("ClientError ClientConnectionError ClientConnectionResetError "
                 "ClientOSError ClientConnectorError ClientConnectorDNSError "
                 "ClientSSLError ClientConnectorSSLError ServerConnectionError "
                 "ClientConnectorCertificateError ServerDisconnectedError "
                 "ServerTimeoutError ConnectionTimeoutError SocketTimeoutError "
                 "ClientPayloadError ClientResponseError ContentTypeError "
                 "TooManyRedirects InvalidURL").split()
        async def failing(path, **options):
            try:
                async with session.get(URL + path, **options) as r:
                    await r.read()
                    await r.json()
            except Exception as error:
                say(path[:9], [n for n in names if isinstance(error, getattr(api, n))])
        await failing("/drop")
        await failing("/short")
        await failing("/status/404", raise_for_status=True)
        await failing("/typed/text/plain")
        await failing("/redirect/302/redirect/302/a", max_redirects=1)
        await failing("/held", timeout=api.ClientTimeout(sock_read=0.2))
        await failing("/raw/00")
        """,
        why="only a request whose connection had been kept is sent once more",
        differs=(f"- GET /drop | {AUTOMATIC} | b''",),
    ),
]

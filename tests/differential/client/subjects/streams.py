# ruff: noqa: E501 (code of the cases)
"""Reading a body piece by piece."""

from __future__ import annotations

from differential.client.case import ClientCase

CASES = [
    ClientCase(
        "read",
        """
        async with session.get(URL + "/chunks") as r:
            say(await r.content.read(3), await r.content.read(0))
            say(await r.content.read(), await r.content.read(), r.content.at_eof())
        async with session.get(URL + "/large") as r:
            say(len(await r.content.read()), r.content.total_bytes)
        """,
    ),
    ClientCase(
        "readline",
        """
        async with session.get(URL + "/chunks") as r:
            say([await r.content.readline() for _ in range(4)])
        async with session.get(URL + "/chunks") as r:
            say([line async for line in r.content])
        """,
    ),
    ClientCase(
        "readexactly and readuntil",
        """
        async with session.get(URL + "/chunks") as r:
            say(await r.content.readexactly(5), await r.content.readuntil(b"o"))
            try:
                await r.content.readexactly(100)
            except asyncio.IncompleteReadError as error:
                say(seen(error), error.partial, error.expected)
        """,
    ),
    ClientCase(
        "iter_chunked and iter_any",
        """
        async with session.get(URL + "/large") as r:
            sizes = [len(piece) async for piece in r.content.iter_chunked(4096)]
            say(max(sizes) <= 4096, sum(sizes))
        async with session.get(URL + "/large") as r:
            say(sum([len(piece) async for piece in r.content.iter_any()]))
        """,
    ),
    ClientCase(
        "chunks as they were sent",
        """
        async with session.get(URL + "/chunks") as r:
            whole = b""
            ends = 0
            async for piece, end in r.content.iter_chunks():
                whole += piece
                ends += end
            say(whole, ends)
        async with session.get(URL) as r:
            say(await r.content.readchunk(), await r.content.readchunk())
        """,
    ),
    ClientCase(
        "read_nowait and unread_data",
        """
        async with session.get(URL) as r:
            await r.read()
            try:
                say(r.content.read_nowait())
            except Exception as error:
                say(seen(error))
        async with session.get(URL) as r:
            first = await r.content.read(2)
            r.content.unread_data(b"XY")
            say(first, await r.content.read())
        """,
    ),
    ClientCase(
        "read after the content was read",
        """
        async with session.get(URL + "/chunks") as r:
            say(await r.content.read(4), await r.read(), await r.text())
        """,
    ),
    ClientCase(
        "bodies that are empty",
        """
        for path in ("/status/204", "/status/304"):
            async with session.get(URL + path) as r:
                say(await r.content.read(), r.content.at_eof(), await r.read())
        async with session.head(URL) as r:
            say(await r.content.read(), r.content_length, [c async for c in r.content])
        """,
    ),
    ClientCase(
        "bodies that end with the connection",
        """
        for answer in (b"HTTP/1.1 200 OK\\r\\n\\r\\nto the end",
                       b"HTTP/1.0 200 OK\\r\\n\\r\\nto the end"):
            async with session.get(URL + raw(answer, ends=True)) as r:
                say(await r.text(), r.content_length)
        """,
    ),
    ClientCase(
        "wrong sizes",
        """
        async with session.get(URL) as r:
            for call in (lambda: r.content.readexactly(-1), lambda: r.content.read("a"),
                         lambda: r.content.readuntil(b"")):
                try:
                    say(await call())
                except Exception as error:
                    say(type(error).__name__)
        """,
    ),
    ClientCase(
        "lines that are longer than is allowed",
        """
        body = b"line1\\nline2\\r\\n" + b"x" * 120 + b"\\nlast"
        answer = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
        async with session.get(URL + raw(answer + body)) as r:
            await r.content.wait_eof()
            for call in (lambda: r.content.readline(max_line_length=3),
                         lambda: r.content.readuntil(b"\\n", max_size=3),
                         lambda: r.content.readline(max_line_length=120),
                         lambda: r.content.readline(max_line_length=3)):
                try:
                    say(await call())
                except Exception as error:
                    say(seen(error), error.code, error.message, error.args)
        """,
    ),
    ClientCase(
        "given back, and read on",
        """
        async with session.get(URL + raw(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6"
                                         b"\\r\\n\\r\\nabcdef")) as r:
            content = r.content
            await content.wait_eof()
            await content.read(3)
            content.unread_data(b"ZZ")
            say(await content.read(4), await content.readany(), content.at_eof())
            content.unread_data(b"Y")
            say(content.at_eof(), await content.readany(), content.at_eof())
        """,
    ),
    ClientCase(
        "bytes before they are decoded",
        """
        for options in ({}, {"auto_decompress": False}):
            async with session.get(URL + "/gzip", **options) as r:
                body = await r.read()
                say(r.content.total_compressed_bytes == int(r.headers["Content-Length"]),
                    r.content.total_raw_bytes == int(r.headers["Content-Length"]),
                    r.content.total_bytes == len(body))
        """,
    ),
    ClientCase(
        "the size of chunks",
        """
        async with session.get(URL + "/chunks") as r:
            say(r.content.set_read_chunk_size(1 << 20), await r.content.read())
        """,
    ),
]

"""The HTTP client: what comes back from the server."""

from __future__ import annotations

from differential.asking import asks

CASES = [
    asks(
        "fields of an answer",
        """
        async with session.get(URL + "/fields") as response:
            say(response.status, response.reason, response.ok)
            say(response.headers.getall("x-twice"), response.headers["X-LOWER"])
            say(response.content_type, response.charset, response.method)
            say(response.content_length, sorted(set(response.headers)))
        """,
        quick=True,
    ),
    asks(
        "each status",
        """
        for status in (200, 201, 204, 304, 400, 401, 404, 418, 500, 503):
            async with session.get(f"{URL}/status/{status}") as response:
                say(response.status, response.reason, response.ok,
                    await response.text())
        """,
    ),
    asks(
        "raise_for_status",
        """
        for status in (200, 204, 304, 404, 500):
            try:
                async with session.get(f"{URL}/status/{status}") as response:
                    response.raise_for_status()
                    say("ok", status)
            except Exception as error:
                say(type(error).__name__, error.status, error.message)
        """,
    ),
    asks(
        "raise_for_status of the session",
        """
        url = URL + "/status/404"
        async with session.get(url, raise_for_status=False) as r:
            say(r.status)
        try:
            await session.get(URL + "/status/404")
        except Exception as error:
            say(type(error).__name__, error.status)
        """,
        setup="{'raise_for_status': True}",
    ),
    asks(
        "raise_for_status of a request",
        """
        try:
            await session.get(URL + "/status/500", raise_for_status=True)
        except Exception as error:
            say(type(error).__name__, error.status)
        """,
    ),
    asks(
        "read, text and json",
        """
        async with session.get(URL + "/json") as response:
            say(await response.read())
            say(await response.text())
            say(await response.json())
            say(await response.json(loads=lambda text: len(text)))
        """,
        quick=True,
    ),
    asks(
        "json of another type",
        """
        async with session.get(URL + "/typed/text/plain") as response:
            try:
                await response.json()
            except Exception as error:
                say(type(error).__name__)
            say(await response.json(content_type=None, encoding="latin-1"))
        async with session.get(URL + "/typed/application/x+json") as response:
            say(await response.json(encoding="latin-1"))
        """,
    ),
    asks(
        "json that is none",
        """
        async with session.get(URL + "/echo") as response:
            say(await response.json(content_type=None))
        async with session.post(URL + "/echo", json=1) as response:
            await response.read()
        async with session.get(URL) as response:
            await response.json(content_type=None)
        """,
    ),
    asks(
        "text in other encodings",
        """
        kinds = ("text/plain; charset=latin-1", 'text/plain; charset="LATIN-1"',
                 "text/plain", "text/plain; charset=utf-8")
        for kind in kinds:
            async with session.get(f"{URL}/typed/{kind}") as response:
                say(response.charset, response.content_type)
                say(await response.text(encoding="latin-1"))
                say(await response.text(errors="replace"))
                try:
                    say(await response.text())
                except UnicodeDecodeError as error:
                    say(error.reason)
        """,
    ),
    asks(
        "a body in chunks",
        """
        async with session.get(URL + "/chunks") as response:
            say(await response.text(), response.content_length)
        """,
    ),
    asks(
        "streams",
        """
        async with session.get(URL + "/chunks") as response:
            say(await response.content.read(2))
            say(await response.content.read())
            say(await response.content.read(), response.content.at_eof())
        async with session.get(URL + "/large") as response:
            sizes = [len(p) async for p in response.content.iter_chunked(65536)]
            say(sum(sizes), max(sizes) <= 65536)
        async with session.get(URL + "/large") as response:
            say(sum([len(p) async for p in response.content.iter_any()]))
        """,
    ),
    asks(
        "a body that is not read",
        """
        for _ in range(3):
            async with session.get(URL + "/large") as response:
                say(response.status)
        response = await session.get(URL)
        response.release()
        response = await session.get(URL)
        response.close()
        say(response.closed)
        """,
    ),
    asks(
        "a packed body",
        """
        async with session.get(URL + "/gzip") as response:
            say(await response.text())
            say(response.headers["Content-Encoding"])
        """,
    ),
    asks(
        "a packed body that stays so",
        """
        import gzip
        async with session.get(URL + "/gzip") as response:
            say(gzip.decompress(await response.read())[:8])
        """,
        setup="{'auto_decompress': False}",
    ),
    asks(
        "no answer in time",
        """
        import aiohttp
        try:
            await session.get(URL + "/held", timeout=0.05)
        except asyncio.TimeoutError as error:
            say("timeout")
        timeout = aiohttp.ClientTimeout(sock_read=0.05)
        try:
            await session.get(URL + "/held", timeout=timeout)
        except aiohttp.ServerTimeoutError as error:
            say("ServerTimeoutError")
        """,
        quick=True,
    ),
    asks(
        "no answer in the session's time",
        """
        try:
            await session.get(URL + "/held")
        except asyncio.TimeoutError:
            say("timeout")
        """,
        setup="{'timeout': __import__('aiohttp').ClientTimeout(total=0.05)}",
    ),
    asks(
        "nobody listens",
        """
        import socket
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            try:
                await session.get(f"http://127.0.0.1:{port}/")
            except Exception as error:
                say(*[c.__name__ for c in type(error).__mro__][:4])
                say(error.errno, error.host)
        """,
    ),
    asks(
        "the connection is dropped",
        """
        try:
            await session.get(URL + "/drop")
        except Exception as error:
            say(type(error).__name__)
        """,
    ),
    asks(
        "the body is cut off",
        """
        async with session.get(URL + "/short") as response:
            say(response.status)
            try:
                await response.read()
            except Exception as error:
                say(type(error).__name__)
        """,
    ),
]

"""What middlewares see and may change, beside aiohttp."""

import pytest
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
async def asked(new, path="/headers", method="GET", **options):
    async with new.request(method, URL + path, **options) as r:
        return r.status, fields(await r.text(), ""), first_line(await r.text())

async def with_all(session, middlewares, *calls, **options):
    new = make(session, middlewares=middlewares, **options)
    try:
        return [await asked(new, **call) for call in calls or [{}]]
    finally:
        await new.close()

def adding(name, seen=None):
    async def add(request, handler):
        if seen is not None:
            seen.append((name, "in"))
        request.headers["X-" + name] = name
        response = await handler(request)
        if seen is not None:
            seen.append((name, "out", response.status))
        return response
    return add

async def pieces():
    for i in range(3):
        yield b"piece%d " % i

def look(request, *more):
    return (
        request.method, request.url, request.original_url, request.host,
        request.port, request.is_ssl(),
        sorted((k.lower(), v) for k, v in request.headers.items()),
        request.chunked, request.compress, request.ssl,
        sorted(request.skip_auto_headers),
        request.request_info[0], request.request_info[1],
        request.request_info[3], request.session is not None,
        type(request.body).__name__
    ) + more

async def looks(session, *calls, options={}):
    seen = []
    async def mw(request, handler):
        seen.append(look(request))
        return await handler(request)
    new = make(session, middlewares=[mw], **options)
    for method, path, more in calls:
        async with new.request(method, URL + path, **more) as r:
            seen.append((r.status, await r.read()))
    await new.close()
    return seen
"""
)

SAME = {
    "an answer that is refused in its block": """
        new = make(session, middlewares=[adding("A")])
        async with new.get(URL + "/status/404") as r:
            try:
                r.raise_for_status()
            except aiohttp.ClientResponseError as error:
                seen = error.status, await r.text()
        r = await new.get(URL + "/status/404")
        try:
            r.raise_for_status()
        except aiohttp.ClientResponseError as error:
            seen += error.status, r.closed
        await new.close()
        return seen
    """,
    "fragments": """
        new = make(session, middlewares=[adding("A")])
        seen = []
        for path in ("/#a b", "/headers?q#part", "/redirect/1#f"):
            async with new.get(URL + path) as r:
                seen.append((str(r.url), str(r.real_url)))
                seen.append(str(r.request_info.real_url))
        await new.close()
        return seen
    """,
    "users that are told twice": """
        user, field = BasicAuth("a", "b"), {"Authorization": "x"}
        with_user = URL.replace("://", "://me:secret@")
        seen = []
        for options in ({}, {"auth": user}):
            new = make(session, middlewares=[adding("A")], **options)
            for url in (URL, with_user):
                for headers in ({}, field):
                    try:
                        async with new.get(url, headers=headers) as r:
                            seen.append(r.status)
                    except ValueError as error:
                        seen.append(str(error))
            await new.close()
        return seen
    """,
    "expectations": """
        new = make(session, middlewares=[adding("A")])
        field = {"Expect": "100-continue"}
        seen = []
        for options in ({"expect100": True}, {}):
            async with new.post(
                URL + "/anything", data=b"x", headers=field, **options
            ) as r:
                seen.append((r.status, fields(await r.text(), "expect")))
        await new.close()
        return seen
    """,
    "their order": """
        seen = []
        ways = [adding("A", seen), adding("B", seen), adding("C", seen)]
        return await with_all(session, ways, {}, {}), seen
    """,
    "a request's own in place of its session's": """
        new = make(session, middlewares=[adding("A")])
        found = [
            await asked(new, middlewares=[adding("B")]),
            await asked(new, middlewares=()),
            await asked(new, middlewares=None),
        ]
        await new.close()
        return found
    """,
    "of a request only": """
        new = make(session)
        found = await asked(new, middlewares=(adding("B"), adding("C")))
        await new.close()
        return found
    """,
    "what they see": """
        return await looks(
            session,
            ("GET", "/headers?a=b#c", {"params": {"d": "e f"}}),
            ("post", "/headers", {}),
            ("POST", "/headers", {"json": {"a": 1}}),
            ("PUT", "/headers", {"data": b"bytes"}),
            ("PUT", "/headers", {"data": "text", "compress": True}),
            ("PUT", "/headers", {"data": pieces()}),
            ("PUT", "/headers", {"data": {"a": "b"}, "chunked": True}),
            ("DELETE", "/headers", {"headers": {"X-A": "b"}}),
            ("GET", "/headers", {"auth": BasicAuth("a", "b")}),
            ("GET", "/headers", {"skip_auto_headers": ["Accept"]}),
            ("GET", "/headers", {"headers": {"Host": "other"}}),
            ("GET", "/headers", {"cookies": {"a": "b"}}),
            ("GET", "/redirect/2", {}),
        )
    """,
    "twice": """
        async def twice(request, handler):
            first = await handler(request)
            request.headers["X-Status"] = str(first.status)
            return await handler(request)
        return await with_all(
            session, [twice],
            {}, {"method": "POST", "path": "/headers", "data": b"bytes"},
            {"path": "/status/404"},
        )
    """,
    "a file twice": """
        import tempfile
        async def twice(request, handler):
            await (await handler(request)).read()
            return await handler(request)
        new = make(session, middlewares=[twice])
        found = []
        for size in (10, 100000):
            with tempfile.TemporaryFile() as file:
                file.write(bytes(range(256)) * size)
                file.seek(3)
                async with new.post(URL + "/echo", data=file) as r:
                    found.append((hash(await r.read()), r.content_type))
        await new.close()
        return found
    """.replace("hash(await r.read())", "len(await r.read())"),
    "another body": """
        async def other(request, handler):
            await request.update_body({"a": "é"})
            return await handler(request)
        async def none(request, handler):
            await request.update_body(None)
            return await handler(request)
        found = []
        for way in (other, none):
            new = make(session, middlewares=[way])
            for path in ("/echo", "/headers"):
                for data in (None, b"bytes", pieces()):
                    async with new.post(URL + path, data=data) as r:
                        found.append(await r.read())
            await new.close()
        return found
    """,
    "the body as bytes": """
        seen = []
        async def signed(request, handler):
            body = await request.body.as_bytes() if request.body else b""
            request.headers["X-Body"] = body.hex()
            return await handler(request)
        return await with_all(
            session, [signed], {},
            *[{"method": "PUT", "data": d} for d in (
                b"bytes", "text", {"a": "b"}, aiohttp.FormData({"c": "d"}))],
            {"method": "PUT", "json": [1]},
        )
    """,
    "other URLs and methods": """
        async def turn(request, handler):
            request.url = request.url.with_path("/headers")
            request.method = "PUT"
            return await handler(request)
        new = make(session, middlewares=[turn])
        async with new.get(URL + "/nowhere") as r:
            found = r.status, first_line(await r.text())
        await new.close()
        return found
    """,
    "an answer of another request": """
        async def other(request, handler):
            return await request.session.get(
                URL + "/status/201", middlewares=()
            )
        new = make(session, middlewares=[other])
        async with new.get(URL + "/headers") as r:
            found = r.status
        await new.close()
        return found
    """,
    "redirects": """
        seen = []
        async def see(request, handler):
            response = await handler(request)
            seen.append((request.method, request.url.path, response.status))
            return response
        new = make(session, middlewares=[see])
        for method, path, more in (
            ("GET", "/redirect/2", {}),
            ("POST", "/redirect/1/307", {"data": b"x"}),
            ("POST", "/redirect/1/302", {"data": b"x"}),
            ("PUT", "/redirect/1/302", {"data": b"x"}),
            ("GET", "/redirect/2", {"allow_redirects": False}),
            ("GET", "/redirect/4", {"max_redirects": 3}),
            ("POST", "/redirect/1/307", {"data": pieces()}),
        ):
            try:
                async with new.request(method, URL + path, **more) as r:
                    seen.append((r.status, [h.status for h in r.history]))
            except Exception as error:
                seen.append((type(error).__name__, str(error)[-30:]))
        await new.close()
        return seen
    """,
    "what is raised": """
        async def bad(request, handler):
            raise KeyError("not here")
        async def caught(request, handler):
            try:
                return await handler(request)
            except aiohttp.ClientError as error:
                raise ValueError(type(error).__name__) from None
        seen = []
        for way, url in ((bad, URL), (caught, "http://127.0.0.1:9/")):
            new = make(session, middlewares=[way])
            try:
                await new.get(url)
            except Exception as error:
                seen.append(repr(error))
            await new.close()
        return seen
    """,
    "a broken field": """
        async def bad(request, handler):
            request.headers["X-A"] = "b\\r\\nX-C: d"
            return await handler(request)
        new = make(session, middlewares=[bad])
        try:
            await new.get(URL)
        except ValueError:
            return "refused"
        finally:
            await new.close()
    """,
    "cookies": """
        new = make(session, middlewares=[adding("A")])
        async with new.get(URL + "/cookies/set/a/b") as r:
            await r.read()
        async with new.get(URL + "/cookies", cookies={"c": "d"}) as r:
            found = sorted(parsed(await r.text()).items())
        await new.close()
        return found
    """,
    "a closed session": """
        new = make(session, middlewares=[adding("A")])
        await new.close()
        return await new.get(URL)
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs

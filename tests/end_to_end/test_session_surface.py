"""The session's keywords and attributes beside aiohttp's, against the same
server."""

import pytest

pytest.importorskip("aiohttp")

# Sessions with keywords: ours in a load test, aiohttp's otherwise.
AT_HAND = """
import asyncio, contextlib, json, aiohttp

@contextlib.asynccontextmanager
async def made(session, **keywords):
    if isinstance(session, aiohttp.ClientSession):
        other = aiohttp.ClientSession(**keywords)
    else:
        import molotov.session
        other = molotov.session.get_session(session.loop, None, **keywords)
    async with other:
        yield other

async def raised(awaitable):
    try:
        await awaitable
    except Exception as error:
        return error
    return None

def text_of(error):
    return type(error).__name__, str(error)

async def sent(session, url=None, **options):
    async with session.get(url or URL + "/headers", **options) as r:
        found = fields(await r.text(), "")
    return [f for f in found if f[0] != "user-agent"]
"""

# See beside_aiohttp.answers().
SAME = {
    "base_url": """
        seen = []
        async with made(session, base_url=URL + "/anything/") as s:
            for url in ("", "a", "/b", "c?x=1", "../d", URL + "/e", "a"):
                async with s.get(url) as r:
                    seen.append(str(r.url))
                async with s.get(url, params={"p": 1}) as r:
                    seen.append(str(r.url))
        return seen
    """,
    "base_url that is none": """
        seen = []
        for base in ("http://h/x", "/x/", "nonsense"):
            try:
                async with made(session, base_url=base):
                    pass
            except (ValueError, AssertionError) as error:
                seen.append(text_of(error))
        return seen
    """,
    "auth with a base_url": """
        async with made(
            session, base_url=URL + "/", auth=BasicAuth("u", "p")
        ) as s:
            other = URL.replace("127.0.0.1", "localhost")
            return await sent(s, "/headers"), [
                f for f in await sent(s, other + "/headers") if f[0] != "host"
            ]
    """,
    "attributes": """
        async with made(session) as s:
            names = (
                "auth version skip_auto_headers closed "
                "raise_for_status auto_decompress requote_redirect_url "
                "connector_owner"
            ).split()
            seen = [(name, getattr(s, name)) for name in names]
            seen.append(s.json_serialize is json.dumps)
            seen.append(dict(s.headers))
            parts = "total connect sock_read sock_connect".split()
            seen.append([getattr(s.timeout, part) for part in parts])
        return seen, s.closed
    """,
    "attributes as given": """
        auth = BasicAuth("u", "p")
        async with made(
            session, auth=auth, raise_for_status=True, auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=7), connector_owner=False,
            skip_auto_headers=["Accept"], requote_redirect_url=False,
            headers={"A": "b"},
        ) as s:
            return (
                s.auth == auth, s.raise_for_status, s.auto_decompress,
                s.timeout, s.connector_owner, sorted(s.skip_auto_headers),
                s.requote_redirect_url, s.headers["a"],
            )
    """,
    "headers that are changed": """
        seen = []
        async with made(session, headers={"X-A": "1"}) as s:
            seen.append(await sent(s))
            s.headers["X-B"] = "2"
            seen.append(await sent(s))
            s.headers.update({"x-a": "3"})
            seen.append(await sent(s))
            del s.headers["X-B"]
            s.headers.add("X-C", "4")
            s.headers.add("X-C", "5")
            seen.append(await sent(s, headers={"X-Own": "6"}))
            for i in range(100):
                s.headers["X-N"] = str(i)
                seen.append(await sent(s))
            s.headers.clear()
            seen.append(await sent(s))
        return seen
    """,
    "skip_auto_headers": """
        async with made(
            session, skip_auto_headers=["accept", "Content-Type"]
        ) as s:
            seen = [await sent(s)]
            seen.append(await sent(s, skip_auto_headers=["Accept-Encoding"]))
            async with s.post(URL + "/headers", data=b"x") as r:
                found = fields(await r.text(), "")
            seen.append([f for f in found if f[0] != "user-agent"])
        return seen
    """,
    "json_serialize_bytes": """
        async with made(
            session, json_serialize_bytes=lambda x: b"<%r>" % x
        ) as s:
            async with s.post(URL + "/echo", json=b"1") as r:
                return await r.read(), r.headers["Content-Type"]
    """,
    "raise_for_status that is a function": """
        async def check(response):
            seen.append(response.status)
            if response.status == 418:
                raise KeyError(await response.text())

        seen = []
        async with made(session, raise_for_status=check) as s:
            async with s.get(URL + "/status/503") as r:
                seen.append(r.status)
            seen.append(repr(await raised(s.get(URL + "/status/418"))))
            async with s.get(URL + "/status/418", raise_for_status=False) as r:
                seen.append(r.status)
        async with session.get(URL, raise_for_status=check) as r:
            seen.append(await r.text() != "")
        r = await asyncio.create_task(
            asyncio.wait_for(session.get(URL, raise_for_status=check), 5)
        )
        seen.append(r.status)
        r.release()
        return seen
    """,
    "version": """
        seen = []
        async with made(session, version=aiohttp.HttpVersion10) as s:
            r = await s.get(URL + "/headers")
            seen.append((r.version == (1, 1), fields(await r.text(), "conn")))
            r = await s.get(URL + "/redirect/2")
            seen.append((r.status, len(r.history), str(r.url)))
            r.release()
        return seen
    """,
    "what is wrong with a request": """
        seen = []
        for options in (
            {"data": b"x", "json": 1}, {"headers": {"A": 1}},
            {"headers": {"A": "x\\ny"}}, {"headers": {1: "x"}},
            {"params": {"a": True}}, {"params": {"a": None}},
            {"params": {"a": {}}}, {"params": 5},
            {"auth": BasicAuth("a"), "headers": {"Authorization": "x"}},
        ):
            # It is raised when it is awaited.
            request = session.get(URL, **options)
            seen.append((str(options), text_of(await raised(request))))
        return seen
    """,
    "URLs that are none": """
        seen = []
        for url in (5, None, b"x", "", "nonsense", "http://", "/path",
                    "ftp://h/", "http://h:99999/", "http://[::1", "mailto:x"):
            error = await raised(session.get(url))
            # What is wrong with it, ours says too.
            named = str(getattr(error, "url", error))
            seen.append((url, type(error).__name__, named))
        return seen
    """,
    "keywords that are none": """
        try:
            session.get(URL, nonsense=1)
        except TypeError as error:
            return str(error)
    """,
    "a closed session": """
        async with made(session) as s:
            pass
        return s.closed, text_of(await raised(s.get(URL)))
    """,
    "detach": """
        async with made(session) as s:
            s.detach()
            return s.closed, text_of(await raised(s.get(URL)))
    """,
    "auto_decompress of a request": """
        async with session.get(URL + "/gzip", auto_decompress=False) as r:
            packed = await r.read()
        async with session.get(URL + "/gzip") as r:
            plain = await r.read()
        async with made(session, auto_decompress=False) as s:
            async with s.get(URL + "/gzip", auto_decompress=True) as r:
                again = await r.read()
        return packed[:2], plain == again
    """,
    "read_bufsize, trace_request_ctx": """
        async with session.get(
            URL + "/bytes/300000", read_bufsize=1000, trace_request_ctx={1: 2}
        ) as r:
            return len(await r.read())
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs

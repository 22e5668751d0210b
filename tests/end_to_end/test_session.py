"""The session of a scenario beside aiohttp's own, against the same server."""

import pytest

pytest.importorskip("aiohttp")

# See beside_aiohttp.answers().
SAME = {
    "methods, async with": """
        seen = []
        for name in "get post put patch delete options head".split():
            async with getattr(session, name)(URL + "/headers") as r:
                body = await r.text()
                seen.append((name, r.status, r.method, first_line(body)))
        return seen
    """,
    "methods, await": """
        seen = []
        for name in "get post put patch delete options head".split():
            r = await getattr(session, name)(URL + "/headers")
            seen.append((name, r.status, r.method, first_line(await r.text())))
            r.release()
        return seen
    """,
    "request": """
        async with session.request("PUT", URL + "/headers") as r:
            first = first_line(await r.text())
        r = await session.request(method="get", url=URL)
        return first, r.status, r.method, await r.json()
    """,
    "params": """
        seen = []
        for params in (
            {"a": "1", "b": "x y&=+é"}, [("a", "1"), ("a", "2")], {"n": 3},
            "q=1&r=a%20b", {},
        ):
            async with session.get(URL + "/headers?z=0", params=params) as r:
                seen.append((first_line(await r.text()), str(r.url)))
        return seen
    """,
    "headers": """
        seen = []
        for headers in ({"X-Own": "1"}, {"x-common": "other"},
                        [("X-Own", "a"), ("X-Own", "b")]):
            async with session.get(URL + "/headers", headers=headers) as r:
                seen.append(fields(await r.text(), "x-"))
        return seen
    """,
    "fields that nobody asked for": """
        seen = []
        for name, keywords in (
            ("get", {}), ("delete", {}), ("post", {}),
            ("put", {"data": "text"}), ("post", {"json": 1}),
        ):
            async with getattr(session, name)(
                URL + "/headers", **keywords
            ) as r:
                found = fields(await r.text(), "")
            # Each says its own name.
            seen.append([f for f in found if f[0] != "user-agent"])
        return seen
    """,
    "bodies": """
        seen = []
        for keywords in (
            {"json": {"a": [1, None, "é"]}}, {"data": b"\\x00\\xff"},
            {"data": "text é"}, {"data": {"a": "1 2", "b": "é&="}},
            {"data": [("a", "1"), ("a", "2")]}, {"data": ""}, {},
            {"data": "x", "headers": {"Content-Type": "text/x"}},
        ):
            async with session.post(URL + "/echo", **keywords) as r:
                seen.append((await r.read(), r.headers.get("Content-Type")))
        return seen
    """,
    "redirects followed": """
        async with session.get(URL + "/redirect/3") as r:
            return (
                r.status, str(r.url), [h.status for h in r.history],
                [str(h.url) for h in r.history], await r.json(), r.method,
            )
    """,
    "redirects by status": """
        seen = []
        for status in (301, 302, 303, 307, 308):
            async with session.post(
                URL + f"/redirect/1/{status}", data="x"
            ) as r:
                seen.append((status, r.status, r.method, len(r.history)))
        return seen
    """,
    "redirects not followed": """
        async with session.get(
            URL + "/redirect/1", allow_redirects=False
        ) as r:
            return r.status, r.history, r.headers["Location"], r.ok
    """,
    "too many redirects": """
        try:
            await session.get(URL + "/redirect/20")
        except Exception as e:
            return type(e).__name__
    """,
    "cookies": """
        seen = []
        async with session.get(URL + "/cookies/set/k/v") as r:
            seen.append(r.cookies["k"].value)
        async with session.get(URL + "/cookies") as r:
            seen.append(await r.text())
        async with session.get(URL + "/cookies", cookies={"o": "w"}) as r:
            seen.append("o" in await r.text())
        return seen
    """,
    "cookies of a name": """
        seen = []
        url = URL.replace("127.0.0.1", "localhost")
        async with session.get(url + "/cookies/set/k/v") as r:
            seen.append(r.cookies["k"].value)
        async with session.get(url + "/cookies") as r:
            seen.append(await r.text())
        async with session.get(url + "/cookies", cookies={"o": "w"}) as r:
            seen.append(await r.json())
        async with session.get(URL + "/cookies") as r:
            seen.append(await r.text())
        return seen
    """,
    "auth": """
        async with session.get(
            URL + "/headers", auth=BasicAuth("me", "pass:word")
        ) as r:
            return fields(await r.text(), "authorization")
    """,
    "a user in the URL": """
        seen = []
        url = URL.replace("://", "://us%40er:p%3Aw@") + "/headers"
        async with session.get(url) as r:
            seen.append((fields(await r.text(), "authorization"), str(r.url)))
        async with session.post(url, data="x") as r:
            seen.append(fields(await r.text(), "authorization"))
        for options in (
            {"auth": BasicAuth("me", "pass")},
            {"headers": {"authorization": "x"}},
        ):
            try:
                await session.get(url, **options)
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
        return seen
    """,
    "head follows no redirect": """
        seen = []
        for options in ({}, {"allow_redirects": True}):
            async with session.head(URL + "/redirect/1", **options) as r:
                seen.append((r.status, len(r.history)))
        async with session.request("HEAD", URL + "/redirect/1") as r:
            seen.append((r.status, len(r.history)))
        return seen
    """,
    "statuses": """
        seen = []
        for status in (200, 204, 304, 404, 418, 500, 599):
            async with session.get(URL + f"/status/{status}") as r:
                seen.append((r.status, r.ok, await r.read() == b""))
        return seen
    """,
    "raise_for_status": """
        r = await session.get(URL)
        seen = [r.raise_for_status()]
        for status in (404, 500):
            try:
                r = await session.get(URL + f"/status/{status}")
                r.raise_for_status()
            except Exception as e:
                seen.append((type(e).__name__, e.status, e.message))
        try:
            await session.get(URL + "/status/400", raise_for_status=True)
        except Exception as e:
            seen.append((type(e).__name__, e.status))
        return seen
    """,
    "attributes": """
        async with session.get(URL + "/json") as r:
            return (
                r.status, r.reason, r.headers["content-type"],
                r.headers.get("Nope"), "CONTENT-LENGTH" in r.headers,
                str(r.url), r.url.path, r.method, r.ok, r.content_type,
                r.charset, r.history, await r.json(), await r.text(),
                await r.read(),
            )
    """,
    "pieces": """
        async with session.get(URL + "/bytes/100000") as r:
            sizes = []
            while piece := await r.content.read(1000):
                assert 0 < len(piece) <= 1000
                sizes.append(len(piece))
            return sum(sizes), await r.content.read(10)
    """,
    "encodings and framings": """
        seen = []
        for path in ("/gzip", "/deflate", "/chunked/5", "/close"):
            async with session.get(URL + path) as r:
                seen.append((path, r.status, await r.read()))
        return seen
    """,
    "timeouts": """
        seen = []
        for path, keywords in (("/never", {"timeout": 0.2}), ("/delay/20", {})):
            try:
                async with session.get(URL + path, **keywords) as r:
                    seen.append(r.status)
            except TimeoutError as e:
                seen.append("timed out")
        return seen
    """,
    "released": """
        r = await session.get(URL + "/bytes/100")
        r.release()
        async with session.get(URL) as r:
            return r.status, session.closed
    """,
    "wrong JSON": """
        seen = []
        for path in ("/bytes/10",):
            try:
                await (await session.get(URL + path)).json()
            except Exception as e:
                seen.append(type(e).__name__)
        seen.append(await (await session.get(URL)).json(content_type=None))
        return seen
    """,
    "wrong keywords": """
        seen = []
        for keywords in (
            {"nope": 1}, {"data": "x", "json": 1}, {"headers": {"a": "b\\n"}},
        ):
            try:
                await session.post(URL, **keywords)
            except Exception as e:
                seen.append(type(e).__name__)
        return seen
    """,
}


@pytest.mark.parametrize("what", SAME)
def test_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], what: str
) -> None:
    ours, theirs = both[what]
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs

"""The cookie jar beside aiohttp's: in a session, and by itself."""

from collections.abc import Iterator

import pytest
from beside_aiohttp import answers
from canned_server import CannedServer

pytest.importorskip("aiohttp")


def setting(*cookies: str, more: str = "", status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close"]
    lines += [f"Set-Cookie: {cookie}" for cookie in cookies]
    lines += [more] if more else []
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


CANNED = {
    "/set": setting("a=1; Path=/", 'b="x y"', "c=3; Max-Age=1000; HttpOnly"),
    "/deep/set": setting("d=4"),
    "/unset": setting("a=; Max-Age=0; Path=/"),
    "/hop": setting("h=5", more="Location: /set", status="302 Found"),
    "/secure": setting("s=6; Secure", "p=7"),
}

AT_HAND = """
import contextlib, os, tempfile, aiohttp

def classes(session):
    if isinstance(session, aiohttp.ClientSession):
        return aiohttp.CookieJar, aiohttp.DummyCookieJar
    from molotov.client.cookie_jar import CookieJar, DummyCookieJar
    return CookieJar, DummyCookieJar

@contextlib.asynccontextmanager
async def made(session, **keywords):
    if isinstance(session, aiohttp.ClientSession):
        other = aiohttp.ClientSession(**keywords)
    else:
        import molotov.session
        other = molotov.session.get_session(session.loop, None, **keywords)
    async with other:
        yield other

async def visit(s, *paths):
    for path in paths:
        async with s.get(CANNED + path) as r:
            await r.read()

async def sent(s, path="/plain", **options):
    async with s.get(CANNED + path, **options) as r:
        cookies = r.request_info.headers.get("Cookie", "")
    return sorted(cookies.split("; "))

def held(jar):
    return sorted(
        (m.key, m.value, m.coded_value, m["domain"], m["path"],
         bool(m["secure"]), bool(m["httponly"]))
        for m in jar
    )

def filtered(jar, url=""):
    found = jar.filter_cookies(aiohttp.client.URL(url))
    return sorted((n, m.value, m.coded_value) for n, m in found.items())
"""

# See beside_aiohttp.answers().
SAME = {
    "the session's own": """
        async with made(session, cookies={"x": "1", "y": "a b"}) as s:
            seen = [await sent(s), len(s.cookie_jar)]
            seen.append(filtered(s.cookie_jar, CANNED))
            s.cookie_jar.update_cookies({"z": "3"})
            seen.append(await sent(s))
            s.cookie_jar.clear()
            seen += [await sent(s), len(s.cookie_jar)]
        return seen
    """,
    "hosts that are addresses": """
        jar, _ = classes(session)
        seen = []
        for unsafe in (False, True):
            async with made(session, cookie_jar=jar(unsafe=unsafe)) as s:
                await visit(s, "/set", "/deep/set", "/secure")
                seen += [await sent(s), await sent(s, "/deep/x")]
                seen.append(held(s.cookie_jar))
                await visit(s, "/unset")
                seen.append(await sent(s))
                seen.append(await sent(s, cookies={"c": "own", "q": "r s"}))
                seen.append((s.cookie_jar.unsafe, s.cookie_jar.quote_cookie))
        return seen
    """,
    "redirects": """
        jar, _ = classes(session)
        async with made(session, cookie_jar=jar(unsafe=True)) as s:
            async with s.get(CANNED + "/hop") as r:
                return (
                    r.request_info.headers.get("Cookie"),
                    [h.cookies["h"].value for h in r.history],
                    await sent(s),
                )
    """,
    "a jar for two sessions": """
        jar, _ = classes(session)
        both = jar(unsafe=True)
        async with made(session, cookie_jar=both) as s:
            await visit(s, "/set")
        async with made(session, cookie_jar=both, cookies={"e": "8"}) as s:
            return await sent(s), s.cookie_jar is both
    """,
    "a jar that stays empty": """
        _, dummy = classes(session)
        empty = dummy()
        async with made(session, cookie_jar=empty, cookies={"a": "1"}) as s:
            await visit(s, "/set")
            seen = [await sent(s), await sent(s, cookies={"own": "1"})]
            seen += [len(empty), list(empty), s.cookie_jar is empty]
            empty.update_cookies({"a": "b"})
            empty.clear()
            return seen, filtered(empty, CANNED)
    """,
    "aiohttp's jars": """
        seen = []
        for jar in (aiohttp.CookieJar(unsafe=True), aiohttp.DummyCookieJar()):
            async with made(session, cookie_jar=jar, cookies={"x": "1"}) as s:
                await visit(s, "/set", "/hop")
                seen += [await sent(s), s.cookie_jar is jar]
                seen.append(await sent(s, cookies={"a": "own"}))
                await visit(s, "/unset")
                seen += [await sent(s), filtered(jar, CANNED), held(jar)]
        return seen
    """,
    "quote_cookie": """
        jar, _ = classes(session)
        seen = []
        for quote in (True, False):
            async with made(
                session, cookie_jar=jar(unsafe=True, quote_cookie=quote)
            ) as s:
                await visit(s, "/set")
                s.cookie_jar.update_cookies({"q": "r s", "t": 'u"v'})
                seen.append(await sent(s))
                seen.append(filtered(s.cookie_jar, CANNED))
        return seen
    """,
    "treat_as_secure_origin": """
        jar, _ = classes(session)
        seen = []
        for origin in (None, CANNED, [CANNED + "/x", "http://other"]):
            s = jar(unsafe=True, treat_as_secure_origin=origin)
            async with made(session, cookie_jar=s) as s:
                await visit(s, "/secure")
                seen.append(await sent(s))
                seen.append(sorted(
                    str(u).replace(CANNED, "")
                    for u in s.cookie_jar.treat_as_secure_origin
                ))
        return seen
    """,
    "update_cookies and filter_cookies": """
        from http.cookies import SimpleCookie
        jar, _ = classes(session)
        s = jar()
        at = aiohttp.client.URL("http://www.e.org/a/b?c")
        s.update_cookies([("shared", "1"), ("shared2", 2)])
        s.update_cookies({"host": "3"}, at)
        s.update_cookies(
            SimpleCookie("dom=4; Domain=e.org; Path=/\\n"), at
        )
        s.update_cookies(SimpleCookie("far=5; Domain=x.org"), at)
        s.update_cookies(SimpleCookie("dot=6; Domain=.e.org"), at)
        s.update_cookies(SimpleCookie("sec=7; Secure; Path=/"), at)
        s.update_cookies(SimpleCookie("gone=8; Max-Age=0"), at)
        s.update_cookies(SimpleCookie("later=9; Max-Age=99; Path=/a"), at)
        s.update_cookies_from_headers(["raw=10; Path=/", "raw2=11"], at)
        seen = [held(s), len(s)]
        for url in ("http://www.e.org/", "http://www.e.org/a/", "http://e.org/a",
                    "https://www.e.org/a/c", "http://x.e.org/a/", "",
                    "http://other/"):
            seen.append((url, filtered(s, url)))
        s.clear(lambda morsel: morsel.key == "host")
        seen.append(len(s))
        s.clear_domain("e.org")
        seen += [len(s), held(s)]
        return seen, sorted(s.cookies), sorted(s.host_only_cookies)
    """,
    "save and load": """
        jar, _ = classes(session)
        s, other = jar(unsafe=True), jar(unsafe=True)
        at = aiohttp.client.URL("http://e.org/a/")
        s.update_cookies_from_headers(
            ["a=1", 'b="x y"; Domain=e.org; Path=/; HttpOnly',
             "c=3; Max-Age=1000"], at,
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "jar")
            s.save(path)
            mode = os.stat(path).st_mode & 0o777
            other.update_cookies({"old": "1"})
            other.load(path)
            theirs = aiohttp.CookieJar(unsafe=True)
            theirs.load(path)
            theirs.save(path)
            ours = jar(unsafe=True)
            ours.load(path)
        return mode, [held(x) == held(s) for x in (other, ours)], [
            filtered(x, "http://e.org/a/") for x in (other, theirs, ours)
        ], sorted(other.host_only_cookies)
    """,
}


@pytest.fixture(scope="module")
def given(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> Iterator[dict[str, tuple[str, str]]]:
    with CannedServer(CANNED) as server:
        at_hand = f"CANNED = {server.url!r}\n{AT_HAND}"
        yield answers(tmp_path_factory.mktemp("jar"), target, SAME, at_hand)


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    given: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = given[name]
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs

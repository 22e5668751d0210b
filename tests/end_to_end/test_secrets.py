"""Who requests are made for is told the server alone: not the console, not the
text of an error, and no other server."""

import textwrap
from collections.abc import Iterator

import pytest
from canned_server import CannedServer
from commands import Molotov
from scripts import run_well

from molotov.exceptions import ClientResponseError, InvalidURL, RequestInfo

SECRET = "hunter2"
CODED = "dXNlcjpodW50ZXIy"  # user:hunter2
CANNED = {
    "/garbage": b"nonsense\r\n\r\n",
    "/nowhere": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
    b"Location: http://user:hunter2@[::1/\r\n\r\n",
    "/other-protocol": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
    b"Location: ftp://user:hunter2@a.test/\r\n\r\n",
    "/no-port": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
    b"Location: http://user:hunter2@a.test:99999/\r\n\r\n",
    "/cookie": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n"
    b"Set-Cookie: a=hunter2\r\n\r\n",
    "/ends": b"",
}
# Each fails; WITH_USER is URL with its user.
FAILING = {
    "headers": """
        headers = {"Authorization": "Bearer hunter2", "Cookie": "a=hunter2",
                   "X-Api-Key": "hunter2"}
        async with session.get(URL + "/status/418", headers=headers) as r:
            r.raise_for_status()
    """,
    "cookies": """
        options = {"cookies": {"a": "hunter2"}, "raise_for_status": True}
        await session.get(URL + "/status/500", **options)
    """,
    "the answer's cookies": """
        await session.get(CANNED + "/cookie", raise_for_status=True)
    """,
    "the user of a URL": """
        await session.get(WITH_USER + "/status/418", raise_for_status=True)
    """,
    "a type": """
        async with session.get(WITH_USER + "/bytes/10") as r:
            await r.json()
    """,
    "redirects": 'await session.get(WITH_USER + "/redirect/20")',
    "a reset": 'await session.get(WITH_USER + "/reset")',
    "silence": 'await session.get(WITH_USER + "/never", timeout=0.05)',
    "garbage": 'await session.get(user_in(CANNED) + "/garbage")',
    "an end": 'await session.get(user_in(CANNED) + "/ends")',
    "a redirect to what is none": 'await session.get(CANNED + "/nowhere")',
    "one of another protocol": 'await session.get(CANNED + "/other-protocol")',
    "one to no port": 'await session.get(CANNED + "/no-port")',
    "nobody there": 'await session.get("http://user:hunter2@127.0.0.1:1")',
    "no such host": 'await session.get("http://user:hunter2@no.invalid")',
    "no port": 'await session.get("http://user:hunter2@a.test:99999")',
    "no host": 'await session.get("http://user:hunter2@[::1")',
    "no protocol": 'await session.get("ftp://user:hunter2@a.test")',
    "no scheme": 'await session.get("user:hunter2@a.test")',
    "a proxy without a port": """
        await session.get(URL, proxy="http://user:hunter2@a.test:99999")
    """,
    "a proxy of another protocol": """
        await session.get(URL, proxy="ftp://user:hunter2@a.test")
    """,
    "a proxy that is not there": """
        await session.get(URL, proxy="http://user:hunter2@127.0.0.1:1")
    """,
    "a WebSocket that is none": """
        await session.ws_connect(WITH_USER.replace("http", "ws") + "/json")
    """,
    "a user of the session's": """
        from molotov.client import BasicAuth
        auth = BasicAuth("user", "hunter2")
        await session.get(URL + "/status/418", auth=auth, raise_for_status=True)
    """,
    "a traced one": """
        from molotov.client import TraceConfig
        async with ClientSession(trace_configs=[TraceConfig()]) as traced:
            url = CANNED + "/other-protocol"
            await traced.get(url)
    """,
}


@pytest.fixture(scope="module")
def canned() -> Iterator[str]:
    with CannedServer(CANNED) as server:
        yield server.url


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("beside_aiohttp", [False, True])
def test_what_fails_is_printed_without_them(
    molotov: Molotov, canned: str, name: str, beside_aiohttp: bool
) -> None:
    if beside_aiohttp:
        pytest.importorskip("aiohttp")
    result = molotov(
        f"CANNED = {canned!r}\n"
        + ("import aiohttp\n" if beside_aiohttp else "")
        + "def user_in(url):\n"
        "    return url.replace('//', '//user:hunter2@')\n"
        "WITH_USER = user_in(URL)\n"
        "async def ask(session):\n"
        f"{body_of(name)}"
        "@scenario()\n"
        "async def one(session):\n"
        "    await ask(session)\n",
        *("-r", "1"),
        *(["-vv"] if beside_aiohttp else []),
    )
    assert "FAILURES: 1" in result.stdout, result
    said = [
        line
        for line in (result.stdout + result.stderr).splitlines()
        if not is_of_the_script(line, name)
    ]
    assert not any(SECRET in line or CODED in line for line in said), said


# How a session is told of somebody, who is for the first origin alone.
TOLD = {
    "fields": """
        asked = session.get(FIRST, headers={
            "Authorization": "Bearer hunter2", "Cookie": "a=hunter2",
            "Proxy-Authorization": "Basic hunter2",
        })
    """,
    "cookies": 'asked = session.get(FIRST, cookies={"a": "hunter2"})',
    "auth": """
        from molotov.client import BasicAuth
        asked = session.get(FIRST, auth=BasicAuth("user", "hunter2"))
    """,
    "the URL": """
        asked = session.get(FIRST.replace("//", "//user:hunter2@"))
    """,
    "a kept cookie": """
        await session.get(FIRST.rpartition("/")[0] + "/set")
        asked = session.get(FIRST)
    """,
}


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("name", TOLD)
def test_another_origin_is_told_nothing(
    molotov: Molotov, target: str, name: str, traced: bool
) -> None:
    answers = {
        "/first": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
        b"Location: %b/headers\r\n\r\n" % target.encode(),
        "/set": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        b"Set-Cookie: a=hunter2\r\n\r\n",
    }
    body = textwrap.indent(textwrap.dedent(TOLD[name]).strip(), "    ")
    with CannedServer(answers) as server:
        # Addresses have no cookies.
        first = server.url.replace("127.0.0.1", "localhost") + "/first"
        run_well(
            molotov,
            f"from molotov.client import TraceConfig\n"
            f"FIRST = {first!r}\n"
            "@setup()\n"
            "async def init(worker_id, args):\n"
            f"    return {{'trace_configs': [TraceConfig()] * {int(traced)}}}\n"
            "@scenario()\n"
            f"async def one(session):\n{body}\n"
            "    async with asked as r:\n"
            "        assert len(r.history) == 1\n"
            f"        first = str(r.history[0].request_info.headers)\n"
            "        assert 'hunter2' in first or 'dXNlcjp' in first, first\n"
            "        told = await r.text()\n"
            "        assert 'headers' in told\n"
            "        assert 'hunter2' not in told, told\n"
            "        assert 'dXNlcjp' not in told, told\n",
        )


def body_of(name: str) -> str:
    body = textwrap.dedent(FAILING[name].strip("\n"))
    return textwrap.indent(body.rstrip(), "    ") + "\n"


def is_of_the_script(line: str, name: str) -> bool:
    """A traceback's line of it, which says what it says."""
    return line.strip() in [x.strip() for x in FAILING[name].splitlines()]


def test_they_are_at_hand_all_the_same() -> None:
    """For who handles the error."""
    info = RequestInfo("http://a.test", "GET", {"Cookie": SECRET}, "")
    error = ClientResponseError(info, (), headers={"Set-Cookie": SECRET})
    assert error.request_info.headers["Cookie"] == SECRET
    assert error.headers["Set-Cookie"] == SECRET
    assert SECRET not in repr(error)
    url = f"http://user:{SECRET}@a.test:99999"
    invalid = InvalidURL(url, f"no port in {url}")
    assert (invalid.url, invalid.description) == (url, f"no port in {url}")
    assert str(invalid) == (
        "http://***@a.test:99999 - no port in http://***@a.test:99999"
    )
    assert SECRET not in repr(invalid)

"""Requests through HTTP proxies, beside aiohttp."""

import ssl
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside_aiohttp import answers
from commands import Molotov
from recording_proxy import RecordingProxy
from scripts import run_well

pytest.importorskip("aiohttp")


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    with RecordingProxy() as made:
        yield made


AT_HAND = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
PROXY = "http://127.0.0.1:{proxy}"
WITH_USER = "http://us%20er:pass@127.0.0.1:{proxy}"
OTHER_USER = WITH_USER.replace("us", "other")
HTTPS = "https://example.com:{https}"

async def recorded(session):
    # What the proxy was asked, connections numbered from 1.
    async with session.get(PROXY + "/recorded") as r:
        heads = json_of(await r.text())
    numbers = []
    seen = []
    for number, (line, *fields) in heads:
        if number not in numbers:
            numbers.append(number)
        ours = ("user-agent", "accept-encoding")
        kept = [f for f in fields if not f.lower().startswith(ours)]
        seen.append((numbers.index(number) + 1, line, sorted(kept)))
    return seen

def json_of(text):
    import json
    return json.loads(text)

async def get(session, url=None, **options):
    options.setdefault("proxy", PROXY)
    async with session.get(url or URL + "/json", **options) as r:
        return r.status, await r.text(), len(r.history)

async def get_https(session, path="/json", **options):
    return await get(session, HTTPS + path, ssl=False, **options)

async def error(asked):
    try:
        return await asked
    except Exception as error:
        names = [c.__name__ for c in type(error).__mro__]
        return type(error).__name__, str(error), [
            n for n in names if n.startswith(("Client", "Invalid", "Server"))
        ][:1]
"""

SAME = {
    "http": """
        return (
            await get(session),
            await get(session, URL + "/json?a=b#part"),
            await get(session, proxy=__import__("yarl").URL(PROXY)),
            await recorded(session),
        )
    """,
    "https": """
        return (
            await get_https(session),
            await get_https(session, "/bytes/100000"),
            await recorded(session),
        )
    """,
    "users": """
        return (
            await get(session, proxy=WITH_USER),
            await get(session, proxy_auth=BasicAuth("a", "b")),
            await get_https(session, proxy=WITH_USER),
            await get_https(session, proxy_auth=BasicAuth("a", "b")),
            await recorded(session),
        )
    """,
    "a user in both places": """
        return (
            await get(session, proxy=WITH_USER, proxy_auth=BasicAuth("a", "b")),
            await recorded(session),
        )
    """,
    "proxy_headers": """
        own = {"X-Proxy": "1", "X-Common": "2", "Authorization": "token"}
        return (
            await get(session, proxy_headers=own),
            await get_https(session, proxy_headers=own),
            await get_https(
                session, proxy_headers=own, proxy_auth=BasicAuth("a", "b")
            ),
            await get_https(session, headers={"X-Own": "1", "Host": "own"}),
            await recorded(session),
        )
    """,
    "a field of the request's own": """
        own = {"Proxy-Authorization": "own"}
        return (
            await get(session, headers=own),
            await get(session, headers=own, proxy=WITH_USER),
            [asked[1:] for asked in await recorded(session)],
        )
    """,
    "redirects": """
        return (
            await get(session, URL + "/redirect/2", proxy=OTHER_USER),
            await get_https(session, "/redirect/2", proxy=OTHER_USER),
            # aiohttp makes a connection more for the first redirect.
            sorted({repr(asked[1:]) for asked in await recorded(session)}),
        )
    """,
    "bodies": """
        async with session.post(URL + "/echo", proxy=PROXY, data=b"") as r:
            return r.status, await r.read(), await recorded(session)
    """,
    "what a proxy's URL may be": """
        return [
            await error(get(session, proxy=proxy))
            for proxy in (
                "localhost", 5, b"x", "http://", "http://[", "",
                "http://127.0.0.1:99999", "ftp" + PROXY[4:], "http://h:x",
            )
        ], await recorded(session)
    """,
    "what a proxy's user may be": """
        return [
            await error(get(session, proxy_auth=auth))
            for auth in (("a", "b"), "a", 5)
        ] + [(await error(get(session, proxy_headers=5)))[0]]
    """,
    "options without a proxy": """
        return await get(session, proxy=None, proxy_auth=5, proxy_headers=5)
    """,
}


def at_hand(proxy: RecordingProxy, tls: str, more: str = "") -> str:
    filled = AT_HAND.replace("{proxy}", str(proxy.port))
    return filled.replace("{https}", tls.rpartition(":")[2]) + more


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
    target: str,
    tls: tuple[str, Path],
) -> dict[str, tuple[str, str]]:
    folder = tmp_path_factory.mktemp("proxies")
    with RecordingProxy() as proxy:
        return answers(folder, target, SAME, at_hand(proxy, tls[0]))


@pytest.mark.parametrize("name", SAME)
def test_as_aiohttp(name: str, both: dict[str, tuple[str, str]]) -> None:
    ours, theirs = both[name]
    assert ours == theirs


@pytest.mark.parametrize(
    "options",
    [
        '"proxy": WITH_USER',
        '"proxy": PROXY, "proxy_auth": BasicAuth("a", "b")',
        '"proxy": PROXY, "headers": {"Proxy-Authorization": "own"}',
        '"proxy": WITH_USER, "headers": {"Proxy-Authorization": "own"}',
        '"proxy_auth": BasicAuth("a", "b")',
        '"proxy_auth": 5',
        '"proxy": PROXY, "proxy_auth": 5',
        '"proxy": "localhost"',
        '"proxy": 5',
        '"proxy": ""',
    ],
)
def test_of_a_session(
    options: str,
    tmp_path: Path,
    target: str,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
) -> None:
    """Of its requests without options, and of those with some."""
    asks = {
        "": """
        async def status(**options):
            async with session.get(URL + "/json", **options) as r:
                return r.status

        seen = [
            await error(status()),
            await error(status()),
            await error(status(params={"a": "b"})),
            await error(recorded(session)),
        ]
        return seen
        """
    }
    more = f"def session_options():\n    return {{{options}}}\n"
    hand = at_hand(proxy, tls[0], more)
    ((ours, theirs),) = answers(tmp_path, target, asks, hand).values()
    assert ours == theirs
    assert not ours.startswith("raised"), ours


# The refusals of a tunnel, and of aiohttp's texts what is the same.
ANSWERS = {
    "407": b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\n\r\nbody",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no reason": b"HTTP/1.1 502\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 F\r\n\r\n",
    "redirect": b"HTTP/1.1 301 Moved\r\nLocation: http://other/\r\n\r\n",
}

REFUSED = """
    try:
        await get_https(session, proxy=WITH_USER.replace("us%20er:pass@", ""))
    except aiohttp.ClientHttpProxyError as error:
        info = error.request_info
        fields = {**info.headers}
        del fields["User-Agent"]
        return (
            str(error), error.status, error.message, dict(error.headers),
            error.history, str(info.url), str(info.real_url), info.method,
            fields,
        )
"""


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_tunnel_that_is_refused(
    answer: str,
    tmp_path: Path,
    target: str,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
) -> None:
    proxy.answer = ANSWERS[answer]
    proxy.closes = False
    hand = "import aiohttp\n" + at_hand(proxy, tls[0])
    ((ours, theirs),) = answers(tmp_path, target, {"": REFUSED}, hand).values()
    print("OURS", ours)
    print("THEI", theirs)
    assert ours == theirs
    assert answer[:3] not in ("407", "204") or f", {answer}, " in ours
    # Both clients have closed their connections.
    for _ in range(2):
        assert proxy.closed.acquire(timeout=60)


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (b"junk\r\n\r\n", "ClientResponseError"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "ClientResponseError"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
            "ClientResponseError",
        ),
        (b"", "ServerDisconnectedError"),
        (b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all", "ClientConnectorSSLError"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "ClientConnectorError"),
    ],
    ids=["junk", "a long line", "a huge head", "nothing", "a body", "its end"],
)
def test_a_hostile_proxy(
    molotov: Molotov,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
    answer: bytes,
    raised: str,
) -> None:
    proxy.answer = answer
    run_well(
        molotov,
        at_hand(proxy, tls[0])
        + f"""
@scenario()
async def one(session):
    for _ in range(3):
        seen = await error(get_https(session, timeout=60))
        assert seen[0] == {raised!r}, seen
    """,
    )
    for _ in range(3):
        assert proxy.closed.acquire(timeout=60)


def test_a_proxy_that_never_answers(
    molotov: Molotov, tls: tuple[str, Path], proxy: RecordingProxy
) -> None:
    proxy.answer = None
    run_well(
        molotov,
        at_hand(proxy, tls[0])
        + """
from types import SimpleNamespace

@scenario()
async def one(session):
    for bound in ("connect", "sock_connect"):
        timeout = SimpleNamespace(**{bound: 0.05})
        seen = await error(get_https(session, timeout=timeout))
        assert seen[0] == "ConnectionTimeoutError", seen
        assert seen[1].startswith("Connection timeout to host " + HTTPS), seen
    seen = await error(get_https(session, timeout=0.05))
    assert seen[0] == "TimeoutError", seen
    """,
    )
    for _ in range(3):
        assert proxy.closed.acquire(timeout=60)


def test_who_the_user_is_stays_with_the_proxy(
    molotov: Molotov, tls: tuple[str, Path], proxy: RecordingProxy
) -> None:
    """The target is not told of the proxy's user, nor the proxy of what is for
    the target; -vv shows neither."""
    script = """
        @setup()
        async def init(worker_id, args):
            private = {"Authorization": "for-target", "Cookie": "for=target"}
            return {"headers": private, "proxy": WITH_USER}

        @scenario()
        async def one(session):
            for url in (URL, HTTPS):
                async with session.get(url + "/headers", ssl=False) as r:
                    sent = (await r.json())["headers"]
                assert sent["Authorization"] == "for-target"
                assert sent["Cookie"] == "for=target"
                assert "Proxy-Authorization" not in sent
    """
    hand = at_hand(proxy, tls[0])
    script = hand + textwrap.dedent(script)
    printed = run_well(molotov, script, "-r", "1", "-vv")
    _, (_, tunnel) = proxy.recorded
    assert [f for f in tunnel[1:] if not f.startswith(("Host", "User"))] == [
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "Proxy-Authorization: Basic dXMgZXI6cGFzcw==",
    ]
    assert "Proxy-Authorization: ***" in printed
    assert not any("Basic dXMg" in line for line in printed)


def tls_server_context(folder: Path) -> ssl.SSLContext:
    """Of a server whose certificate nobody has signed."""
    made = folder / "server.pem"
    command = "openssl req -x509 -nodes -subj /CN=localhost -newkey ec"
    curve = "-pkeyopt ec_paramgen_curve:prime256v1"
    files = f"-keyout {made} -out {made.with_suffix('.crt')}"
    subprocess.run(
        f"{command} {curve} {files}".split(), check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.with_suffix(".crt"), made)
    return context


def test_a_tls_proxy(
    molotov: Molotov, target: str, tls: tuple[str, Path]
) -> None:
    """One that is spoken to by TLS: plain requests, and TLS within TLS."""
    with RecordingProxy(tls_server_context(molotov.folder)) as proxy:
        hand = at_hand(proxy, tls[0]).replace('"http://127', '"https://127')
        run_well(
            molotov,
            hand
            + """
@scenario()
async def one(session):
    for _ in range(2):
        assert (await get(session, ssl=False))[0] == 200
        status, text, _ = await get_https(session, "/bytes/1000000")
        assert (status, len(text)) == (200, 1_000_000)
    seen = await error(get(session))
    assert seen[0] == "ClientConnectorCertificateError", seen
    assert PROXY.removeprefix("https://") in seen[1], seen
    """,
        )
        lines = [head[0] for _, head in proxy.recorded]
        assert [line.split()[0] for line in lines] == ["GET", "CONNECT", "GET"]
        assert {number for number, _ in proxy.recorded} == {1, 2}


def test_the_target_is_verified_behind_a_proxy(
    molotov: Molotov, tls: tuple[str, Path], proxy: RecordingProxy
) -> None:
    """By its own name."""
    script = (
        at_hand(proxy, tls[0])
        + """
@scenario()
async def one(session):
    print(await error(get(session, HTTPS)))
    print(await error(get(session, HTTPS.replace("example", "another"))))
"""
    )
    authority = str(tls[1])
    lines = run_well(molotov, script, "-r", "1", "--cacert", authority)
    assert "200" in lines[0]
    assert "ClientConnectorCertificateError" in lines[1]
    assert "another.com" in lines[1]


@pytest.mark.parametrize("refuses", [True, False])
def test_errors_do_not_show_the_proxy_s_user(
    molotov: Molotov,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
    refuses: bool,
) -> None:
    """Nor does what a run that fails prints."""
    proxy.answer = b"HTTP/1.1 407 Who\r\n\r\n"
    hand = at_hand(proxy, tls[0])
    if not refuses:
        hand = hand.replace(f":{proxy.port}", ":1")
    result = molotov(
        hand
        + """
@scenario()
async def one(session):
    await get_https(session, proxy=WITH_USER)
""",
        "-r",
        "1",
    )
    assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines, result
    raised = "ClientHttpProxyError" if refuses else "ClientProxyConnection"
    assert raised in result.stdout
    assert "pass@" not in result.stdout + result.stderr

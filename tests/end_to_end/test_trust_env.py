"""Sessions that take proxies and users from the environment, beside aiohttp."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from beside_aiohttp import answers
from commands import Molotov
from recording_proxy import RecordingProxy
from scripts import run_well
from test_proxies import at_hand

pytest.importorskip("aiohttp")


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    with RecordingProxy() as made:
        yield made


TRUSTING = """
def session_options():
    return {"trust_env": True}

async def get_plain(session, url, **options):
    async with session.get(url, ssl=False, **options) as r:
        return r.status, len(r.history)

async def sent(session, url, asks="/headers", **options):
    # What the target is told of the user, and whether a proxy passed it on.
    try:
        async with session.get(url + asks, ssl=False, **options) as r:
            told = (await r.json())["headers"]
    except Exception as error:
        return repr(error)
    return told.get("Authorization"), "Connection" in told
"""

SAME = {
    "proxies": """
        await recorded(session)  # what the other client asked for
        return (
            await get_plain(session, URL + "/redirect/2"),
            await get_plain(session, HTTPS + "/json"),
            await get_plain(session, LOCAL + "/json"),
            sorted({repr(asked[1:]) for asked in await recorded(session)}),
        )
    """,
    "an own proxy goes first": """
        await get_plain(session, URL + "/json", proxy=WITH_USER)
        return sorted({repr(asked[1:]) for asked in await recorded(session)})
    """,
    "users": """
        return (
            await sent(session, URL),
            await sent(session, HTTPS),
            await sent(session, LOCAL),
            await sent(session, LOCAL, auth=BasicAuth("a", "b")),
            await sent(session, LOCAL.replace("//", "//c:d@")),
            await sent(session, LOCAL, headers={"Authorization": "own"}),
        )
    """,
    "redirects to other hosts": """
        return [
            await sent(session, f"{start}/to?{to}", asks="")
            for start in ("http://example.com", PROXY)
            for to in (LOCAL + "/headers", URL + "/headers")
        ]
    """,
    "URLs that are none": """
        seen = []
        for url in ("http://[", "http://", "nothing"):
            try:
                await session.get(url)
            except Exception as error:
                seen.append(type(error).__name__)
        return seen
    """,
}


def hand_with(proxy: RecordingProxy, tls: str, target: str) -> str:
    local = target.replace("127.0.0.1", "localhost")
    return at_hand(proxy, tls, f"{TRUSTING}\nLOCAL = {local!r}\n")


NETRC = """
machine localhost login me password secret
machine example.com account them password other
default login any password any
"""


@pytest.mark.parametrize("case", [str.upper, str.lower])
@pytest.mark.parametrize("user", ["", "env:user@"])
@pytest.mark.parametrize("netrc", [NETRC, NETRC.split("default")[0]])
def test_as_aiohttp(
    tmp_path: Path,
    target: str,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
    monkeypatch: pytest.MonkeyPatch,
    case: Callable[[str], str],
    user: str,
    netrc: str,
) -> None:
    url = f"http://{user}127.0.0.1:{proxy.port}"
    monkeypatch.setenv(case("http_proxy"), url)
    monkeypatch.setenv(case("https_proxy"), url)
    monkeypatch.setenv(case("no_proxy"), ".org,localhost")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text(netrc)
    both = answers(tmp_path, target, SAME, hand_with(proxy, tls[0], target))
    for name, (ours, theirs) in both.items():
        assert ours == theirs, name
        assert not ours.startswith("raised"), ours


def test_an_authorization_of_the_session(
    tmp_path: Path,
    target: str,
    tls: tuple[str, Path],
    proxy: RecordingProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Does not go together with a user of .netrc, but for a redirect to another
    host, where it is left behind."""
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text(NETRC.split("default")[0])
    asks = {
        "": """
        to = "/to?" + LOCAL + "/headers"
        return (
            await sent(session, URL),
            await sent(session, LOCAL),
            await sent(session, PROXY + to, asks=""),
        )
        """
    }
    hand = hand_with(proxy, tls[0], target).replace(
        '{"trust_env": True}',
        '{"trust_env": True, "headers": {"Authorization": "own"}}',
    )
    ((ours, theirs),) = answers(tmp_path, target, asks, hand).values()
    assert ours == theirs
    assert ours.startswith("(('own', False), \"ValueError(")
    assert "Basic" in ours


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("machine localhost junk", "Could not parse .netrc file: "),
        ("nonsense", "Could not parse .netrc file: bad toplevel token"),
        (None, "Could not read .netrc file: [Errno 2] No such file"),
    ],
)
def test_a_netrc_that_cannot_be_used(
    molotov: Molotov,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
    said: str,
) -> None:
    """It is said once, and the requests have no user."""
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))
    if content is not None:
        path.write_text(content)
    result = molotov(ASKS_ALONE, "-w", "3", "-r", "2")
    assert "SUCCESSES: 6 | FAILURES: 0 | WORKERS: 3" in result.lines, result
    (line,) = result.stderr.splitlines()
    assert said in line


ASKS_ALONE = """
@setup()
async def init(worker_id, args):
    return {"trust_env": True}

@scenario()
async def one(session):
    async with session.get(URL + "/headers") as response:
        sent = (await response.json())["headers"]
    assert "Authorization" not in sent, sent
    assert "Connection" not in sent, sent
"""


def test_no_netrc(
    molotov: Molotov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody named one, nothing is said of it."""
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run_well(molotov, ASKS_ALONE) == []


def test_the_netrc_of_the_home_folder(
    molotov: Molotov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / ".netrc"
    home.write_text("default login me password secret")
    home.chmod(0o600)
    script = ASKS_ALONE.replace('"Authorization" not in', '"Basic" in')
    script = script.replace('["headers"]', '["headers"]["Authorization"]', 1)
    assert run_well(molotov, script) == []


def test_a_tls_proxy_of_the_environment_is_left_out(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "https://me:secret@127.0.0.1:1")
    result = molotov(ASKS_ALONE, "-r", "1")
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines, result
    assert result.stderr == (
        "HTTPS proxies https://127.0.0.1:1 are not supported, ignoring\n"
    )


def test_the_environment_is_left_alone(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without trust_env."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert run_well(molotov, ASKS_ALONE.replace("True", "False")) == []

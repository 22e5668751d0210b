"""Sessions whose requests go to a Unix socket."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside_aiohttp import answers
from commands import PROGRAMS, Molotov
from making import MAKING
from scripts import run_well

pytest.importorskip("aiohttp")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Of a molotarget's socket."""
    made = tmp_path / "served.sock"
    with subprocess.Popen(
        [PROGRAMS / "molotarget", "--unix", made],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield made
        server.terminate()


AT_HAND = """
import aiohttp
from aiohttp.client_exceptions import UnixClientConnectorError

def session_options():
    return {"connector": aiohttp.UnixConnector("{path}")}

async def get(session, url):
    async with session.get(url) as r:
        return r.status, str(r.url), len(r.history), await r.text()

async def error(session, url):
    try:
        await session.get(url)
    except aiohttp.ClientConnectorError as error:
        return (
            type(error).__name__, str(error), error.path, error.host,
            error.port, error.ssl, error.errno, type(error.os_error),
            isinstance(error, UnixClientConnectorError),
        )
"""

KIT = """
import molotov.client

def kit(session):
    theirs = isinstance(session, aiohttp.ClientSession)
    return aiohttp if theirs else molotov.client
"""

SAME = {
    "requests": """
        return (
            await get(session, "http://some.host/json"),
            await get(session, "http://some.host:8080/redirect/2"),
            await get(session, "http://other/json?a=b"),
        )
    """,
    "the host that is named": """
        async with session.get("http://some.host:1/headers") as r:
            return (await r.json())["headers"]["Host"]
    """,
    "bodies": """
        async with session.post("http://h/echo", data=b"x" * 100_000) as r:
            return r.status, len(await r.read())
    """,
    "cookies": """
        async with session.get("http://h/cookies/set/a/1") as r: pass
        return await get(session, "http://h/cookies")
    """,
}


def test_as_aiohttp(tmp_path: Path, target: str, path: Path) -> None:
    both = answers(tmp_path, target, SAME, AT_HAND.replace("{path}", str(path)))
    for name, (ours, theirs) in both.items():
        assert ours == theirs, name
        assert not ours.startswith("raised"), ours


@pytest.mark.parametrize("where", ["missing.sock", "", "x" * 200])
def test_no_server(tmp_path: Path, target: str, where: str) -> None:
    asks = {
        url: f"return await error(session, {url!r})\n"
        for url in ("http://h/", "http://h:81/", "https://h/")
    }
    hand = AT_HAND.replace("{path}", str(tmp_path / where))
    for ours, theirs in answers(tmp_path, target, asks, hand).values():
        if where.startswith("x"):  # which has no errno, and other texts
            ours, theirs = ours.split("[")[0], theirs.split("[")[0]
        assert ours == theirs
        assert ours.startswith("('UnixClientConnectorError', "), ours


def test_our_own_connector(molotov: Molotov, path: Path) -> None:
    """aiohttp is not needed for it."""
    lines = run_well(
        molotov,
        f"""
        import sys
        from molotov import UnixConnector

        @setup()
        async def init(worker_id, args):
            return {{"connector": UnixConnector({str(path)!r})}}

        @scenario()
        async def one(session):
            for _ in range(3):
                async with session.get("http://anything/json") as response:
                    assert response.status == 200
            async with session.get("http://other/stats") as response:
                stats = await response.json()
            print(stats["requests"], stats["connections"])
            assert "aiohttp" not in sys.modules
        """,
    )
    assert lines == ["3 1"]


LIMITED = {
    f"{package}, {options}": f"""
        connector = {package}.UnixConnector("{{path}}", {options})
        found = [
            connector.path == "{{path}}", connector.limit,
            connector.limit_per_host, connector.force_close,
        ]
        async with make(session, connector=connector) as new:
            before = parsed((await get(new, "http://h/stats"))[3])
            await asyncio.gather(*(
                get(new, f"http://{{host}}/delay/10")
                for host in {hosts} for _ in range(5)
            ))
            after = parsed((await get(new, "http://h/stats"))[3])
        found.append(after["connections"] - before["connections"])
        return found, connector.closed
    """
    for package in ("aiohttp", "kit(session)")
    for options, hosts in (
        ("limit=2", ["a"]),
        ("False, None, 100, 2", ["a", "b"]),
        ("force_close=True", ["a", "b"]),
    )
}


def test_limits_as_aiohttp(tmp_path: Path, target: str, path: Path) -> None:
    hand = MAKING + AT_HAND + KIT
    for name, (ours, theirs) in answers(
        tmp_path,
        target,
        {n: b.replace("{path}", str(path)) for n, b in LIMITED.items()},
        hand.replace('aiohttp.UnixConnector("{path}")', "None"),
    ).items():
        assert ours == theirs, name
        assert not ours.startswith("raised"), ours


def test_an_error_can_be_sent_on(molotov: Molotov) -> None:
    """To another process, with all that it says."""
    lines = run_well(
        molotov,
        """
        import pickle
        from molotov import UnixConnector

        @setup()
        async def init(worker_id, args):
            return {"connector": UnixConnector("/missing")}

        @scenario()
        async def one(session):
            try:
                await session.get("http://h/")
            except OSError as error:
                again = pickle.loads(pickle.dumps(error))
                print(again.path, again.host, again)
        """,
    )
    assert lines == [
        "/missing h Cannot connect to unix socket /missing ssl:default "
        "[No such file or directory]"
    ]


def test_named_pipes_are_for_windows(molotov: Molotov) -> None:
    lines = run_well(
        molotov,
        r"""
        from molotov import NamedPipeConnector

        @scenario()
        async def one(session):
            try:
                NamedPipeConnector(r"\\.\pipe\x")
            except RuntimeError as error:
                print(error)
        """,
    )
    assert lines == [
        "Named Pipes only available in proactor loop under windows"
    ]

"""What each worker has of its own, and what becomes of its connections."""

import json
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest
from commands import PROGRAMS, Molotov


def counted(target: str) -> Counter[str]:
    """Requests and connections, by the target's own count."""
    with urllib.request.urlopen(target + "/stats") as answer:
        return Counter(json.load(answer))


@pytest.mark.parametrize(("processes", "connections"), [("1", 5), ("2", 10)])
def test_a_worker_keeps_its_own_connection(
    molotov: Molotov, target: str, processes: str, connections: int
) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                assert response.status == 200
            await asyncio.sleep(0.001)
    """
    before = counted(target)
    result = molotov(script, "-w", "5", "-r", "10", "-p", processes)
    assert (result.status, result.stderr) == (0, "")
    assert f"SUCCESSES: {10 * connections} | FAILURES: 0" in result.lines[-2]
    came = counted(target) - before
    assert came == {"requests": 10 * connections, "connections": connections}


def test_workers_do_not_share_cookies(molotov: Molotov) -> None:
    script = """
        have_one = asyncio.Barrier(3)
        # As with aiohttp, what a bare address sets is not kept.
        NAMED = URL.replace("127.0.0.1", "localhost")

        @scenario()
        async def one(session):
            own = str(id(session))
            async with session.get(f"{NAMED}/cookies/set/own/{own}"): pass
            await have_one.wait()
            async with session.get(NAMED + "/cookies") as response:
                seen = await response.json()
            assert seen == {"cookies": {"own": own}}, seen
    """
    result = molotov(script, "-w", "3", "-r", "1")
    assert "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 3" in result.lines, result


@pytest.mark.parametrize(
    "path",
    [
        "/close-idle",  # maybe seen before the next request is sent, maybe not
        "/close-next",  # when the next request has come
    ],
)
def test_a_kept_connection_that_died(
    molotov: Molotov, target: str, path: str
) -> None:
    """The scenario sees nothing of it: the request is made on another one."""
    script = f"""
        @scenario()
        async def one(session):
            async with session.get(URL + "{path}") as response:
                await response.read()
            async with session.get(URL) as response:
                assert response.status == 200
    """
    before = counted(target)
    result = molotov(script, "-r", "1")
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines, result
    assert (counted(target) - before)["connections"] == 2


@pytest.fixture
def target_on_ipv6() -> Iterator[str]:
    with subprocess.Popen(
        [PROGRAMS / "molotarget", "--host", "::1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip().rstrip("/")
        if not url:
            pytest.skip("this machine has no ::1")
        yield url
        server.terminate()


def test_an_ipv6_address(molotov: Molotov, target_on_ipv6: str) -> None:
    assert target_on_ipv6.startswith("http://[::1]:")
    script = f"""
        @scenario()
        async def one(session):
            async with session.get("{target_on_ipv6}/headers") as response:
                seen = await response.json()
                assert str(response.url) == "{target_on_ipv6}/headers"
            assert "http://" + seen["headers"]["Host"] == "{target_on_ipv6}"
    """
    result = molotov(script, "-r", "2")
    assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines, result

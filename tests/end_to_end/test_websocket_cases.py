"""What the Autobahn test suite asks of a client, case by case: as it is to be,
and most of it beside aiohttp."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from commands import PROGRAMS, Molotov, run
from scripts import run_well, scenario
from websocket_cases import BASIC
from websocket_large_cases import COMPRESSION, LIMITS
from websocket_peer import Case, Deflate, Judge

ECHO = """
async def echo(session, url, compress):
    async with session.ws_connect(
        url, max_msg_size=0, compress=compress
    ) as ws:
        async for message in ws:
            if message.type == 1:
                await ws.send_str(message.data)
            elif message.type == 2:
                await ws.send_bytes(message.data)

async def echo_all(session, url, cases):
    for name, compress in cases:
        await echo(session, f"{url}/{name}", compress)
"""
ALONE = """
import asyncio
from aiohttp import ClientSession
{echo}
async def main():
    async with ClientSession() as session:
        await echo_all(session, {url!r}, {cases})

asyncio.run(main())
"""
WELL = "as it should be"


def asked(cases: Mapping[str, Case]) -> list[tuple[str, int]]:
    return [(name, 15 if each.deflate else 0) for name, each in cases.items()]


def verdicts(
    folder: Path, target: str, cases: Mapping[str, Case]
) -> dict[str, str]:
    """On a scenario that echoes."""
    with Judge(cases) as judge:
        called = f"await echo_all(session, {judge.url!r}, {asked(cases)})"
        run_well(Molotov(folder, target), ECHO + scenario(called))
        return judge.wait()


@pytest.fixture(scope="module")
def basic(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> dict[str, str]:
    return verdicts(tmp_path_factory.mktemp("basic"), target, BASIC)


@pytest.fixture(scope="module")
def limits(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> dict[str, str]:
    return verdicts(tmp_path_factory.mktemp("limits"), target, LIMITS)


@pytest.fixture(scope="module")
def compression(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> dict[str, str]:
    return verdicts(tmp_path_factory.mktemp("deflate"), target, COMPRESSION)


@pytest.fixture(scope="module")
def aiohttps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    pytest.importorskip("aiohttp")
    folder = tmp_path_factory.mktemp("aiohttp")
    with Judge(BASIC) as judge:
        script = ALONE.format(echo=ECHO, url=judge.url, cases=asked(BASIC))
        (folder / "alone.py").write_text(script)
        done = run(folder, PROGRAMS / "python", "alone.py")
        assert done.status == 0, done
        return judge.wait()


@pytest.mark.parametrize("name", BASIC)
def test_protocol(name: str, basic: dict[str, str]) -> None:
    assert basic[name] == WELL


@pytest.mark.parametrize("name", BASIC)
def test_as_aiohttp(
    name: str, basic: dict[str, str], aiohttps: dict[str, str]
) -> None:
    assert basic[name] == aiohttps[name]


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str, limits: dict[str, str]) -> None:
    assert limits[name] == WELL


@pytest.mark.parametrize("name", COMPRESSION)
def test_compression(name: str, compression: dict[str, str]) -> None:
    assert compression[name] == WELL


def test_the_judge_tells_wrong_clients(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> None:
    """One that answers with something else."""
    cases = {name: BASIC[name] for name in ("1.1.2", "5.6", "7.3.1")}
    cases["7.3.3"] = replace(BASIC["7.3.3"], closed_with=1002)
    cases["12.1.2"] = replace(COMPRESSION["12.1.2"], deflate=Deflate(9))
    folder = tmp_path_factory.mktemp("wrong")
    with Judge(cases) as judge:
        called = f"await echo_all(session, {judge.url!r}, {asked(cases)})"
        script = ECHO.replace("send_str(message.data)", "send_str('X')")
        run_well(Molotov(folder, target), script + scenario(called))
        found = judge.wait()
    assert found["7.3.1"] == WELL
    assert found["5.6"].startswith("step 1: text b'X', not ")
    assert found["1.1.2"].startswith("step 1: text b'X', not ")
    assert found["12.1.2"].startswith("step 1: text b'X', not ")
    assert found["7.3.3"] == "at the end: close 1000, not close 1002"

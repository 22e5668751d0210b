"""-v: how many requests went where, at the end."""

import re

import pytest
from commands import BYE, Molotov

TITLE = "Requests per endpoint:"


def table(lines: list[str]) -> list[str]:
    """The lines between the title and the counts, blanks made one."""
    first = lines.index(TITLE) + 1
    assert lines[-1] == BYE
    assert lines[-2].startswith("SUCCESSES: ")
    return [re.sub(r" +", " ", line).strip() for line in lines[first:-2]]


@pytest.mark.parametrize("processes", [1, 2])
def test_requests_per_endpoint(
    molotov: Molotov, target: str, processes: int
) -> None:
    script = """
        @scenario()
        async def one(session):
            for number in range(3):
                await session.get(URL + f"/?number={number}")
            await session.post(URL + "/echo", data="x")
            await session.get(URL + "/redirect/1")
            await session.get(URL + "/status/404")
            try:
                await session.get("http://127.0.0.1:1/")
            except OSError:
                pass
        """
    result = molotov(script, "-v", "-r", "2", "-p", str(processes))
    assert result.status == 0
    host = target.removeprefix("http://")
    once, all_ = 2 * processes, 8 * processes
    rows = table(result.lines)
    assert rows[0] == f"{all_} GET {host}/ 200"
    assert rows[1:] == [
        f"{once} GET 127.0.0.1:1/ refused",
        f"{once} GET {host}/redirect/{{}} 302",
        f"{once} GET {host}/status/{{}} 404",
        f"{once} POST {host}/echo 200",
    ]


def test_the_ten_busiest(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            for number in range(2000):
                await session.get(URL + f"/items/no{number}")
            for _ in range(2):
                await session.get(URL + "/")
        """
    rows = table(molotov(script, "-v", "-r", "1").lines)
    assert len(rows) == 11
    # 1,000 have a name, one of them the scenario; the last two and the others
    # have none of their own.
    assert rows[0] == "1 GET /items/no0 404"
    assert rows[-1] == "1992 of 990 other endpoints"


def test_none_without_requests_or_without_v(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            pass
        """
    assert TITLE not in molotov(script, "-v", "-r", "1").stdout
    script = """
        @scenario()
        async def one(session):
            await session.get(URL)
        """
    assert TITLE not in molotov(script, "-r", "1").stdout

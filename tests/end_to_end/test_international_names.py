"""Hosts whose names are not in ASCII are asked for by the names that yarl, and
so aiohttp, makes of them."""

import pytest
from canned_server import CannedServer
from commands import Molotov
from scripts import run_well, scenario

yarl = pytest.importorskip("yarl")

NAMES = [
    "bücher.example",
    "BÜCHER.Example",
    "straße.example",
    "日本語.example",
    "例え。example",
    "☃.example",
    "e\u0301.example",
]


def test_names_are_as_yarl_has_them(molotov: Molotov, target: str) -> None:
    port = target.rpartition(":")[2]
    hosts = [yarl.URL(f"http://{name}/").raw_host for name in NAMES]
    connects: list[str] = []
    for host in hosts:
        connects += ["--connect-to", f"{host}:80:127.0.0.1:{port}"]
    lines = run_well(
        molotov,
        scenario(f"""
            from yarl import URL as Yarl
            for name in {NAMES!r}:
                for make in (str, Yarl):
                    url = make(f"http://{{name}}/headers")
                    async with session.get(url) as r:
                        host = (await r.json())["headers"]["Host"]
                        print(host, r.url.raw_host)
            """),
        *("-r", "1", *connects),
    )
    assert lines == [f"{host} {host}" for host in hosts for _ in range(2)]


def test_redirects_to_them(molotov: Molotov, target: str) -> None:
    port = target.rpartition(":")[2]
    answer = (
        "HTTP/1.1 302 Found\r\nLocation: http://bücher.example/headers\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    with CannedServer({"/": answer.encode()}) as server:
        lines = run_well(
            molotov,
            scenario(f"""
                async with session.get({server.url!r}) as r:
                    print((await r.json())["headers"]["Host"], str(r.url))
                """),
            *("-r", "1"),
            *("--connect-to", f"xn--bcher-kva.example:80:127.0.0.1:{port}"),
        )
    host = "xn--bcher-kva.example"
    assert lines == [f"{host} {yarl.URL(f'http://{host}/headers')}"]


@pytest.mark.parametrize("name", ["a\u200db", "ü..x", "xn--ü", "ü" * 64])
def test_names_that_are_none(molotov: Molotov, name: str) -> None:
    lines = run_well(
        molotov,
        scenario(f"""
            from molotov.exceptions import InvalidUrlClientError
            for follow in (True, False):
                try:
                    await session.get("http://{name}/", allow_redirects=follow)
                except InvalidUrlClientError:
                    print("none")
            """),
    )
    assert lines == ["none", "none"]
    with pytest.raises(ValueError):
        yarl.URL(f"http://{name}/")

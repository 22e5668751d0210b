"""Cookies that a request is given."""

import pytest
from canned_server import CannedServer
from commands import Molotov
from scripts import run_well, scenario


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("plain", "plain"),
        ("a b", '"a b"'),
        ("a;b", r'"a\073b"'),
        ("a,b", r'"a\054b"'),
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("a\r\nb", r'"a\015\012b"'),
        ("ü", r'"\374"'),
        ("", '""'),
        (5, "5"),
    ],
)
def test_values_of_cookies_are_quoted(
    molotov: Molotov, value: object, sent: str
) -> None:
    lines = run_well(
        molotov,
        scenario(f"""
            async with session.get(
                URL + "/headers", cookies={{"a": {value!r}}}
            ) as response:
                print((await response.json())["headers"]["Cookie"])
            """),
    )
    assert lines == [f"a={sent}"]


def test_a_morsel_is_sent_as_it_is_coded(molotov: Molotov) -> None:
    lines = run_well(
        molotov,
        scenario("""
            from http.cookies import SimpleCookie
            cookies = SimpleCookie('a="b c"')
            async with session.get(URL + "/headers", cookies=cookies) as r:
                print((await r.json())["headers"]["Cookie"])
            """),
    )
    assert lines == ['a="b c"']


def test_a_public_suffix_gets_no_cookie(molotov: Molotov, target: str) -> None:
    """Nor do hosts below it, which are strangers to each other."""
    answer = (
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        "Set-Cookie: all=1; Domain=co.uk\r\n"
        "Set-Cookie: own=2; Domain=example.co.uk\r\n\r\n"
    )
    port = target.rpartition(":")[2]
    connects: list[str] = []
    for host in ("shop.example", "other"):
        connects += ["--connect-to", f"{host}.co.uk:80:127.0.0.1:{port}"]
    with CannedServer({"/": answer.encode()}) as server:
        canned = server.url.rpartition(":")[2]
        lines = run_well(
            molotov,
            scenario("""
                async with session.get("http://www.example.co.uk/"):
                    pass
                print(sorted(cookie.key for cookie in session.cookie_jar))
                for host in ("shop.example", "other"):
                    async with session.get(f"http://{host}.co.uk/headers") as r:
                        print((await r.json())["headers"].get("Cookie"))
                """),
            *("-r", "1", *connects),
            *("--connect-to", f"www.example.co.uk:80:127.0.0.1:{canned}"),
        )
    assert lines == ["['own']", "own=2", "None"]

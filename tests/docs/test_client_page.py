"""docs/client.md: its tables have each public name of the installed aiohttp's
client, and say of each what is true of ours."""

from __future__ import annotations

import asyncio
import sys

import pytest
from doc_target import ROOT

pytest.importorskip("aiohttp")
sys.path.insert(0, str(ROOT / "tools"))

import client_page
from client_page import Found

PAGE = """# A page

### The session

| name | |
| --- | --- |
| `gone` | yes |
| `get` | yes: a note |
| `connector` | no: a reason |
| `ssl` | no: no longer |
| `put` | yes |

More.
"""


def test_the_tables_are_right() -> None:
    page = client_page.PAGE.read_text()
    tables = asyncio.run(client_page.find_all())
    assert client_page.differences(page, client_page.render(page, tables)) == []
    assert {f"### {title}" for title in tables} <= set(page.splitlines())


def test_what_is_known_is_found() -> None:
    tables = asyncio.run(client_page.find_all())

    def there(title: str) -> dict[str, bool]:
        return {found.name: found.there for found in tables[title]}

    assert there("Keywords of a session")["headers"]
    assert not there("Keywords of a session")["request_class"]
    assert there("The session")["get"]
    assert there("Keywords of a request")["params"]
    assert "self" not in there("Keywords of a request")
    assert "heartbeat" in there("Keywords of ws_connect")
    assert there("The response")["method"]  # of instances only
    assert there("The content of a response")["iter_chunked"]
    assert "TCPConnector(limit)" in there("Other classes")
    assert "TCPConnector.limit" in there("Other classes")
    assert there("Names of aiohttp")["ClientError"]
    assert not there("Names of aiohttp")["set_zlib_backend"]


def test_rows_are_put_right() -> None:
    found = [
        *(Found("get", True), Found("connector", False), Found("ssl", True)),
        *(Found("put", False), Found("new", False)),
    ]
    rendered = client_page.render(PAGE, {"The session": found})
    assert client_page.differences(PAGE, rendered) == [
        "- | `gone` | yes |",
        "- | `ssl` | no: no longer |",
        "- | `put` | yes |",
        "+ | `ssl` | yes |",
        "+ | `put` | no: not yet |",
        "+ | `new` | no: not yet |",
    ]
    assert rendered.endswith("\n\nMore.\n")
    assert client_page.render(rendered, {"The session": found}) == rendered


@pytest.mark.parametrize(
    ("said", "there", "right"),
    [
        ("yes", True, True),
        ("yes", False, False),
        ("yes: with a note", True, True),
        ("yes: with a note", False, False),
        ("yes: `molotov.session.Response`", False, True),
        ("yes: `molotov.session.Response`", True, False),
        ("yes: `molotov.session.Nothing`", False, False),
        ("no: a reason", False, True),
        ("no: a reason", True, False),
        ("no:", False, False),
        ("no", False, False),
        ("aiohttp's: taken", False, True),
        ("aiohttp's: taken", True, False),
        ("perhaps", False, False),
        ("perhaps", True, False),
    ],
)
def test_what_a_row_may_say(said: str, there: bool, right: bool) -> None:
    assert client_page.is_right(said, there) == right

"""docs/client.md's tables: each public name of aiohttp's client, and whether
ours has it.

    python tools/client_page.py         puts right what the tables say
    python tools/client_page.py check   says what is wrong, status 1

A row says `yes`, or `no:` and why, or `aiohttp's:` where an object of aiohttp's
own is taken and ours has none of the name; behind `yes:` comes whatever there
is to say, and where our name is another, that name (`molotov.x.Name`). New rows
begin as `no: not yet`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

import molotov

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "client.md"
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<said>.*?) \|$")
HEADING = re.compile(r"^### (?P<title>.*)$")
# Where a name of aiohttp's is looked for.
MODULES = (
    "molotov.client",
    "molotov.session",
    "molotov.exceptions",
)
# Whose members and keywords have rows, besides those of the session, the
# response and its content.
CLASSES = (
    "ClientWebSocketResponse",
    "WSMessage",
    "ClientWSTimeout",
    "ClientTimeout",
    "BasicAuth",
    "DigestAuthMiddleware",
    "Fingerprint",
    "RequestInfo",
    "BaseConnector",
    "TCPConnector",
    "UnixConnector",
    "CookieJar",
    "DummyCookieJar",
    "FormData",
    "MultipartWriter",
    "MultipartReader",
    "BodyPartReader",
    "TraceConfig",
)
# What aiohttp makes by itself, and no user.
MADE = {"ClientWebSocketResponse", "WSMessage", "RequestInfo", "BodyPartReader"}
NOT_YET = "no: not yet"


@dataclass(frozen=True)
class Found:
    """A name of aiohttp's, and whether it is there in ours."""

    name: str
    there: bool


def public(names: Iterable[str]) -> list[str]:
    """Without what begins with an underscore, or is of every tuple."""
    of_tuples = {"count", "index"}
    return sorted(n for n in names if n[0] != "_" and n not in of_tuples)


def keywords_of(function: Any, *positional: str) -> list[str]:
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in ("self", *positional) and parameter.kind not in kinds
    ]


def ours_named(name: str) -> Any:
    """Our thing of that name; None where there is none."""
    for module in MODULES:
        imported = importlib.import_module(module)
        with suppress(AttributeError):
            return getattr(imported, name)
    return None


def resolved(path: str) -> Any:
    """What `molotov.session.Response` names; None for nothing."""
    module, _, name = path.rpartition(".")
    with suppress(ImportError):
        return getattr(importlib.import_module(module), name, None)
    return None


def is_unknown(error: BaseException, keyword: str) -> bool:
    return isinstance(error, TypeError) and (
        f"unexpected keyword argument '{keyword}'" in str(error)
        or f"'{keyword}' is an invalid keyword" in str(error)
    )


def session_takes(keyword: str) -> bool:
    try:
        session = molotov.ClientSession(**{keyword: object()})  # type: ignore[arg-type]
    except Exception as error:
        return not is_unknown(error, keyword)
    asyncio.get_running_loop().create_task(_closed(session))
    return True


async def _closed(session: Any) -> None:
    await session.close()


def request_takes(session: Any, keyword: str) -> bool:
    try:
        session.get("http://localhost/", **{keyword: object()}).close()
    except Exception as error:
        return not is_unknown(error, keyword)
    return True


async def ws_connect_takes(session: Any, url: str, keyword: str) -> bool:
    connect = getattr(session, "ws_connect", None)
    if connect is None:
        return False
    try:
        await asyncio.wait_for(connect(url, **{keyword: object()}), 5)
    except Exception as error:
        return not is_unknown(error, keyword)
    return True


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def find_all() -> dict[str, list[Found]]:
    """What each table has to have, by its heading."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with warnings.catch_warnings():
        # Some of the names are old ones, which say so.
        warnings.simplefilter("ignore", DeprecationWarning)
        return await _find_all(server, url)


async def _find_all(server: asyncio.Server, url: str) -> dict[str, list[Found]]:
    async with (
        server,
        aiohttp.ClientSession() as theirs,
        molotov.ClientSession() as ours,
        theirs.get(url) as their_response,
        ours.get(url) as our_response,
    ):
        tables = {
            "Keywords of a session": [
                Found(name, session_takes(name))
                for name in keywords_of(aiohttp.ClientSession.__init__)
            ],
            "The session": attributes(theirs, ours),
            "Keywords of a request": [
                Found(name, request_takes(ours, name))
                for name in keywords_of(
                    aiohttp.ClientSession._request, "method", "str_or_url"
                )
            ],
            "Keywords of ws_connect": [
                Found(name, await ws_connect_takes(ours, url, name))
                for name in keywords_of(
                    aiohttp.ClientSession._ws_connect, "url"
                )
            ],
            "The response": attributes(their_response, our_response),
            "The content of a response": attributes(
                their_response.content, our_response.content
            ),
        }
    tables["Other classes"] = [
        found for name in CLASSES for found in members_of(name)
    ]
    tables["Names of aiohttp"] = [
        Found(name, ours_named(name) is not None)
        for name in sorted(aiohttp.__all__, key=str.lower)
    ]
    return tables


def attributes(theirs: Any, ours: Any) -> list[Found]:
    """Of two objects."""
    return [Found(n, hasattr(ours, n)) for n in public(dir(theirs))]


def members_of(name: str) -> list[Found]:
    """Of a class: `TCPConnector(limit)`, `TCPConnector.limit`."""
    theirs = getattr(aiohttp, name)
    ours = ours_named(name)
    taken = set() if ours is None or name in MADE else set(keywords_of(ours))
    found = []
    if name not in MADE:
        for keyword in keywords_of(theirs):
            found.append(Found(f"{name}({keyword})", keyword in taken))
    fields = set(getattr(ours, "__annotations__", ()))
    # Its signals are those of each object.
    one = theirs.__name__ == "TraceConfig" and ours()
    for member in public(dir(theirs)):
        there = (
            hasattr(ours, member) or hasattr(one, member) or member in fields
        )
        found.append(Found(f"{name}.{member}", there))
    return found


def is_right(said: str, there: bool) -> bool:
    if other := re.match(r"yes: `(molotov\.[\w.]+)`", said):
        return not there and resolved(other[1]) is not None
    if re.fullmatch(r"(no|aiohttp's): \S.*", said):
        return not there
    return there and re.fullmatch(r"yes(: \S.*)?", said) is not None


def corrected(said: str | None, there: bool) -> str:
    """What a row is to say. Reasons that hold are kept."""
    if said is not None and is_right(said, there):
        return said
    return "yes" if there else NOT_YET


def render(page: str, tables: dict[str, list[Found]]) -> str:
    """The page, with its rows put right: each table has aiohttp's names, in
    aiohttp's order."""
    sections = re.split(r"(?m)^(?=##+ )", page)
    done: list[str] = []
    for section in sections:
        heading = HEADING.match(section.partition("\n")[0])
        rows = tables.get(heading["title"]) if heading else None
        done.append(section if rows is None else with_rows(section, rows))
    return "".join(done)


def with_rows(section: str, rows: list[Found]) -> str:
    lines = section.splitlines()
    said = {m["name"]: m["said"] for m in map(ROW.match, lines) if m}
    at = lines.index("| --- | --- |") + 1
    kept = [line for line in lines[at:] if not ROW.match(line)]
    new = [
        f"| `{row.name}` | {corrected(said.get(row.name), row.there)} |"
        for row in rows
    ]
    return "\n".join([*lines[:at], *new, *kept]) + "\n"


def differences(before: str, after: str) -> list[str]:
    """The lines that are wrong, and those that they are to be."""
    old, new = before.splitlines(), after.splitlines()
    return [
        *(f"- {line}" for line in old if line not in new),
        *(f"+ {line}" for line in new if line not in old),
    ]


def main(arguments: list[str]) -> int:
    before = PAGE.read_text()
    after = render(before, asyncio.run(find_all()))
    wrong = differences(before, after)
    print("\n".join(wrong) or "The tables are right.")
    if arguments != ["check"]:
        PAGE.write_text(after)
        return 0
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

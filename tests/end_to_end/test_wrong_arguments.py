"""Arguments of wrong types and values: what each keyword raises beside aiohttp,
and that it is named."""

import ast

import pytest

from molotov.keywords import (
    RequestOptions,
    SessionOptions,
    WebSocketConnectOptions,
)

pytest.importorskip("aiohttp")

AT_HAND = """
import aiohttp, warnings
import molotov.client

class Odd:
    def __repr__(self):
        return "odd"

VALUES = [
    None, True, 0, 1, -1, 1.5, float("nan"), 10**30, "", "x", "x\\n", b"x", [],
    [1], ["x"], (), {}, {"x": 1}, {1}, object, Odd(), len,
]

def made(session, **options):
    theirs = isinstance(session, aiohttp.ClientSession)
    kit = aiohttp if theirs else molotov.client
    return kit.ClientSession(**options)

async def request(session, options):
    async with session.post(URL + "/status/200", **options) as response:
        await response.read()

async def in_session(session, options):
    async with made(session, **options) as own:
        await request(own, {})

async def websocket(session, options):
    url = URL.replace("http", "ws") + "/ws"
    async with session.ws_connect(url, **options) as ws:
        await ws.send_str("x")
        await ws.receive_str()

async def each(way, session, keyword):
    found = []
    for value in VALUES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found.append(await way(session, {keyword: value}))
            except Exception as error:
                found.append((repr(value), type(error).__name__, str(error)))
    return found
"""

KEYWORDS = {
    "request": RequestOptions,
    "in_session": SessionOptions,
    "websocket": WebSocketConnectOptions,
}
# aiohttp has none.
OURS = {("in_session", "ssl"), ("request", "name")}
SAME = {
    f"{way} {keyword}": f"return await each({way}, session, {keyword!r})\n"
    for way, options in KEYWORDS.items()
    for keyword in options.__annotations__
    if (way, keyword) not in OURS
}
# What aiohttp runs into where it does not look at its arguments.
ACCIDENTS = (
    "AttributeError",
    "KeyError",
    "WSMessageTypeError",
    "WSServerHandshakeError",
)
# What ours take, as aiohttp's of other versions do; or what no use is made of.
TAKEN = {
    "in_session timeout": ("True", "0", "1", "-1", "1.5", "nan", str(10**30)),
    "in_session version": ("None",),
    "in_session read_bufsize": ("None",),
    "in_session max_line_size": ("None",),
    "in_session max_field_size": ("None",),
    "in_session max_headers": ("None",),
    "websocket receive_timeout": ("-1",),
    "websocket heartbeat": ("-1",),
}
REFUSED = ("TypeError", "ValueError", "OverflowError")


@pytest.mark.parametrize("name", SAME)
def test_it_raises_what_aiohttp_raises(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    keyword = name.split()[1]
    ours, theirs = map(ast.literal_eval, both[name])
    for mine, other in zip(ours, theirs, strict=True):
        if mine is None:
            assert other is None or other[0] in TAKEN.get(name, ()), other
            continue
        _, kind, text = mine
        if other is None or other[1] in ACCIDENTS:
            assert kind in REFUSED or (other and kind == other[1])
        elif keyword != "version":  # of which texts are looked into
            assert kind == other[1], (mine, other)
        assert keyword in text or is_like(mine, other), (mine, other)


def is_like(
    mine: tuple[str, str, str], other: tuple[str, str, str] | None
) -> bool:
    """Whether it is said in aiohttp's words, or of what every value of that
    kind is refused for."""
    words = ("wbits", "BasicAuth", "to integer", "not callable")
    if any(word in mine[2] for word in words):
        return True
    if other is None:
        return False
    return (
        mine[2].replace("molotov._engine.Response", "ClientResponse")
        == (other[2])
    )

"""Header fields of answers, however odd: what is made of them raises nothing
that nobody expects, and takes no longer for a hostile one."""

import random
from contextlib import suppress

import pytest

from molotov._response import Hop
from molotov.client.body_part import BodyPartReader
from molotov.client.content_type import parse_content_type
from molotov.client.websocket_handshake import WINDOW_BITS, agreed_compression

# As aiohttp does, of a Content-Disposition that it cannot read.
pytestmark = pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")

# Of which the fields below are made, along with bytes of any kind.
PIECES = {
    "Content-Type": "text/html application/json multipart/ ; charset= "
    "charset*=utf-8'' charset*0= charset*1*= boundary= utf-8 latin-1 hex "
    "\" ' \\ = , / * %ff ' () <> @ : q=1",
    "Content-Disposition": "attachment form-data ; filename= "
    "filename*=utf-8''%e9 filename*= filename*0= name= UTF-8'en' bogus'' ' \" "
    '\\ \\" = %zz %c3%a9 , ;; a',
    "Link": '<http://a.test/> <> < > <//[> <?x> ; rel= rel=next rel="a b" \' '
    "\" , ,, title*=utf-8''x = </a/../b> ;; anchor=#",
    "Set-Cookie": "a=b a= =b ; ;; path=/ Path= expires=Wed, expires= "
    'max-age=-1 secure httponly samesite=x domain=.a "a" " \\" \\073 \\ , '
    "$Version=1 a=b;c",
    "Sec-WebSocket-Extensions": "permessage-deflate ; , "
    "client_max_window_bits client_max_window_bits= server_max_window_bits=9 "
    'server_no_context_takeover 8 15 16 999999 = " '
    "client_no_context_takeover ;;",
}
FIELDS = [n for n in PIECES if not n.startswith("Sec-")]
BLANKS = ["", "", " ", "\t", "  "]


def some_value(chance: random.Random, name: str) -> bytes:
    """As a parser of heads leaves it: no controls but tabs."""
    pieces: list[bytes] = []
    for _ in range(chance.randrange(20)):
        if chance.random() < 0.1:
            odd = chance.randrange(256)
            pieces.append(bytes([odd] if odd >= 32 and odd != 127 else []))
        else:
            pieces.append(chance.choice(PIECES[name].split()).encode())
        pieces.append(chance.choice(BLANKS).encode())
    return b"".join(pieces).strip()


def answer(*fields: tuple[bytes, bytes]) -> Hop:
    return Hop(302, "http://a.test/b", "GET", "", list(fields), b"", 1)


@pytest.mark.parametrize("name", FIELDS)
def test_any_field_can_be_looked_at(name: str) -> None:
    chance = random.Random(name)
    for _ in range(1000):
        value = some_value(chance, name)
        hop = answer((name.encode(), value), (name.encode(), value))
        try:
            seen = (hop.headers, hop.content_disposition, hop.links)
            seen += (hop.cookies, hop.content_type, hop.charset)
        except Exception as error:
            raise AssertionError(value) from error
        assert isinstance(seen[-2], str)
        assert seen[-1] is None or isinstance(seen[-1], str), value


def test_types_are_as_with_aiohttp() -> None:
    helpers = pytest.importorskip("aiohttp.helpers")
    chance = random.Random(9110)
    for _ in range(5000):
        value = some_value(chance, "Content-Type").decode(
            "utf-8", "surrogateescape"
        )
        try:
            kind, parameters = helpers.parse_content_type(value)
        except IndexError:  # there it is raised
            continue
        named = {name.lower(): said for name, said in parameters.items()}
        assert parse_content_type(value) == (kind, named), value


def test_any_part_of_a_body_has_names_or_none() -> None:
    chance = random.Random(7578)
    for _ in range(1000):
        value = some_value(chance, "Content-Disposition")
        text = value.decode("utf-8", "surrogateescape")
        headers = {"Content-Disposition": text, "Content-Type": text}
        part = BodyPartReader(b"--B", headers, None)
        for name in (part.name, part.filename):
            assert name is None or isinstance(name, str), value


def test_any_extensions_are_taken_or_refused() -> None:
    chance = random.Random(7692)
    for _ in range(5000):
        value = some_value(chance, "Sec-WebSocket-Extensions").decode("latin-1")
        with suppress(ValueError):
            bits, *_ = agreed_compression(value)
            assert bits in (0, *WINDOW_BITS), value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Link", b"<a>; x=" + b" " * 8000 + b"y"),
        ("Link", b"<a>" + b";" * 8000),
        ("Link", b", " * 4000 + b"<"),
        ("Link", b"<a>; " + b"x" * 8000),
        ("Set-Cookie", b'a="' + b"\\x" * 4000),
        ("Set-Cookie", b"a" + b" " * 8000),
        ("Set-Cookie", b"a=b" + b"; " * 4000),
        ("Content-Disposition", b"a" + b';x="' * 2000),
        ("Content-Disposition", b"a;x" + b" " * 8000 + b"y"),
        ("Content-Disposition", b'a;x="' + b"\\" * 8000),
        ("Content-Type", b"a/b" + b";" * 8000),
        ("Content-Type", b'a/b; c="' + b"\\" * 8000),
        ("Content-Type", b"(" * 8000),
    ],
)
def test_a_hostile_field_is_read_in_time(name: str, value: bytes) -> None:
    hop = answer((name.encode(), value))
    assert hop.content_type
    assert hop.charset is None
    assert not hop.links or name == "Link"
    assert not hop.cookies or name == "Set-Cookie"
    assert hop.content_disposition or name != "Content-Disposition"

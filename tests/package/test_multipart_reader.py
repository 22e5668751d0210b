"""The reader of multipart bodies: any body that was written is read again, as
it was, however it comes; and no body, however hostile, does more than raise."""

import asyncio
import base64
import random
import zlib
from typing import Any

import pytest

from molotov.client import MultipartReader, MultipartWriter
from molotov.client.payload import Collected

SEEDS = range(40)
TYPE = 'multipart/mixed; boundary="B"'


class Content:
    """A body that comes in pieces of some size, as by `read(n)`."""

    def __init__(self, body: bytes, sizes: random.Random | int) -> None:
        self._body = body
        self._sizes = sizes
        self.pieces = 0

    async def read(self, n: int = -1) -> bytes:
        size = self._sizes
        if isinstance(size, random.Random):
            size = size.choice((1, 2, 3, 7, 100, 5000))
        piece, self._body = self._body[:size], self._body[size:]
        self.pieces += 1
        return piece


def written(writer: MultipartWriter) -> bytes:
    collected = Collected()
    asyncio.run(writer.write(collected))
    return bytes(collected.content)


def reader_of(
    body: bytes, kind: str = TYPE, sizes: Any = 1000, **limits: Any
) -> MultipartReader:
    return MultipartReader(
        {"Content-Type": kind}, Content(body, sizes), **limits
    )


async def read_all(reader: MultipartReader, chunk: int = 0) -> list[Any]:
    found: list[Any] = []
    async for part in reader:
        if isinstance(part, MultipartReader):
            found.append(await read_all(part, chunk))
        elif chunk:
            data = b""
            while piece := await part.read_chunk(chunk):
                data += piece
            found.append(part.decode(data))
        else:
            found.append(await part.read(decode=True))
    return found


def some_bytes(chance: random.Random) -> bytes:
    # Much that looks like a delimiter.
    pieces = [b"\r\n", b"--", b"--B", b"\r\n--", b"\r", b"\n", b"x", b"\0\xff"]
    return b"".join(chance.choices(pieces, k=chance.randrange(200)))


def some_parts(
    chance: random.Random, depth: int = 0
) -> tuple[MultipartWriter, list[Any]]:
    boundary = f"bound{chance.randrange(10**9)}'{depth}"
    writer = MultipartWriter("mixed", boundary=boundary)
    expected: list[Any] = []
    for _ in range(chance.randrange(5)):
        if depth < 3 and chance.random() < 0.3:
            nested, inside = some_parts(chance, depth + 1)
            writer.append(nested)
            expected.append(inside)
            continue
        content = some_bytes(chance)
        headers = chance.choice(
            [
                {},
                {"Content-Encoding": "gzip"},
                {"Content-Encoding": "deflate"},
                {"Content-Transfer-Encoding": "base64"},
                {"Content-Transfer-Encoding": "binary"},
            ]
        )
        writer.append(content, headers)
        expected.append(content)
    return writer, expected


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_written_is_read_again(seed: int) -> None:
    chance = random.Random(seed)
    writer, expected = some_parts(chance)
    body = written(writer)
    for chunk in (0, 1, 100):
        reader = reader_of(body, writer.content_type, chance)
        assert asyncio.run(read_all(reader, chunk)) == expected
        assert reader.at_eof()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_broken_body_only_raises(seed: int) -> None:
    chance = random.Random(seed)
    writer, _ = some_parts(chance)
    body = bytearray(written(writer))
    for _ in range(30):
        mutant = bytearray(body)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(mutant) + 1)
            match chance.randrange(4):
                case 0:
                    mutant[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del mutant[at : at + chance.randrange(20)]
                case 2:
                    mutant[at:at] = some_bytes(chance)
                case 3:
                    del mutant[at:]
        reader = reader_of(bytes(mutant), writer.content_type, chance)
        try:
            asyncio.run(read_all(reader))
        except (ValueError, RuntimeError):
            continue


def test_a_body_without_an_end() -> None:
    part = b"--B\r\n\r\n"
    for body in (b"", b"x" * 10, part, part + b"x\r\n--", part + b"x\r\n-"):
        with pytest.raises(ValueError, match=r"ends|starting"):
            asyncio.run(read_all(reader_of(body)))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"X-A: b\r\n" * 200, "Too many headers"),
        (b"X-A: " + b"b" * 9000 + b"\r\n", "8190"),
        (b"no colon\r\n", "Invalid header"),
        (b"X A: b\r\n", "Invalid header"),
        (b": b\r\n", "Invalid header"),
        (b" : b\r\n", "Invalid header"),
    ],
)
def test_hostile_headers(header: bytes, said: str) -> None:
    body = b"--B\r\n" + header + b"\r\nx\r\n--B--\r\n"
    with pytest.raises(ValueError, match=said):
        asyncio.run(read_all(reader_of(body)))


def test_a_preamble_without_a_line() -> None:
    with pytest.raises(ValueError, match="131072"):
        asyncio.run(read_all(reader_of(b"x" * 200_000)))


def test_deep_nesting() -> None:
    body, kind = b"", TYPE
    header = f"--B\r\nContent-Type: {kind}\r\n\r\n".encode()
    with pytest.raises(ValueError, match="nested"):
        asyncio.run(read_all(reader_of(header * 1000 + body)))


def test_limits_of_a_part() -> None:
    bomb = zlib.compress(b"\0" * 2_000_000)
    assert len(bomb) < 3000
    parts = {
        b"": b"x" * 200_000,
        b"Content-Encoding: deflate\r\n": bomb,
        b"Content-Encoding: deflate\r\n"
        b"Content-Transfer-Encoding: base64\r\n": base64.b64encode(bomb),
    }

    class TooMuch(Exception):
        pass

    for header, content in parts.items():
        body = b"--B\r\n" + header + b"\r\n" + content + b"\r\n--B--\r\n"
        reader = reader_of(
            body, client_max_size=5000, max_size_error_cls=TooMuch
        )
        with pytest.raises(TooMuch):
            asyncio.run(read_all(reader))


def test_little_is_read_ahead() -> None:
    body = b"--B\r\n\r\n" + b"x" * 1_000_000 + b"\r\n--B--\r\n"
    content = Content(body, 1000)
    reader = MultipartReader({"Content-Type": TYPE}, content)

    async def begin() -> bytes:
        part: Any = await reader.next()
        piece: bytes = await part.read_chunk(500)
        return piece

    assert asyncio.run(begin())
    assert content.pieces < 5


def test_a_charset_that_the_form_says() -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n'
        b"latin-1\r\n--B\r\n"
        b'Content-Disposition: form-data; name="a"\r\n\r\n\xe9\r\n--B--\r\n'
    )
    reader = reader_of(body, "multipart/form-data; boundary=B")

    async def read() -> str:
        part: Any = await reader.next()
        assert part.name == "a"
        text: str = await part.text()
        return text

    assert asyncio.run(read()) == "é"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "", "multipart/mixed", 'multipart/mixed; boundary=""'],
)
def test_what_is_no_multipart(kind: str) -> None:
    with pytest.raises(ValueError, match=r"boundary|expected"):
        reader_of(b"", kind)


def test_names_of_files() -> None:
    body = (
        b"--B\r\nContent-Disposition: attachment; "
        b"filename*=UTF-8''%C3%A9.txt\r\n\r\n"
        b'\r\n--B\r\nContent-Disposition: attachment; filename="/../a.txt"\r\n'
        b"\r\n\r\n--B\r\nX-A: b\r\n c\r\n\r\n\r\n--B--\r\n"
    )

    async def read() -> list[Any]:
        return [
            (part.filename, part.name, part.headers.get("X-A"))
            async for part in reader_of(body)
            if not isinstance(part, MultipartReader)
        ]

    assert asyncio.run(read()) == [
        ("é.txt", None, None),
        ("../a.txt", None, None),
        (None, None, "b c"),
    ]

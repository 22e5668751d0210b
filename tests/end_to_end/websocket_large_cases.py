"""The cases that the Autobahn test suite puts to a client, by its numbers, on
large and many messages, and on compression: its chapters 9, 12 and 13. Where it
sends a thousand messages, these are some."""

import random
import zlib
from collections.abc import Iterable, Iterator

from websocket_cases import BINARY, TEXT, numbered
from websocket_peer import TAIL, Case, Deflate, Step, fragments, frame, shown

KIB = 1024
MIB = 1024 * KIB
KINDS = {TEXT: "text", BINARY: "binary"}


def payload_of(size: int) -> bytes:
    return (b"BAsd7&jh23" * (size // 10 + 1))[:size]


def echoed(
    opcode: int, size: int, *, frame_bytes: int = 0, chop: int = 0
) -> Case:
    """One message of that size, in frames and writes of those."""

    def steps() -> list[Step]:
        payload = payload_of(size)
        sent = fragments(opcode, payload, frame_bytes or max(size, 1))
        return [Step(sent, (shown(KINDS[opcode], payload),), chop)]

    return Case(steps)


def back_and_forth(opcode: int, size: int, count: int) -> Case:
    payload = payload_of(size)
    step = Step(frame(opcode, payload), (shown(KINDS[opcode], payload),))
    return Case(lambda: (step for _ in range(count)))


def limits() -> dict[str, Case]:
    found = {}
    for place, opcode in enumerate((TEXT, BINARY)):
        sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
        found |= numbered(f"9.{1 + place}", [echoed(opcode, s) for s in sizes])
        found |= numbered(
            f"9.{3 + place}",
            [echoed(opcode, 4 * MIB, frame_bytes=64 * 4**n) for n in range(9)],
        )
        found |= numbered(
            f"9.{5 + place}",
            [echoed(opcode, MIB, chop=64 * 2**n) for n in range(6)],
        )
        found |= numbered(
            f"9.{7 + place}",
            [
                back_and_forth(opcode, size, 1000)
                for size in (0, 16, 64, 256, 1024, 4096)
            ],
        )
    return found


# Bytes of a message, and of its frames; 0: there is but one.
SHAPES = [
    *((16 * 4**n, 0) for n in range(5)),
    *((8 * KIB * 2**n, 0) for n in range(5)),
    *((8 * KIB * 2**n, 256) for n in range(5)),
    *((128 * KIB, frame_bytes) for frame_bytes in (1024, 4096, 32768)),
]
BYTES_A_CASE = 256 * KIB
MESSAGES_MOST = 64


def json_text(dice: random.Random) -> bytes:
    entries = (
        f'{{"id": {dice.randrange(10**6)}, "name": "Käse {number % 97}", '
        f'"price": {dice.random():.4f}, "tags": ["milk", "€"]}}'
        for number in range(4000)
    )
    return ", ".join(entries).encode()


def picture(dice: random.Random) -> bytes:
    return bytes(
        (x // 2 + y // 3 + dice.randrange(3)) % 256
        for y in range(512)
        for x in range(512)
    )


def prose(dice: random.Random) -> bytes:
    words = "Da steh ich nun ich armer Tor und bin so klug als wie zuvor über"
    return " ".join(dice.choices(words.split(), k=50_000)).encode("latin-1")


def page(dice: random.Random) -> bytes:
    rows = (
        f'<tr class="r{dice.randrange(9)}"><td>{dice.randrange(10**6)}</td>'
        f"<td>né à Köln</td></tr>\n"
        for _ in range(4000)
    )
    return "".join(rows).encode()


def noise(dice: random.Random) -> bytes:
    return dice.randbytes(256 * KIB)


def pieces(data: bytes, size: int, opcode: int) -> Iterator[bytes]:
    """Of that size, from the data over and over; text is cut between
    characters."""
    at = 0
    for _ in range(max(2, min(MESSAGES_MOST, BYTES_A_CASE // size))):
        piece = data[at : at + size]
        if opcode == TEXT:
            piece = piece.decode(errors="ignore").encode()
        yield piece
        at = (at + size) % (len(data) - size)
        while opcode == TEXT and data[at] & 0xC0 == 0x80:
            at += 1


def deflated(
    data: bytes, opcode: int, shape: tuple[int, int], terms: Deflate
) -> Case:
    size, frame_bytes = shape

    def steps() -> Iterable[Step]:
        deflater = None
        for piece in pieces(data, size, opcode):
            if deflater is None or not terms.server_keeps:
                bits = terms.server_bits or zlib.MAX_WBITS
                deflater = zlib.compressobj(wbits=-bits)
            packed = deflater.compress(piece)
            packed += deflater.flush(zlib.Z_SYNC_FLUSH)
            packed = packed.removesuffix(TAIL)
            sent = fragments(
                opcode, packed, frame_bytes or max(len(packed), 1), rsv=4
            )
            yield Step(sent, (shown(KINDS[opcode], piece),))

    return Case(steps, deflate=terms)


def compression() -> dict[str, Case]:
    dice = random.Random(12)
    found = {}
    contents = [
        (json_text(dice), TEXT),
        (picture(dice), BINARY),
        (prose(dice), BINARY),
        (page(dice), TEXT),
        (noise(dice), BINARY),
    ]
    for chapter, (data, opcode) in enumerate(contents, 1):
        found |= numbered(
            f"12.{chapter}",
            [deflated(data, opcode, s, Deflate()) for s in SHAPES],
        )
    data, opcode = contents[0]
    agreed = [
        Deflate(),
        Deflate(client_keeps=False),
        Deflate(client_bits=9),
        Deflate(client_bits=15),
        Deflate(client_keeps=False, client_bits=9),
        Deflate(client_keeps=False, client_bits=15),
        # The suite's seventh is a choice of those above; this is the server's
        # own side.
        Deflate(9, client_keeps=False, server_bits=9, server_keeps=False),
    ]
    for chapter, terms in enumerate(agreed, 1):
        found |= numbered(
            f"13.{chapter}",
            [deflated(data, opcode, shape, terms) for shape in SHAPES],
        )
    return found


LIMITS = limits()
COMPRESSION = compression()

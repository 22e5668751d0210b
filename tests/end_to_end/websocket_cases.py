"""The cases that the Autobahn test suite puts to a client, by its numbers, on
framing, control frames, fragments, UTF-8 and closing: its chapters 1 to 7 and
10. What is sent is made here; the client echoes each message."""

from collections.abc import Iterable

from websocket_peer import Case, Step, close_frame, fragments, frame, shown

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PROTOCOL_ERROR, INVALID_TEXT = 1002, 1007
HELLO = b"Hello, world!"
OCTETS = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
WHOLE, BY_FRAMES, BY_OCTETS = "whole", "frame by frame", "octet by octet"


def text(payload: bytes) -> str:
    return shown("text", payload)


def binary(payload: bytes) -> str:
    return shown("binary", payload)


def pong(payload: bytes) -> str:
    return shown("pong", payload)


def case(
    frames: Iterable[bytes],
    heard: Iterable[str] = (),
    *,
    closed_with: int | None = None,
    sent: str = WHOLE,
) -> Case:
    """The frames, sent in one of the three ways, and what is heard of them."""
    frames = list(frames)
    if sent == BY_FRAMES:
        steps = [Step(each) for each in frames[:-1]]
        steps.append(Step(frames[-1], tuple(heard)))
    else:
        chop = 1 if sent == BY_OCTETS else 0
        steps = [Step(b"".join(frames), tuple(heard), chop)]
    return Case(lambda: steps, closed_with)


def numbered(
    chapter: str, cases: Iterable[Case], first: int = 1
) -> dict[str, Case]:
    return {
        f"{chapter}.{number}": each for number, each in enumerate(cases, first)
    }


def framing() -> dict[str, Case]:
    sizes = (0, 125, 126, 127, 128, 65535, 65536)
    found = {}
    for chapter, opcode, said in (("1.1", TEXT, text), ("1.2", BINARY, binary)):
        payloads = [b"*" * size for size in sizes]
        cases = [case([frame(opcode, p)], [said(p)]) for p in payloads]
        last = b"*" * 65536
        cases.append(
            Case(
                lambda opcode=opcode, said=said, last=last: [
                    Step(frame(opcode, last), (said(last),), 997)
                ]
            )
        )
        found |= numbered(chapter, cases)
    return found


def pings() -> dict[str, Case]:
    answered = [b"", HELLO, OCTETS, b"\xfe" * 125]
    cases = [case([frame(PING, p)], [pong(p)]) for p in answered]
    cases.append(case([frame(PING, b"\xfe" * 126)], closed_with=PROTOCOL_ERROR))
    long = b"\xfe" * 125
    cases.append(case([frame(PING, long)], [pong(long)], sent=BY_OCTETS))
    unasked = frame(PONG, b"nobody asked")
    cases.append(case([frame(PONG)]))
    cases.append(case([unasked]))
    cases.append(case([unasked, frame(PING, b"asked")], [pong(b"asked")]))
    ten = [b"number %d" % number for number in range(10)]
    for sent in (WHOLE, BY_OCTETS):
        cases.append(
            case(
                [frame(PING, p) for p in ten],
                [pong(p) for p in ten],
                sent=sent,
            )
        )
    return numbered("2", cases)


def wrong_after_hello(wrong: bytes, sent: str) -> Case:
    """A message that is echoed, what makes the client close, and a ping that it
    does not answer."""
    return case(
        [frame(TEXT, HELLO), wrong, frame(PING)],
        [text(HELLO)],
        closed_with=PROTOCOL_ERROR,
        sent=sent,
    )


def reserved_bits() -> dict[str, Case]:
    return numbered(
        "3",
        [
            case([frame(TEXT, HELLO, rsv=1)], closed_with=PROTOCOL_ERROR),
            wrong_after_hello(frame(TEXT, HELLO, rsv=2), WHOLE),
            wrong_after_hello(frame(TEXT, HELLO, rsv=3), BY_FRAMES),
            wrong_after_hello(frame(TEXT, HELLO, rsv=4), BY_OCTETS),
            case([frame(BINARY, OCTETS, rsv=5)], closed_with=PROTOCOL_ERROR),
            case([frame(PING, HELLO, rsv=6)], closed_with=PROTOCOL_ERROR),
            case([frame(CLOSE, rsv=7)], closed_with=PROTOCOL_ERROR),
        ],
    )


def opcodes() -> dict[str, Case]:
    found = {}
    for chapter, first in (("4.1", 3), ("4.2", 11)):
        found |= numbered(
            chapter,
            [
                case([frame(first)], closed_with=PROTOCOL_ERROR),
                case([frame(first + 1, HELLO)], closed_with=PROTOCOL_ERROR),
                wrong_after_hello(frame(first + 2), WHOLE),
                wrong_after_hello(frame(first + 3, HELLO), WHOLE),
                wrong_after_hello(frame(first + 4, HELLO), BY_OCTETS),
            ],
        )
    return found


def fragmentation() -> dict[str, Case]:
    ways = (WHOLE, BY_FRAMES, BY_OCTETS)
    two = [frame(TEXT, b"one ", fin=False), frame(0, b"two")]
    ping = frame(PING, b"between")
    lone = frame(0, b"of nothing")
    begun = frame(0, b"of nothing", fin=False)
    cases = [
        case(
            [frame(opcode, b"one", fin=False), frame(0, b"two")],
            closed_with=PROTOCOL_ERROR,
        )
        for opcode in (PING, PONG)
    ]
    cases += [case(two, [text(b"one two")], sent=way) for way in ways]
    cases += [
        case(
            [two[0], ping, two[1]],
            [pong(b"between"), text(b"one two")],
            sent=way,
        )
        for way in ways
    ]
    for wrong in (lone, begun):
        cases += [
            case(
                [wrong, frame(TEXT, HELLO)],
                closed_with=PROTOCOL_ERROR,
                sent=way,
            )
            for way in ways
        ]
    cases.append(
        case(
            [*two, begun, frame(TEXT, HELLO)],
            [text(b"one two")],
            closed_with=PROTOCOL_ERROR,
        )
    )
    cases += [
        case([wrong, *two, wrong, *two], closed_with=PROTOCOL_ERROR)
        for wrong in (begun, lone)
    ]
    cases.append(
        case(
            [frame(TEXT, b"one", fin=False), frame(TEXT, b"two")],
            closed_with=PROTOCOL_ERROR,
        )
    )
    # The first ping is answered before the rest of the message is sent.
    first = [
        frame(TEXT, b"1", fin=False),
        frame(0, b"2", fin=False),
        frame(PING, b"first"),
    ]
    second = [
        frame(0, b"3", fin=False),
        frame(0, b"4", fin=False),
        frame(PING, b"second"),
        frame(0, b"5"),
    ]
    heard = (pong(b"second"), text(b"12345"))
    whole = [
        Step(b"".join(first), (pong(b"first"),)),
        Step(b"".join(second), heard),
    ]
    by_frames = [
        *(Step(each) for each in first[:-1]),
        Step(first[-1], (pong(b"first"),)),
        *(Step(each) for each in second[:-1]),
        Step(second[-1], heard),
    ]
    cases += [Case(lambda: whole), Case(lambda: by_frames)]
    return numbered("5", cases)


KOSME = "κόσμε".encode()
# Each is written as a sequence of its length, whatever it stands for.
BAD_ENDS = [
    *(b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80"),
    *(b"\xfc\x80\x80\x80\x80", b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf"),
    *(b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf"),
]
NO_CHARACTERS = [
    chr(plane << 16 | last).encode()
    for plane in range(17)
    for last in (0xFFFE, 0xFFFF)
]
# 5 to 23; which of them are UTF-8, Python's strict decoder says.
SEQUENCES: list[list[bytes]] = [
    [b"hello$world", *(f"hello{c}world".encode() for c in "¢€𤭢"),
     KOSME],
    [KOSME[:end] for end in range(1, len(KOSME) + 1)],
    [b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"],
    [b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"],
    [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"],
    [b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf",
     b"\xfd\xbf\xbf\xbf\xbf\xbf"],
    [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf",
     b"\xf4\x90\x80\x80"],
    [b"\x80", b"\xbf", *((b"\x80\xbf" * 3)[:end] for end in range(2, 7)),
     bytes(range(0x80, 0xBF))],
    [b" ".join(bytes([c]) for c in range(first, last)) + b" "
     for first, last in ((0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7),
                         (0xF8, 0xFB), (0xFC, 0xFD))],
    BAD_ENDS,
    [b"".join(BAD_ENDS)],
    [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"],
    [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf",
     b"\xf8\x80\x80\x80\xaf", b"\xfc\x80\x80\x80\x80\xaf"],
    [b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf",
     b"\xf8\x87\xbf\xbf\xbf", b"\xfc\x83\xbf\xbf\xbf\xbf"],
    [b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80",
     b"\xf8\x80\x80\x80\x80", b"\xfc\x80\x80\x80\x80\x80"],
    [b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xaf\xbf",
     b"\xed\xb0\x80", b"\xed\xbe\x80", b"\xed\xbf\xbf"],
    [high + low
     for high in (b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80",
                  b"\xed\xaf\xbf")
     for low in (b"\xed\xb0\x80", b"\xed\xbf\xbf")],
    NO_CHARACTERS,
    [chr(c).encode() for c in range(0xFFF9, 0x10000)],
]  # fmt: skip


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def utf8() -> dict[str, Case]:
    mixed = "Grüße, µ@ßöäüàá, UTF-8!".encode()
    found = numbered(
        "6.1",
        [
            case([frame(TEXT)], [text(b"")]),
            case(
                [frame(TEXT, fin=False), frame(0, fin=False), frame(0)],
                [text(b"")],
            ),
            case(
                [
                    frame(TEXT, fin=False),
                    frame(0, b"between", fin=False),
                    frame(0),
                ],
                [text(b"between")],
            ),
        ],
    )
    found |= numbered(
        "6.2",
        [
            case([frame(TEXT, mixed)], [text(mixed)]),
            case([fragments(TEXT, mixed, 14)], [text(mixed)]),
            case([fragments(TEXT, mixed, 1)], [text(mixed)]),
            case([fragments(TEXT, KOSME, 1)], [text(KOSME)]),
        ],
    )
    surrogate = KOSME + b"\xed\xa0\x80edited"
    found |= numbered(
        "6.3",
        [
            case([frame(TEXT, surrogate)], closed_with=INVALID_TEXT),
            case([fragments(TEXT, surrogate, 1)], closed_with=INVALID_TEXT),
        ],
    )
    # That it is wrong is found at its end, as aiohttp does, not in its midst.
    beyond = KOSME + b"\xf4\x90\x80\x80edited"
    for number, bounds in enumerate(((11, 15), (12, 13)), 1):
        begin, end = bounds
        parts = [beyond[:begin], beyond[begin:end], beyond[end:]]
        found[f"6.4.{number}"] = case(
            [
                frame(TEXT, parts[0], fin=False),
                frame(0, parts[1], fin=False),
                frame(0, parts[2]),
            ],
            closed_with=INVALID_TEXT,
            sent=BY_FRAMES,
        )
        whole = frame(TEXT, beyond)
        head = len(whole) - len(beyond)
        found[f"6.4.{number + 2}"] = case(
            [
                whole[: head + begin],
                whole[head + begin : head + end],
                whole[head + end :],
            ],
            closed_with=INVALID_TEXT,
            sent=BY_FRAMES,
        )
    for chapter, sequences in enumerate(SEQUENCES, 5):
        found |= numbered(
            f"6.{chapter}",
            [
                case([frame(TEXT, p)], [text(p)])
                if is_utf8(p)
                else case([frame(TEXT, p)], closed_with=INVALID_TEXT)
                for p in sequences
            ],
        )
    return found


def closes(payload: bytes, code: int = 1000) -> Case:
    """A close frame of the server's, and the client's code."""
    return case([frame(CLOSE, payload)], closed_with=code)


def coded(code: int) -> bytes:
    return code.to_bytes(2, "big")


def closing() -> dict[str, Case]:
    normal = close_frame(1000)
    large = b"BAsd7&jh23" * 26214
    found = numbered(
        "7.1",
        [
            case([frame(TEXT, HELLO)], [text(HELLO)]),
            case([normal, frame(CLOSE)], closed_with=1000),
            case([normal, frame(PING)], closed_with=1000),
            case([normal, frame(TEXT, HELLO)], closed_with=1000),
            case(
                [frame(TEXT, b"one", fin=False), normal, frame(0, b"two")],
                closed_with=1000,
            ),
            case(
                [
                    frame(TEXT, large),
                    frame(TEXT, HELLO),
                    normal,
                    frame(PING),
                ],
                [text(large), text(HELLO)],
                closed_with=1000,
            ),
        ],
    )
    found |= numbered(
        "7.3",
        [
            closes(b""),
            closes(b"a", PROTOCOL_ERROR),
            closes(coded(1000)),
            closes(coded(1000) + b"because"),
            closes(coded(1000) + b"*" * 123),
            closes(coded(1000) + b"*" * 124, PROTOCOL_ERROR),
        ],
    )
    found["7.5.1"] = closes(
        coded(1000) + KOSME + b"\xed\xa0\x80edited", INVALID_TEXT
    )
    good = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011)
    found |= numbered(
        "7.7",
        [closes(coded(code)) for code in (*good, 3000, 3999, 4000, 4999)],
    )
    # 1006 is for no frame, and taken all the same, as aiohttp does.
    found |= numbered(
        "7.9",
        [
            closes(coded(code), 1000 if code == 1006 else PROTOCOL_ERROR)
            for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)
        ],
    )
    # Of codes beyond all ranges nothing is said anywhere.
    found |= numbered("7.13", [closes(coded(5000)), closes(coded(65535))])
    return found


def miscellaneous() -> dict[str, Case]:
    payload = b"*" * 65536
    return {"10.1.1": case([fragments(TEXT, payload, 1300)], [text(payload)])}


BASIC = (
    framing()
    | pings()
    | reserved_bits()
    | opcodes()
    | fragmentation()
    | utf8()
    | closing()
    | miscellaneous()
)

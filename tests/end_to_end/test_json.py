"""json= and json(): what Python's own json module makes of the same."""

from commands import Molotov
from scripts import run_well

SENT = """
import enum, json, math, random, struct
from collections import OrderedDict

class Text(str): pass
class Number(int): pass
class Table(dict): pass
class Letter(str, enum.Enum):
    A = "a"

def doubles(count):
    rng = random.Random(7)
    for _ in range(count):
        bits = rng.getrandbits(64)
        yield struct.unpack("<d", struct.pack("<Q", bits))[0]
        yield rng.uniform(-1e6, 1e6)
        yield round(rng.uniform(-1e6, 1e6), 2)
        yield float(rng.getrandbits(54))

def nested(depth):
    value = []
    for _ in range(depth):
        value = [value] if depth % 2 else {"deeper": value}
    return value

VALUES = [
    {}, [], (), "", 0, 1.5, True, False, "text", [None], {"a": None},
    {"a": [1, -2, 2**63 - 1, -2**63, 2**63, 10**40]}, (1, (2, (3,))),
    "".join(map(chr, range(300))), "é€😀", "\\ud800 half", ["\\u2028", "\\x7f"],
    'plain text, and then "quotes" and \\\\ in it', "x" * 10_000 + "é",
    [0.0, -0.0, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 5e-324, 1.7e308],
    [math.inf, -math.inf, math.nan], list(doubles(3000)),
    nested(60), nested(200),
    {1: "int", 1.5: "float", None: "none", True: "true"}, {"b": 1, "a": 2},
    Text("own"), Number(5), Table(a=1), Letter.A, OrderedDict(z=1, a=2),
    {"mixed": [Text("own"), {"deep": Number(1)}]}, {Text("key"): 1},
    [{"id": i, "name": f"item {i}", "tags": ["a", "b"]} for i in range(500)],
]
REFUSED = [object(), {1, 2}, b"bytes", {("a",): 1}, [1, {"a": object()}], 1j]
"""


def test_what_is_sent(molotov: Molotov) -> None:
    run_well(
        molotov,
        SENT
        + """
@scenario()
async def one(session):
    for value in VALUES:
        async with session.post(URL + "/echo", json=value) as r:
            assert await r.read() == json.dumps(value).encode(), value
            assert r.headers["Content-Type"] == "application/json"
    for value in REFUSED:
        try:
            json.dumps(value)
        except TypeError as error:
            expected = error
        try:
            await session.post(URL + "/echo", json=value)
        except TypeError as error:
            assert str(error) == str(expected)
        else:
            assert False, value
    loop = []
    loop.append(loop)
    try:
        await session.post(URL + "/echo", json=loop)
    except ValueError as error:
        assert "Circular" in str(error)
    else:
        assert False
""",
    )


TEXTS = r"""
TEXTS = [
    b'{}', b'[]', b'""', b'0', b'null', b'true', b' [1, 2 ,3]\n', b'"text"',
    b'', b'  ', b'-0', b'-0.0', b'1e5', b'1E-7', b'0.1', b'1e400',
    b'123456789012345678',
    b'9223372036854775807', b'9223372036854775808', b'18446744073709551615',
    b'18446744073709551616', b'-9223372036854775809', b'1' * 100, b'NaN',
    b'[Infinity, -Infinity]', b'{"a": 1, "a": 2}', b'{"": 1}',
    b'"\\u00e9\\n\\/"',
    b'"\\ud83d\\ude00"', b'"\\ud800"', b'"\\ud800\\u0041"', b'"\\u0000"',
    '"é€😀"'.encode(), b'"\xff"', b'\xef\xbb\xbf[]', b'[1,]', b'{"a"}', b'nul',
    b"{'a': 1}", b'[1] x', b'"tab\there"', b'01', b'.5', b'5.', b'+1', b'"open',
    b'[' * 900 + b']' * 900, b'\x0b[]', b'[1, "a", null, {"b": [true, false]}]',
    b'{"' + b'k' * 40 + b'": 1, "aXb": 2, "aYb": 3, "aXb ": 4}',
    b'"' + b'x' * 99 + b'"',
]
"""


def test_what_is_read(molotov: Molotov) -> None:
    run_well(
        molotov,
        SENT
        + TEXTS
        + """
def told(call):
    try:
        return repr(call())
    except ValueError as error:
        return type(error).__name__, str(error)

@scenario()
async def one(session):
    texts = TEXTS + [json.dumps(v).encode() for v in VALUES]
    texts += [
        json.dumps(v, ensure_ascii=False).encode("utf-8", "replace")
        for v in VALUES
    ]
    for text in texts:
        for kind in ("application/json", "Application/JSON; charset=utf-8"):
            async with session.post(
                URL + "/echo", data=text, headers={"Content-Type": kind}
            ) as r:
                try:
                    ours = repr(await r.json())
                except ValueError as error:
                    ours = type(error).__name__, str(error)
            bare = text.strip()
            expected = told(lambda: json.loads(bare.decode()) if bare else None)
            assert ours == expected, (text[:80], ours[:200], expected[:200])
""",
    )


def test_random_texts_are_read_alike(molotov: Molotov) -> None:
    """Documents, whole and broken, by both parsers."""
    run_well(
        molotov,
        """
        import json, random

        PIECES = (
            '[', ']', '{', '}', ',', ':', ' ', '\\n', '"', '\\\\', '0', '-1',
            '1e9', '.5', '1E+400', 'null', 'true', 'nul', '"a"', '"a":', 'é',
            '\\\\u00e9', '\\\\ud83d', '\\\\ude00', 'NaN',
            '18446744073709551616',
        )

        def some_value(chance, depth=0):
            kind = chance.randrange(9 if depth < 5 else 7)
            if kind == 7:
                size = chance.randrange(6)
                return [some_value(chance, depth + 1) for _ in range(size)]
            if kind == 8:
                return {
                    some_text(chance): some_value(chance, depth + 1)
                    for _ in range(chance.randrange(6))
                }
            return (
                None, True, False, chance.getrandbits(chance.randrange(1, 80)),
                -chance.getrandbits(64), chance.uniform(-1e9, 1e9),
                some_text(chance),
            )[kind]

        def some_text(chance):
            kinds = (128, 0x800, 0xD800, 0x110000)
            return "".join(
                chr(chance.randrange(chance.choice(kinds)))
                for _ in range(chance.randrange(12))
            )

        def some_document(chance):
            if chance.random() < 0.2:
                count = chance.randrange(12)
                return "".join(chance.choices(PIECES, k=count)).encode()
            value = some_value(chance)
            text = json.dumps(
                value,
                ensure_ascii=chance.random() < 0.5,
                indent=chance.choice((None, None, 1)),
            )
            body = bytearray(text.encode("utf-8", "surrogatepass"))
            for _ in range(chance.choice((0, 0, 1, 3))):
                at = chance.randrange(len(body) + 1)
                piece = chance.choice(PIECES).encode()
                body[at:at + chance.randrange(3)] = piece
            return bytes(body)

        def told(call):
            try:
                return repr(call())
            except ValueError as error:
                return type(error).__name__, str(error)

        @scenario()
        async def one(session):
            chance = random.Random(8259)
            headers = {"Content-Type": "application/json"}
            for _ in range(2000):
                text = some_document(chance)
                async with session.post(
                    URL + "/echo", data=text, headers=headers
                ) as r:
                    await r.read()
                    try:
                        ours = repr(await r.json())
                    except ValueError as error:
                        ours = type(error).__name__, str(error)
                bare = text.strip()
                expected = told(
                    lambda: json.loads(bare.decode()) if bare else None
                )
                assert ours == expected, (text, ours, expected)
        """,
    )


def test_a_value_is_its_own_each_time(molotov: Molotov) -> None:
    """What one reader changes, another does not see."""
    run_well(
        molotov,
        """
        @scenario()
        async def one(session):
            async with session.get(URL + "/json") as r:
                first = await r.json()
                first.clear()
                assert await r.json() == {"result": "OK"}
        """,
    )


def test_a_url_that_is_none_is_told_when_it_is_awaited(
    molotov: Molotov,
) -> None:
    run_well(
        molotov,
        """
        from molotov.exceptions import InvalidUrlClientError

        @scenario()
        async def one(session):
            for options in ({"json": {}}, {"data": b"{}"}):
                request = session.post("nonsense", **options)
                try:
                    await request
                except InvalidUrlClientError:
                    continue
                assert False, options
        """,
    )


def test_a_base_url(molotov: Molotov) -> None:
    run_well(
        molotov,
        """
        @setup()
        async def init(worker_id, args):
            return {"base_url": URL}

        @scenario()
        async def one(session):
            async with session.post("/echo", json=[1]) as r:
                assert await r.json() == [1]
                assert r.url.path == "/echo"
        """,
    )

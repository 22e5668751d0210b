"""What a reader of multipart bodies finds in an answer, beside aiohttp's."""

import pytest
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
BIG = bytes(range(256)) * 1500

async def echoed(session, data, read, **options):
    # With each of the readers.
    import molotov.client
    theirs = isinstance(session, aiohttp.ClientSession)
    found = []
    for module in (aiohttp, aiohttp if theirs else molotov.client):
        body = data(module) if callable(data) else data
        async with session.post(URL + "/echo", data=body, **options) as r:
            try:
                reader = module.MultipartReader.from_response(r)
                found.append(await read(reader))
            except Exception as error:
                found.append(type(error).__name__)
    return found

def raw(session, text, read, kind="mixed", boundary="B"):
    text = text.replace("|", "\\r\\n").encode()
    return echoed(
        session, text, read, headers={
            "Content-Type": f'multipart/{kind}; boundary="{boundary}"'
        },
    )

async def all_of(reader):
    found = []
    while (part := await reader.next()) is not None:
        if hasattr(part, "next") and hasattr(part, "fetch_next_part"):
            found.append(await all_of(part))
            continue
        headers = sorted((k.lower(), v) for k, v in part.headers.items())
        found.append((
            headers, part.name, part.filename, part.at_eof(),
            bytes(await part.read(decode=True)), part.at_eof(),
            await part.read(),
        ))
    return found, reader.at_eof(), await reader.next()

def mixed(module):
    with module.MultipartWriter("mixed", boundary="B") as writer:
        writer.append("text é")
        writer.append(b"bytes")
        writer.append_json({"a": [1]})
        writer.append_form([("a", "1"), ("b", "é")])
        writer.append(BIG)
        writer.append(b"")
    return writer

def coded(module):
    with module.MultipartWriter("mixed", boundary="B") as writer:
        for name, value in (
            ("Content-Encoding", "gzip"),
            ("Content-Encoding", "deflate"),
            ("Content-Encoding", "identity"),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Transfer-Encoding", "quoted-printable"),
            ("Content-Transfer-Encoding", "binary"),
        ):
            writer.append(b"some = bytes " * 100, {name: value})
    return writer

def form(module):
    form = module.FormData({"a": "1"})
    form.add_field("b", b"bytes", filename="na me.txt")
    form.add_field("c", "é", content_type="text/plain; charset=latin-1")
    form.add_field("d é", "x", filename="é.txt")
    return form

def nested(module):
    with module.MultipartWriter("mixed", boundary="OUT") as outer:
        outer.append(b"first")
        with module.MultipartWriter("related", boundary="IN") as inner:
            inner.append(b"in")
            inner.append("ner")
        outer.append(inner)
        outer.append(b"last")
    return outer

async def contents(reader):
    return [(type(p).__name__, await p.text()) async for p in reader]
"""
)

PARTS = "--B|X-A: b||one|--B||two|--B--|"
SAME = {
    "parts of all kinds": "return await echoed(session, mixed, all_of)\n",
    "coded parts": "return await echoed(session, coded, all_of)\n",
    "a form": "return await echoed(session, form, all_of)\n",
    "nested parts": "return await echoed(session, nested, all_of)\n",
    "text": "return await echoed(session, mixed, contents)\n",
    "only some of them": """
        async def some(reader):
            first = await reader.next()
            second = await reader.next()
            last = await second.read_chunk()
            await reader.release()
            return bytes(last), first.at_eof(), reader.at_eof()
        return await echoed(session, mixed, some)
    """,
    "json and forms": """
        async def read(reader):
            await reader.next()
            await reader.next()
            return (
                await (await reader.next()).json(),
                await (await reader.next()).form(),
            )
        return await echoed(session, mixed, read)
    """,
    "chunks": """
        async def read(reader):
            found = []
            async for part in reader:
                data = b""
                while chunk := await part.read_chunk(100):
                    data += part.decode(chunk)
                    assert len(chunk) <= 104
                found.append(data)
            return found
        def base64(module):
            with module.MultipartWriter("mixed", boundary="B") as writer:
                coding = {"Content-Transfer-Encoding": "base64"}
                writer.append(BIG[:1000], coding)
                writer.append(BIG[:1000])
            return writer
        return await echoed(session, base64, read)
    """,
    "lines": """
        async def read(reader):
            found = []
            async for part in reader:
                while line := await part.readline():
                    found.append(bytes(line))
                found.append(part.at_eof())
            return found
        text = "--B||a|b\\n|c|--B||d|--B--|"
        return await raw(session, text, read)
    """,
    "a preamble and what comes behind": f"""
        return await raw(session, "before|{PARTS}behind", all_of)
    """,
    "no last line end": f"""
        return await raw(session, "{PARTS}"[:-1], all_of)
    """,
    "like a boundary": """
        text = "--B||a|-B|--A|--||--B--|"
        return await raw(session, text, all_of)
    """,
    "an empty part": """
        text = "--B|||--B|X-A: b|||--B--|"
        return await raw(session, text, all_of)
    """,
    "with a length": """
        text = (
            "--B|Content-Length: 9||a|--B|b|--B--|"
        )
        return await raw(session, text, all_of)
    """,
    "with a false length": """
        found = []
        for length in ("1", "900", "x", "-1", "+1", "٣"):
            text = (
                f"--B|Content-Length: {length}||abc|--B--|"
            )
            found.append(await raw(session, text, all_of))
        return found
    """,
    "no boundary": """
        return await echoed(
            session, b"x", all_of, headers={"Content-Type": "multipart/mixed"}
        )
    """,
    "long boundaries": f"""
        return (
            await raw(session, "{PARTS}", all_of, boundary="B" * 71),
            await raw(
                session, "{PARTS}".replace("--B", "--" + "B" * 70), all_of,
                boundary="B" * 70,
            ),
        )
    """,
    "what ends too early": f"""
        return [
            await raw(session, "{PARTS}"[:end], all_of)
            for end in (3, 12, 16, 25)
        ]
    """,
    "unknown codings": """
        return [
            await raw(
                session, f"--B|{name}: odd||a|--B--|",
                all_of,
            ) for name in ("Content-Encoding", "Content-Transfer-Encoding")
        ]
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs

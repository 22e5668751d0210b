"""What `data=` sends, beside aiohttp, against the same server."""

import pytest
from commands import Molotov
from scripts import run_well, scenario

pytest.importorskip("aiohttp")

AT_HAND = """
import asyncio, io, aiohttp
BIG = bytes(range(256)) * 2000

async def pieces():
    for i in range(3):
        await asyncio.sleep(0)
        yield b"piece%d " % i

async def fails():
    yield b"x"
    raise KeyError("no more")

def file(content=b"content", **options):
    import tempfile
    file = tempfile.NamedTemporaryFile(suffix=".txt", delete=False)
    file.write(content)
    file.close()
    return open(file.name, options.get("mode", "rb"))

async def sent(session, path="/echo", **options):
    async with session.post(URL + path, **options) as r:
        return r.status, await r.read(), r.headers.get("Content-Type")

async def named(session, **options):
    async with session.post(URL + "/headers", **options) as r:
        return [f for f in fields(await r.text(), "") if f[0] != "user-agent"]

async def parts(session, **options):
    import re
    status, body, kind = await sent(session, **options)
    # Each has a boundary and a file name of its own.
    clean = re.sub(rb"[0-9a-f]{32}", b"B", body)
    return re.sub(rb"tmp\\w+", b"NAME", clean), kind.split("=")[0]
"""

SAME = {
    "files": """
        seen = []
        for data in (file(), file(b""), file(BIG), file(mode="r"),
                     io.BytesIO(b"bytes"), io.StringIO("text é")):
            seen.append(await sent(session, data=data))
        return seen
    """,
    "files from where they stand": """
        seen = []
        for data in (file(), file(BIG), io.BytesIO(b"bytes")):
            data.seek(2)
            seen.append(await sent(session, data=data))
        return seen
    """,
    "fields of files": """
        return [await named(session, data=d) for d in (file(), file(BIG))]
    """,
    "asynchronous iterables": """
        return (
            await sent(session, data=pieces()),
            await named(session, data=pieces()),
        )
    """,
    "an answer's content sent on": """
        async with session.get(URL + "/bytes/300000") as r:
            status, body, kind = await sent(session, data=r.content)
        return status, len(body), kind
    """,
    "forms": """
        form = aiohttp.FormData({"a": "1"})
        form.add_field("b", "é &")
        return (
            await sent(session, data=form),
            await sent(session, data={"a": [1, 2]}),
            await sent(
                session, data=aiohttp.FormData([("a", "1")], charset="latin-1")
            ),
        )
    """,
    "forms of several parts": """
        seen = []
        for value in (file(), file(BIG), io.BytesIO(b"x")):
            form = aiohttp.FormData()
            form.add_field("text", "é")
            form.add_field("file", value, filename="é n.txt")
            form.add_field("typed", "{}", content_type="application/json")
            seen.append(await parts(session, data=form))
        seen.append(await parts(session, data={"file": file(), "n": "v"}))
        seen.append(await parts(session, data={"file": file(BIG), "n": "v"}))
        return seen
    """,
    "several parts": """
        seen = []
        for coding in (None, "gzip", "deflate"):
            with aiohttp.MultipartWriter("mixed", boundary="X Y") as writer:
                writer.append("hello")
                writer.append_json({"a": 1})
                writer.append_form({"x": "y z"})
                writer.append(file(), {"Content-Transfer-Encoding": "base64"})
                if coding:
                    writer.append(b"x" * 50, {"Content-Encoding": coding})
            seen.append(await parts(session, data=writer))
        return seen
    """,
    "compress": """
        import gzip, zlib
        seen = []
        for compress, undo in (
            ("gzip", gzip.decompress), ("deflate", zlib.decompress),
            (True, zlib.decompress),
        ):
            for data in (b"x" * 1000, pieces()):
                status, body, _ = await sent(
                    session, data=data, compress=compress
                )
                seen.append((status, undo(body)))
        seen.append(await named(session, data=b"x", compress="gzip"))
        return seen
    """,
    "chunked": """
        return (
            await sent(session, data=BIG, chunked=True),
            await named(session, data=b"x", chunked=True),
        )
    """,
    "expect100": """
        return (
            await sent(session, data=b"bytes", expect100=True),
            await sent(session, data=pieces(), expect100=True),
            await named(session, data=b"bytes", expect100=True),
        )
    """,
    "redirects": """
        seen = []
        for data in (b"bytes", "text", {"a": "b"}, file(), file(BIG)):
            seen.append(await sent(session, "/redirect/1/303", data=data))
        try:
            seen.append(await sent(session, "/redirect/1/307", data=pieces()))
        except aiohttp.ClientPayloadError:
            seen.append("cannot be sent again")
        return seen
    """,
    "a body that fails": """
        try:
            await sent(session, data=fails())
        except aiohttp.ClientConnectionError as e:
            return repr(e.__cause__), await sent(session, data=b"next")
    """,
    "Host and Cookie of one's own": """
        seen = []
        for options in (
            {"headers": {"Host": "example.com:8000"}},
            {"headers": {"Cookie": "a=b"}},
            {"headers": {"cookie": "a=b"}, "cookies": {"c": "d"}},
        ):
            async with session.get(URL + "/headers", **options) as r:
                found = await r.text()
                seen.append(fields(found, "host") + fields(found, "cookie"))
        return seen
    """,
    "framing of one's own": """
        seen = []
        for data, headers in (
            (b"hello", {"Content-Length": "5"}),
            (pieces(), {"Content-Length": "21"}),
        ):
            seen.append(await sent(session, data=data, headers=headers))
        return seen
    """,
    "skip_auto_headers": """
        return await named(
            session, data=b"x", skip_auto_headers=["Content-Type", "accept"]
        )
    """,
    "methods without a body": """
        seen = []
        for method in ("PURGE", "LOCK", "DELETE", "TRACE"):
            async with session.request(method, URL + "/headers") as r:
                seen.append(fields(await r.text(), "content"))
        return seen
    """,
    "what cannot be sent": """
        seen = []
        for options in (
            {"data": 5}, {"data": {"a": 1}, "json": {}},
            {"data": b"x", "chunked": True, "headers": {"Content-Length": "1"}},
            {"data": b"x", "compress": 1,
             "headers": {"Content-Encoding": "br"}},
        ):
            try:
                await session.post(URL, **options)
            except Exception as e:
                seen.append((type(e).__name__, str(e)))
        return seen
    """,
}


@pytest.mark.parametrize("what", SAME)
def test_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], what: str
) -> None:
    ours, theirs = both[what]
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs


def test_files_whose_size_is_not_what_is_read(molotov: Molotov) -> None:
    """What unpacks, and text: aiohttp promises the size of the file."""
    lines = run_well(
        molotov,
        scenario(
            """
            import gzip

            large = b"large" * 200000
            with open("packed", "wb") as packed:
                packed.write(gzip.compress(large))
            with open("text", "wb") as text:
                text.write(b"line\\r\\n" * 50000)
            for data in (gzip.open("packed"), open("text")):
                async with session.post(URL + "/echo", data=data) as response:
                    print(response.status, len(await response.read()))
            """
        ),
    )
    assert lines == ["200 1000000", "200 250000"]


UNFRAMED = """
@setup()
async def options(worker_id, args):
    return OPTIONS

@scenario()
async def one(session):
    for fields in (
        {"Transfer-Encoding": "gzip"},
        {"Transfer-Encoding": "chunked, gzip"},
        {"Content-Length": "1, 1"},
    ):
        for data in (b"abc", pieces()):
            try:
                await session.post(URL, data=data, headers=fields)
            except ValueError as error:
                print(error)

async def pieces():
    yield b"abc"
"""


@pytest.mark.parametrize(
    "options", ["{}", "{'trace_configs': [molotov.client.TraceConfig()]}"]
)
def test_framing_that_no_server_could_read(
    molotov: Molotov, options: str
) -> None:
    """The body would be read as another request."""
    script = f"import molotov.client\nOPTIONS = {options}\n{UNFRAMED}"
    lines = run_well(molotov, script)
    coding = "Transfer-Encoding does not end in chunked: "
    expected = [coding + "'gzip'", coding + "'chunked, gzip'"]
    expected.append("Invalid Content-Length header: '1, 1'")
    assert lines == [line for line in expected for _ in range(2)]

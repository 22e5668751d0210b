# ruff: noqa: E501 (code of the cases)
"""What `data=` and `json=` send."""

from __future__ import annotations

from differential.client.case import AUTOMATIC, ClientCase

CHUNKED = (
    f"{AUTOMATIC} | Content-Type: application/octet-stream | "
    "Transfer-Encoding: chunked"
)
CASES = [
    ClientCase(
        "bytes and text",
        """
        for data in (b"\\x00\\xff", "text é", "", b"", bytearray(b"array"),
                     memoryview(b"view")):
            async with session.post(URL + "/echo", data=data) as r:
                say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "JSON",
        """
        for value in ({"a": [1, None, "é"]}, [], "s", 0, False, None, 1.5):
            async with session.post(URL + "/echo", json=value) as r:
                say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "JSON that is none",
        """
        for value in (object(), {1, 2}, b"bytes"):
            try:
                await session.post(URL, json=value)
            except Exception as error:
                say(type(error).__name__, str(error)[:20])
        """,
    ),
    ClientCase(
        "JSON by one's own means",
        """
        async with session.post(URL + "/echo", json={"a": 1}) as r:
            say(await r.read())
        """,
        options='{"json_serialize": lambda value: f"<{value}>"}',
    ),
    ClientCase(
        "forms",
        """
        for data in ({"a": "1 2", "b": "é&="}, [("a", "1"), ("a", "2")], {"n": "3"},
                     (("t", "u"),), {}, [], {"e": ""}, {"l": "a+b"}):
            async with session.post(URL + "/echo", data=data) as r:
                say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "forms of other values",
        """
        for data in ({"n": 3}, {"f": 1.5}, {"b": b"x"}, {"none": None}, {"t": True},
                     {3: "a"}, [("a",)], [1]):
            try:
                async with session.post(URL + "/echo", data=data) as r:
                    body = await r.read()
                    say(body if b"BOUNDARY" in body else len(body) > 0)
            except Exception as error:
                say(data, type(error).__name__)
        """,
    ),
    ClientCase(
        "FormData",
        """
        form = api.FormData({"a": "1"}, charset="latin-1")
        form.add_field("b", "é &")
        form.add_fields(("c", "d"), {"e": "f"})
        say(form.is_multipart)
        async with session.post(URL + "/echo", data=form) as r:
            say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "FormData in parts",
        """
        import io
        form = api.FormData(default_to_multipart=True)
        form.add_field("text", "é")
        form.add_field("file", io.BytesIO(b"content"), filename="ü n.txt")
        form.add_field("typed", "{}", content_type="application/json")
        form.add_field("named", b"bytes", filename="a.bin",
                       content_type="a/b")
        say(form.is_multipart)
        async with session.post(URL + "/echo", data=form) as r:
            say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "FormData that cannot be",
        """
        for arguments, options in (
            (("a", 5), {}), (("a", "b"), {"content_type": 5}),
            (("a", "b"), {"filename": 5}),
            (("a", "b"), {"content_transfer_encoding": 5}),
            (("a", "b"), {"content_type": "x\\r\\ny"}),
            (("a\\r\\nb", "c"), {"filename": "n"}),
        ):
            form = api.FormData()
            try:
                form.add_field(*arguments, **options)
                async with session.post(URL + "/echo", data=form) as r:
                    say(await r.read())
            except Exception as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "parts",
        """
        with api.MultipartWriter("mixed", boundary="X Y") as writer:
            writer.append("hello")
            writer.append_json({"a": 1})
            writer.append_form({"x": "y z"})
            part = writer.append(b"bytes", {"X-Own": "1"})
            part.set_content_disposition("attachment", filename="é.txt")
            with api.MultipartWriter("related") as inner:
                inner.append("in")
                writer.append(inner)
        say(len(writer), writer.boundary, writer.content_type)
        async with session.post(URL + "/echo", data=writer) as r:
            say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "parts that are coded",
        """
        writer = api.MultipartWriter("mixed", boundary="B")
        writer.append("é" * 10, {"Content-Transfer-Encoding": "base64"})
        writer.append("é = x", {"Content-Transfer-Encoding": "quoted-printable"})
        writer.append(b"x" * 50, {"Content-Encoding": "deflate"})
        async with session.post(URL + "/echo", data=writer) as r:
            say(await r.read())
        """,
    ),
    ClientCase(
        "files",
        """
        import io, os
        for name, content in (("a.txt", b"text"), ("b.json", b"{}"), ("c", b""),
                              ("d.png", bytes(70000))):
            with open(name, "wb") as file:
                file.write(content)
            async with session.post(URL + "/echo", data=open(name, "rb")) as r:
                say(name, len(await r.read()), r.headers["Content-Type"])
            os.remove(name)
        for data in (io.BytesIO(b"bytes"), io.StringIO("text é")):
            async with session.post(URL + "/echo", data=data) as r:
                say(await r.read(), r.headers["Content-Type"], data.closed)
        """,
    ),
    ClientCase(
        "asynchronous iterables",
        """
        async def pieces():
            for i in range(3):
                await asyncio.sleep(0)
                yield b"piece%d " % i
        class Own:
            def __aiter__(self):
                return pieces()
        for data in (pieces(), Own()):
            async with session.post(URL + "/echo", data=data) as r:
                say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "an iterable that gives what is no piece",
        """
        async def words():
            yield b"one"
            yield "two"
        try:
            async with session.post(URL + "/echo", data=words()) as r:
                say(r.status)
        except Exception as error:
            say(type(error).__name__)
        """,
        why="of a body that fails at once, no request reaches the server",
        differs=(f"- POST /echo | {CHUNKED} | b'one'",),
    ),
    ClientCase(
        "an iterable that fails",
        """
        async def fails():
            yield b"x"
            raise KeyError("no more")
        try:
            async with session.post(URL + "/echo", data=fails()) as r:
                say(r.status)
        except Exception as error:
            say(type(error).__name__)
        """,
        why="of a body that fails at once, no request reaches the server",
        differs=(f"- POST /echo | {CHUNKED} | b'x'",),
    ),
    ClientCase(
        "data that can be none",
        """
        for data in (5, 1.5, object(), True, lambda: b"x"):
            try:
                async with session.post(URL + "/echo", data=data) as r:
                    say(await r.read())
            except Exception as error:
                say(type(error).__name__)
        """,
    ),
    ClientCase(
        "options that do not go together",
        """
        for options in (
            {"data": b"a", "json": 1},
            {"data": b"x", "chunked": True, "headers": {"Content-Length": "1"}},
            {"data": b"x", "chunked": True,
             "headers": {"Transfer-Encoding": "chunked"}},
            {"data": b"x", "compress": "gzip",
             "headers": {"Content-Encoding": "br"}},
            {"data": b"x", "compress": 5},
        ):
            try:
                async with session.post(URL, **options) as r:
                    say(r.status)
            except Exception as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "compressed",
        """
        import gzip, zlib
        for how, undo in ((True, zlib.decompress), ("gzip", gzip.decompress),
                          ("deflate", zlib.decompress), (False, bytes)):
            async with session.post(URL + "/status/200", data=b"ab" * 50,
                                    compress=how, chunked=None) as r:
                say(r.status)
            async with session.post(URL + "/echo", data=b"ab" * 50, compress=how,
                                    auto_decompress=False) as r:
                say(undo(await r.read()))
        """,
    ),
    ClientCase(
        "chunked",
        """
        for data in (b"abc", "text", {"a": "b"}, b""):
            async with session.post(URL + "/echo", data=data, chunked=True) as r:
                say(await r.read())
        """,
    ),
    ClientCase(
        "expect100",
        """
        for data in (b"abc", {"a": "b"}):
            async with session.put(URL + "/echo", data=data, expect100=True) as r:
                say(await r.read())
        """,
    ),
    ClientCase(
        "bodies of methods that have none",
        """
        for name in ("get", "delete", "options", "head"):
            async with getattr(session, name)(URL + "/echo", data=b"x") as r:
                say(name, await r.read())
            async with getattr(session, name)(URL + "/echo", json={}) as r:
                say(name, await r.read())
        """,
    ),
    ClientCase(
        "types of one's own",
        """
        for data in (b"x", "x", {"a": "b"}):
            async with session.post(
                URL + "/echo", data=data, headers={"Content-Type": "a/b; c=d"}
            ) as r:
                say(await r.read(), r.headers["Content-Type"])
        async with session.post(
            URL + "/echo", json=[], headers={"content-type": "a/b+json"}
        ) as r:
            say(await r.read(), r.headers["Content-Type"])
        """,
    ),
    ClientCase(
        "framing of one's own",
        """
        async def pieces():
            yield b"hel"
            yield b"lo"
        for data, headers in ((b"hello", {"Content-Length": "5"}),
                              (pieces(), {"Content-Length": "5"})):
            async with session.post(URL + "/echo", data=data, headers=headers) as r:
                say(await r.read())
        """,
    ),
    ClientCase(
        "an answer's content sent on",
        """
        async with session.get(URL + "/large") as r:
            async with session.post(URL + "/echo", data=r.content) as sent:
                say(len(await sent.read()))
        """,
    ),
    ClientCase(
        "framing that does not go together",
        """
        for headers in ({"Content-Length": "3"}, {"Transfer-Encoding": "chunked"},
                        {"Content-Length": "x"}, {}):
            for options in ({"chunked": True}, {"compress": True}, {}):
                if headers == {"Transfer-Encoding": "chunked"} and not options:
                    continue
                try:
                    async with session.post(URL, data=b"abc", headers=headers,
                                            **options) as r:
                        say(r.status)
                except ValueError as error:
                    say(seen(error))
        """,
    ),
    ClientCase(
        "chunks of nothing",
        """
        async with session.post(URL, chunked=True) as r:
            say(r.status)
        """,
        why="how a body is framed stands behind what it is",
        differs=(
            f"- POST / | {AUTOMATIC} | Transfer-Encoding: chunked | "
            "Content-Type: application/octet-stream | b''",
            f"+ POST / | {AUTOMATIC} | Content-Type: application/octet-stream | "
            "Transfer-Encoding: chunked | b''",
        ),
    ),
    ClientCase(
        "expectations given twice",
        """
        async with session.post(URL, data=b"x", headers={"Expect": "100-continue"},
                                expect100=True) as r:
            say(r.status)
        """,
        why="it is the last of the fields, as where it is asked for once",
        differs=(
            "- POST / | Host: 127.0.0.1:PORT | Expect: 100-continue | Accept: */* | "
            "Accept-Encoding: gzip, deflate | User-Agent: (own) | Content-Length: 1 | "
            "Content-Type: application/octet-stream | b'x'",
            f"+ POST / | {AUTOMATIC} | Content-Length: 1 | "
            "Content-Type: application/octet-stream | Expect: 100-continue | b'x'",
        ),
    ),
    ClientCase(
        "a type of the script's own",
        """
        import aiohttp
        class Mine:
            pass
        class MinePayload(aiohttp.BytesPayload):
            def __init__(self, value, *args, **options):
                super().__init__(b"mine", content_type="x/mine")
        aiohttp.payload.PAYLOAD_REGISTRY.register(MinePayload, Mine)
        async with session.post(URL, data=Mine()) as r:
            say(r.status)
        try:
            await session.post(URL, data=object())
        except TypeError as error:
            say(type(error).__name__)
        """,
    ),
]

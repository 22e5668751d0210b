"""WebSockets, beside aiohttp, against molotarget and against servers that say
just the bytes of a test."""

from pathlib import Path

import pytest
from commands import Molotov
from scripts import run_well, scenario

pytest.importorskip("aiohttp")

AT_HAND = """
import asyncio, base64, contextlib, hashlib, struct, zlib
import aiohttp
from aiohttp import ClientWSTimeout, WSCloseCode, WSMsgType

WS = "ws" + URL[4:].rstrip("/") + "/ws"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

def frame(opcode, payload=b"", fin=True, rsv=0, mask=None, length=None):
    length = len(payload) if length is None else length
    bit = 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if length < 126:
        head += bytes([bit | length])
    elif length < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", length)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", length)
    if mask:
        payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        head += mask
    return head + payload

def close(code=1000, reason=b""):
    return frame(8, struct.pack("!H", code) + reason)

async def read_frame(reader):
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        length, = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        length, = struct.unpack("!Q", await reader.readexactly(8))
    mask = await reader.readexactly(4) if second & 0x80 else bytes(4)
    payload = await reader.readexactly(length)
    return first, bytes(b ^ mask[i % 4] for i, b in enumerate(payload))

@contextlib.asynccontextmanager
async def server(say=b"", *, head=None, fields="", then="listen", pieces=None):
    # Says its bytes behind the answer to the handshake; collects what the
    # client sends.
    heard = []
    over = asyncio.Event()
    async def serve(reader, writer):
        try:
            asked = (await reader.readuntil(b"\\r\\n\\r\\n")).decode("latin-1")
            heard.append(asked)
            key = [l.split(": ")[1] for l in asked.split("\\r\\n")
                   if l.lower().startswith("sec-websocket-key:")][0]
            accept = base64.b64encode(
                hashlib.sha1(key.encode() + GUID).digest()).decode()
            writer.write((head or (
                "HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n"
                "Connection: upgrade\\r\\nSec-WebSocket-Accept: {accept}\\r\\n"
                + fields + "\\r\\n")).format(accept=accept).encode())
            if pieces is None:
                writer.write(say)
            for piece in pieces or ():
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            if then == "end":
                return
            if then == "reset":
                await asyncio.sleep(0.05)
                writer.transport.abort()
                return
            while True:
                first, payload = await read_frame(reader)
                heard.append((first, payload))
                if first & 0xF == 8 and then == "answer":
                    writer.write(frame(8, payload))
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            heard.append("gone")
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()
            over.set()
    made = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = made.sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/", heard, over
    finally:
        made.close()

def short(message):
    data = message.data
    if isinstance(data, (str, bytes)) and len(data) > 200:
        data = (len(data), data[:9])
    return message.type.name, data if not isinstance(data, Exception) else (
        [kind.__name__ for kind in type(data).__mro__ if kind.__module__ in
         ("zlib", "builtins")],
        isinstance(data, aiohttp.WebSocketError),
        str(data), getattr(data, "code", None)), message.extra

async def talk(session, say=b"", count=1, options={}, **behaviour):
    # What is received, how it ended, and what the server heard.
    seen = []
    async with server(say, **behaviour) as (url, heard, over):
        ws = await session.ws_connect(url, **options)
        for _ in range(count):
            seen.append(short(await ws.receive()))
            if ws.closed:
                break
        seen.append((ws.closed, ws.close_code, await ws.close(),
                     ws.close_code, repr(ws.exception())))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(over.wait(), 1)
        frames = [h for h in heard[1:] if h != "gone"]
    return seen, frames
"""

SAME = {
    "echo": """
        seen = []
        async with session.ws_connect(WS) as ws:
            for size in (0, 1, 125, 126, 127, 65535, 65536, 300000):
                await ws.send_str("é" * size)
                message = await ws.receive()
                seen.append((message.type, len(message.data), message.extra))
                await ws.send_bytes(bytes(size))
                message = await ws.receive()
                seen.append((message.type, len(message.data), message.extra))
            seen.append(ws.closed)
        return seen, ws.closed, ws.close_code, ws.exception()
    """,
    "kinds of data": """
        async with session.ws_connect(WS) as ws:
            await ws.send_json({"a": [1, None]})
            seen = [await ws.receive_json()]
            await ws.send_str('{"b": 2}')
            seen.append((await ws.receive()).json())
            await ws.send_bytes(bytearray(b"ab"))
            seen.append(await ws.receive_bytes())
            await ws.send_bytes(memoryview(b"cd"))
            seen.append(await ws.receive_bytes())
            await ws.send_frame(b"raw", WSMsgType.TEXT)
            seen.append(await ws.receive_str())
            await ws.send_json(1, dumps=lambda data: f"<{data}>")
            seen.append(await ws.receive_str())
            for receive, send, data in (
                (ws.receive_str, ws.send_bytes, b"x"),
                (ws.receive_bytes, ws.send_str, "y"),
                (ws.receive_json, ws.send_bytes, b"z"),
            ):
                await send(data)
                try:
                    await receive()
                except TypeError as error:
                    seen.append(str(error))
            for send, data in ((ws.send_str, b"x"), (ws.send_bytes, "y")):
                try:
                    await send(data)
                except TypeError as error:
                    seen.append(str(error))
        return seen
    """,
    "iteration": """
        seen = []
        async with session.ws_connect(WS) as ws:
            for i in range(3):
                await ws.send_str(str(i))
            async for message in ws:
                seen.append(message.data)
                if message.data == "2":
                    await ws.close(code=3001, message=b"enough")
        return seen, ws.closed, ws.close_code
    """,
    "closed": """
        seen = []
        ws = await session.ws_connect(WS)
        seen.append((ws.closed, ws.close_code))
        seen.append(await ws.close(code=4000, message=b"because"))
        seen.append((ws.closed, ws.close_code, await ws.close()))
        seen.append(await ws.receive())
        for send in (lambda: ws.send_str("x"), lambda: ws.ping(),
                     lambda: ws.send_bytes(b"x")):
            try:
                await send()
            except Exception as error:
                seen.append((type(error).__name__, str(error)))
        return seen, ws.get_extra_info("peername", "none")
    """,
    "compressed": """
        seen = []
        for bits in range(9, 16):
            async with session.ws_connect(WS, compress=bits) as ws:
                seen.append((ws.compress, ws.client_notakeover))
                for size in (0, 5, 5, 100000):
                    await ws.send_str("abc é " * size)
                    seen.append(hash(await ws.receive_str()) ==
                                hash("abc é " * size))
                await ws.send_str("some " * 9, compress=9)
                seen.append(await ws.receive_str())
        return seen
    """,
    "wrong compress": """
        seen = []
        for bits in (1, 8, 16):
            try:
                await session.ws_connect(WS, compress=bits)
            except ValueError as error:
                seen.append(str(error))
        return seen
    """,
    "protocols": """
        seen = []
        for protocols in ((), ("one",), ["two", "three"]):
            async with session.ws_connect(WS, protocols=protocols) as ws:
                seen.append(ws.protocol)
        return seen
    """,
    "no WebSocket": """
        seen = []
        for path in ("/", "/status/404", "/redirect/1", "/ws"):
            try:
                method = "POST" if path == "/ws" else "GET"
                headers = {"Upgrade": "none"} if path == "/ws" else None
                await session.ws_connect(
                    URL.rstrip("/") + path, method=method, headers=headers)
            except aiohttp.WSServerHandshakeError as error:
                seen.append((error.status, error.message, str(error)[:20],
                             len(error.history)))
        return seen
    """,
    "bad handshakes": """
        seen = []
        good = "HTTP/1.1 101 X\\r\\n"
        for head in (
            good + "Connection: upgrade\\r\\n\\r\\n",
            good + "Upgrade: other\\r\\nConnection: upgrade\\r\\n\\r\\n",
            good + "Upgrade: websocket\\r\\nConnection: close\\r\\n\\r\\n",
            good + "Upgrade: websocket\\r\\nConnection: upgrade\\r\\n\\r\\n",
            good + "Upgrade: websocket\\r\\nConnection: upgrade\\r\\n"
                   "Sec-WebSocket-Accept: x\\r\\n\\r\\n",
        ):
            async with server(head=head) as (url, heard, over):
                try:
                    await session.ws_connect(url)
                except aiohttp.WSServerHandshakeError as error:
                    seen.append((error.status, error.message))
        for extension in (
            "permessage-deflate; unknown", "other",
            "permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; client_max_window_bits=10",
            "permessage-deflate; client_no_context_takeover; "
            "server_no_context_takeover",
        ):
            fields = f"Sec-WebSocket-Extensions: {extension}\\r\\n"
            async with server(fields=fields, then="answer") as (url, _, over):
                try:
                    async with session.ws_connect(url, compress=15) as ws:
                        seen.append((ws.compress, ws.client_notakeover))
                except aiohttp.WSServerHandshakeError as error:
                    seen.append((error.status, error.message))
        return seen
    """,
    "the request": """
        async with server(then="answer") as (url, heard, over):
            async with session.ws_connect(
                url + "p?a=1", protocols=("x", "y"), origin="http://o",
                params={"b": "é"}, headers={"X-Own": "o"}, compress=12,
            ):
                pass
            await over.wait()
        lines = heard[0].split("\\r\\n")
        return lines[0], sorted(
            line for line in lines[1:]
            if line.lower().split(":")[0] in (
                "upgrade", "connection", "sec-websocket-version", "origin",
                "sec-websocket-protocol", "sec-websocket-extensions", "x-own",
                "x-common")
        ), sum("-websocket-key: " in line.lower() for line in lines)
    """,
    "the server closes": """
        return [
            await talk(session, say, options=options, then=then)
            for then in ("listen", "end")
            for options in (
                {"timeout": ClientWSTimeout(ws_close=0.05)},
                {"timeout": ClientWSTimeout(ws_close=0.05),
                 "autoclose": False},
            )
            for say in (
                close(), close(1001, b"going away"), close(3000), close(4999),
                frame(8), close(1011, "é".encode()),
            )
        ]
    """,
    "bad frames": """
        return [
            await talk(session, say, then=then)
            for then in ("answer", "listen")
            for say in (
                frame(1, b"x", rsv=4), frame(1, b"x", rsv=2),
                frame(1, b"x", rsv=1), frame(3), frame(7, b"x"), frame(11),
                frame(15, b"y"), frame(9, b"x" * 126), frame(8, b"x" * 126),
                frame(9, b"x", fin=False), frame(8, fin=False),
                frame(0, b"x"), frame(0, b"x", fin=False),
                frame(1, b"x", fin=False) + frame(1, b"y"),
                frame(1, b"x", fin=False) + frame(2, b"y", fin=False),
                frame(1, b"\\xff"), frame(1, b"\\xed\\xa0\\x80"),
                frame(1, b"\\xce\\xba\\xe1", fin=False) + frame(0, b"\\xff"),
                frame(1, b"\\xf4\\x90\\x80\\x80"), frame(1, b"\\xc0\\x80"),
                frame(8, b"x"), frame(8, b"'"), frame(8, b"\\x00"),
                close(0), close(999), close(1004), close(1005), close(1006),
                close(1015), close(1016), close(2999), close(65535),
                close(1000, b"\\xff"),
                frame(2, length=1 << 63), frame(2, length=(1 << 62)),
                frame(2, length=4 << 20), frame(2, length=(4 << 20) + 1),
            )
        ]
    """,
    "good frames": """
        return [
            await talk(session, say, count, then="answer")
            for say, count in (
                (frame(1, b"a") + frame(2, b"b") + frame(1), 3),
                (frame(1, b"a", fin=False) + frame(0, b"b", fin=False)
                 + frame(0, b"c"), 1),
                (frame(1, b"a", fin=False) + frame(9, b"p") + frame(0, b"b"),
                 1),
                (frame(1, "é".encode()[:1], fin=False)
                 + frame(0, "é".encode()[1:]), 1),
                (frame(1, "κόσμε€𐍈".encode()), 1),
                (frame(1, b"masked", mask=b"abcd"), 1),
                (frame(2, b"x" * 70000, mask=b"\\x00\\x01\\x02\\x03"), 1),
                (frame(2, fin=False) + frame(0, fin=False) + frame(0), 1),
                (frame(9, b"x" * 125) + frame(10, b"unasked") + frame(1, b"e"),
                 1),
            )
        ]
    """,
    "pings by hand": """
        return [
            await talk(session, say, count, {"autoping": False}, then="answer")
            for say, count in (
                (frame(9, b"p") + frame(10, b"q") + frame(1, b"x"), 3),
                (frame(1, b"a", fin=False) + frame(9, b"p") + frame(0, b"b"),
                 2),
            )
        ]
    """,
    "in pieces": """
        whole = frame(1, b"ab") + frame(2, b"c" * 300, mask=b"wxyz") + close()
        return [
            await talk(
                session, count=3, then="listen",
                pieces=[whole[i:i + step] for i in range(0, len(whole), step)])
            for step in (100, 7)
        ] + [
            await talk(session, count=1, then="listen",
                       pieces=[whole[:1], whole[1:2], whole[2:3], whole[3:]])
        ]
    """,
    "size limits": """
        return [
            await talk(
                session, say, count, {"max_msg_size": most}, then="answer")
            for most in (10, 0)
            for count, say in (
                (2, frame(1, b"x" * 9) + frame(1, b"y" * 10)),
                (1, frame(1, b"x" * 5, fin=False) + frame(0, b"y" * 5)),
                (1, frame(1, b"x" * 5, fin=False) + frame(0, b"y" * 4)),
                (1, frame(2, b"x" * 200)),
            )
        ]
    """,
    "bytes of text": """
        seen = await talk(
            session, frame(1, b"\\xff\\xfe") + frame(1, b"ok") + frame(2, b"b"),
            3, {"decode_text": False}, then="answer")
        return seen
    """,
    "text of bytes that is JSON": """
        async with session.ws_connect(WS, decode_text=False) as ws:
            await ws.send_json({"a": 1})
            message = await ws.receive()
            return type(message).__name__, message.data, message.json()
    """,
    "compressed by the server": """
        deflate = "Sec-WebSocket-Extensions: permessage-deflate\\r\\n"
        def packed(data, flush=zlib.Z_SYNC_FLUSH):
            coder = zlib.compressobj(wbits=-15)
            return (coder.compress(data) + coder.flush(flush)).removesuffix(
                b"\\0\\0\\xff\\xff")
        both = zlib.compressobj(wbits=-15)
        def more(data):
            return (both.compress(data)
                    + both.flush(zlib.Z_SYNC_FLUSH))[:-4]
        two = packed(b"in two pieces")
        return [
            await talk(session, say, count, {"compress": 15, "max_msg_size": m},
                       fields=deflate, then="answer")
            for m, say, count in (
                (0, frame(1, packed(b"hello"), rsv=4) + frame(1, b"plain"), 2),
                (0, frame(1, more(b"repeated"), rsv=4)
                 + frame(1, more(b"repeated"), rsv=4), 2),
                (0, frame(2, two[:5], rsv=4, fin=False) + frame(9, b"p")
                 + frame(0, two[5:]), 1),
                (0, frame(1, packed(b"last", zlib.Z_FINISH), rsv=4)
                 + frame(1, packed(b"next"), rsv=4), 2),
                (0, frame(2, b"", rsv=4), 1),
                (0, frame(2, b"a", fin=False) + frame(0, b"b", rsv=4), 1),
                (0, frame(2, b"garbage!", rsv=4), 1),
                (0, frame(1, packed(b"\\xff"), rsv=4), 1),
                (100, frame(2, packed(bytes(100)), rsv=4)
                 + frame(2, packed(bytes(101)), rsv=4), 2),
                (0, frame(2, packed(bytes(1 << 22)), rsv=4), 1),
            )
        ]
    """,
    "the connection ends": """
        return [
            (await talk(session, say, count, then=then))[0]
            for then in ("end", "reset")
            for say, count in (
                (b"", 1), (frame(1, b"x"), 2), (frame(1, b"x" * 9)[:5], 1),
                (b"\\x81", 1),
            )
        ]
    """,
    "timeouts": """
        seen = []
        async with server() as (url, heard, over):
            for options, arguments in (
                ({}, {"timeout": 0.05}),
                ({"timeout": ClientWSTimeout(ws_receive=0.05, ws_close=0.05)},
                 {}),
                ({"receive_timeout": 0.05}, {}),
            ):
                options.setdefault(
                    "timeout", ClientWSTimeout(ws_close=0.05))
                ws = await session.ws_connect(url, **options)
                try:
                    await ws.receive(**arguments)
                except asyncio.TimeoutError as error:
                    seen.append(repr(error))
                seen.append((ws.closed, ws.close_code))
                seen.append((await ws.close(), ws.close_code))
            ws = await session.ws_connect(
                url, timeout=ClientWSTimeout(ws_close=0.05))
            seen.append((await ws.close(), ws.close_code,
                         repr(ws.exception())))
        return seen
    """,
    "cancelled": """
        seen = []
        async with server(then="answer") as (url, heard, over):
            ws = await session.ws_connect(url)
            task = asyncio.ensure_future(ws.receive())
            await asyncio.sleep(0.05)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                seen.append((ws.closed, ws.close_code))
            seen.append((await ws.close(), ws.close_code))
        return seen
    """,
    "closed while another receives": """
        seen = []
        async with server(then="answer") as (url, heard, over):
            ws = await session.ws_connect(url)
            task = asyncio.ensure_future(ws.receive())
            await asyncio.sleep(0.05)
            try:
                await ws.receive()
            except RuntimeError as error:
                seen.append(str(error))
            seen.append(await ws.close())
            seen.append(await task)
            seen.append((ws.closed, ws.close_code, await ws.receive()))
        return seen
    """,
    "heartbeat": """
        seen = []
        async with server() as (url, heard, over):
            ws = await session.ws_connect(url, heartbeat=0.2)
            message = await ws.receive()
            seen.append((message.type, str(message.data),
                         isinstance(message.data, asyncio.TimeoutError)))
            seen.append((ws.closed, ws.close_code, str(ws.exception())))
            seen.append(await ws.receive())
            seen.append(heard[1:2])
        return seen
    """,
    "messages at once": """
        async with session.ws_connect(WS) as ws:
            await asyncio.gather(*(ws.send_str(str(i)) for i in range(50)))
            return sorted([int(await ws.receive_str()) for _ in range(50)])
    """,
    "tasks of its calls": """
        async with session.ws_connect(WS) as ws:
            await asyncio.create_task(ws.send_str("x"))
            return await asyncio.create_task(ws.receive_str())
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_same_as_aiohttp(name: str, both: dict[str, tuple[str, str]]) -> None:
    ours, theirs = both[name]
    assert ours == theirs
    assert not ours.startswith("raised"), ours


HEARTBEAT = scenario("""
    url = URL.replace("http", "ws") + "/ws"
    async with session.ws_connect(url, heartbeat=0.8) as ws:
        try:
            await ws.receive(timeout=2)
        except TimeoutError:
            print(ws.closed, ws.exception())
""")


def test_answered_heartbeats_leave_the_timeout_alone(molotov: Molotov) -> None:
    """With aiohttp each pong begins it anew, so that it never comes."""
    assert run_well(molotov, HEARTBEAT) == ["False None"]


ECHO = scenario("""
    async with session.ws_connect(URL.replace("http", "ws") + "/ws") as ws:
        await ws.send_str("hello")
        message = await ws.receive()
        print(message.type.name, message.data, message.extra == "")
        print(await ws.close(), ws.closed, ws.close_code)
""")


def test_echo_without_aiohttp(molotov: Molotov) -> None:
    """And aiohttp is not imported for it."""
    script = ECHO + '    import sys\n    print("aiohttp" in sys.modules)\n'
    lines = run_well(molotov, script)
    assert lines == ["TEXT hello True", "True True 1000", "False"]


# An open one is a connection in use, of which a session has 100.
UNLIMITED = """
from molotov import TCPConnector

@setup()
async def unlimited(worker_id, args):
    return {"connector": TCPConnector(limit=0)}
"""
IDLE = """
    import gc, resource

    def resident_bytes():
        gc.collect()
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    url = URL.replace("http", "ws") + "/ws"

    async def opened(count):
        made = []
        for number in range(count):
            ws = await session.ws_connect(url, compress={compress})
            assert ws.compress == {compress}
            await ws.send_str(f"message {{number}} " * {times})
            await ws.receive()
            made.append(ws)
        return made

    kept = await opened({first})
    before = resident_bytes()
    kept += await opened({further})
    print((resident_bytes() - before) / {further} <= 16 * 1024)
    for ws in kept:
        await ws.close()
"""


@pytest.mark.parametrize(
    ("compress", "first", "further", "times"),
    [(0, 50, 400, 700), (15, 300, 1000, 100)],
)
def test_an_idle_one_takes_at_most_16_kib(
    compress: int, first: int, further: int, times: int, molotov: Molotov
) -> None:
    """Where it is compressed, but for those that were used last."""
    code = IDLE.format(
        compress=compress, first=first, further=further, times=times
    )
    assert run_well(molotov, UNLIMITED + scenario(code)) == ["True"]


LEFT_OPEN = """
import asyncio
import gc
import weakref

opened = []

@scenario()
async def one(session):
    ws = await session.ws_connect(URL.replace("http", "ws") + "/ws")
    opened.append(ws)
    waiting = asyncio.ensure_future(ws.receive())
    await asyncio.sleep(0)
    await session.close()
    message = await waiting
    print(message.type.name, ws.closed, ws.close_code.name)
    dropped = await make(session)
    gc.collect()
    print(dropped() is None)

async def make(session):
    other = molotov.ClientSession()
    async with other:
        ws = await other.ws_connect(URL.replace("http", "ws") + "/ws")
        await ws.send_str("x")
        return weakref.ref(ws)
"""


def test_the_session_closes_its_own(molotov: Molotov) -> None:
    lines = run_well(molotov, LEFT_OPEN)
    assert lines == ["CLOSED True ABNORMAL_CLOSURE", "True"]


FOREVER = scenario("""
    async with session.ws_connect(URL.replace("http", "ws") + "/ws") as ws:
        print("waits", flush=True)
        await ws.receive()
""")


def test_a_run_that_waits_is_cut_off(molotov: Molotov) -> None:
    result = molotov(FOREVER, "-d", "1", "--grace", "0.2s")
    assert result.status == 0, result
    assert "CANCELLED: 1" in result.lines[-2], result


FLOOD = scenario("""
    import asyncio

    turns = 0

    async def count():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    url = URL.replace("http", "ws") + "/ws"
    async with session.ws_connect(url) as ws:
        counting = asyncio.ensure_future(count())

        async def send():
            for _ in range(40):
                await ws.send_bytes(bytes(200_000))

        sending = asyncio.ensure_future(send())
        received = 0
        while received < 40:
            received += len(await ws.receive_bytes()) == 200_000
        await sending
        counting.cancel()
        print(received, turns > 0)
""")


def test_more_than_the_buffers_hold(molotov: Molotov) -> None:
    """Sending waits for the server, which waits for us to receive."""
    assert run_well(molotov, FLOOD) == ["40 True"]


SECURE = """
@scenario()
async def one(session):
    url = URL.replace("https", "wss") + "/ws"
    async with session.ws_connect(url, ssl=False, compress=15) as ws:
        for size in (5, 100_000):
            await ws.send_str("x" * size)
            print(len(await ws.receive_str()), ws.compress)
"""


def test_over_tls(tmp_path: Path, tls: tuple[str, Path]) -> None:
    lines = run_well(Molotov(tmp_path, tls[0].rstrip("/")), SECURE)
    assert lines == ["5 15", "100000 15"]


LONG_SECURE = """
@scenario()
async def one(session):
    url = URL.replace("https", "wss") + "/ws"
    long = bytes(range(256)) * 4096
    async with session.ws_connect(url, ssl=False) as ws:
        for _ in range(3):
            await ws.send_bytes(long)
            print(await ws.receive_bytes() == long)
"""


def test_long_messages_over_tls(tmp_path: Path, tls: tuple[str, Path]) -> None:
    """Of more records than one."""
    lines = run_well(Molotov(tmp_path, tls[0].rstrip("/")), LONG_SECURE)
    assert lines == ["True"] * 3

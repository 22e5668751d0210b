"""A script, and a program, that use all that is public, for mypy --strict: it
says what the types are. Nothing of it is run."""

import argparse
import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from http.cookies import SimpleCookie
from typing import Any, assert_type

from multidict import CIMultiDict, CIMultiDictProxy, MultiDictProxy
from yarl import URL

import molotov
from molotov import api, client, dummy, exceptions, quickstart, slave
from molotov import run as running
from molotov.client.payload import Collected
from molotov.client.resolver import AbstractResolver, ResolveResult
from molotov.client.websocket import (
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSCloseCode,
    WSMessage,
    WSMessageTextBytes,
    WSMsgType,
)
from molotov.context import Context
from molotov.listeners import BaseListener, EventSender, Listener
from molotov.measures import Step
from molotov.session import (
    ClientSession,
    Hop,
    Request,
    RequestInfo,
    RequestOptions,
    Response,
    SessionOptions,
    StreamReader,
    WebSocketConnectOptions,
    get_eventer,
    get_session,
)
from molotov.shared import Counter, Counters
from molotov.statsd import Statsd
from molotov.util import OptionError, expand_options

URL_OF_IT = "http://localhost:8080"
counters = Counters("runs", "errors")


@molotov.global_setup()
def start(args: argparse.Namespace) -> None:
    molotov.set_var("token", "secret")
    assert_type(molotov.get_var("token", factory=str), Any)
    assert_type(molotov.__version__, str)
    assert_type(molotov.request(URL_OF_IT), dict[str, Any])
    molotov.json_request(URL(URL_OF_IT), "post", {"headers": {}}, json=[1])


async def signed(
    request: client.ClientRequest,
    handler: Callable[[client.ClientRequest], Awaitable[Response]],
) -> Response:
    return await handler(request)


@molotov.setup()
async def worker(worker_id: int, args: argparse.Namespace) -> SessionOptions:
    return {
        "headers": {"Authorization": "x"},
        "cookies": [("a", "b")],
        "auth": None,
        "timeout": 10,
        "raise_for_status": True,
        "json_serialize": str,
        "json_serialize_bytes": None,
        "auto_decompress": False,
        "proxy": "http://localhost:3128",
        "proxy_auth": None,
        "trust_env": True,
        "connector": molotov.UnixConnector("/run/app.sock"),
        "base_url": URL_OF_IT,
        "cookie_jar": None,
        "skip_auto_headers": ["Accept"],
        "version": (1, 1),
        "connector_owner": True,
        "requote_redirect_url": True,
        "read_bufsize": 65536,
        "max_line_size": 8190,
        "max_field_size": 8190,
        "max_headers": 128,
        "fallback_charset_resolver": lambda response, body: "latin-1",
        "trace_configs": [client.TraceConfig()],
        "middlewares": [signed, client.DigestAuthMiddleware("me", "pw")],
        "read_timeout": 3,
        "conn_timeout": 2.5,
    }


def figures() -> None:
    assert_type(molotov.check([1], "basket not empty"), bool)
    molotov.count("orders")
    molotov.count("orders", n=2)
    molotov.record("basket value", 12.5, unit="EUR")
    with molotov.step("pay") as step:
        assert_type(step.name, str)


async def timed() -> None:
    async with molotov.step("login") as step:
        assert_type(step, Step)


async def check(response: Response) -> None:
    response.raise_for_status()


@molotov.setup_session()
async def opened(worker_id: int, session: ClientSession) -> None:
    session.token = "a script's own"
    assert_type(session.token, Any)
    context = molotov.get_context(session)
    assert_type(context, Context)
    context.attach("page", 1)
    context.other = 2
    assert_type(context.args, argparse.Namespace)
    assert_type(context.worker_id, int)
    assert_type(context.step, int | None)
    assert_type(context.statsd, Statsd | None)
    assert_type(session.context, Context | None)
    eventer = get_eventer(session)
    assert_type(eventer, EventSender | None)
    if eventer is not None:
        eventer.add_listener(Ears())
        await eventer.send_event("hello", who=worker_id)


class Ears(BaseListener):
    async def on_sending_request(self, **info: Any) -> None: ...


async def hear(event: str, **info: Any) -> None: ...


listener: Listener = hear
listener = Ears()


async def alone(loop: asyncio.AbstractEventLoop) -> None:
    async with molotov.ClientSession(headers={"a": "b"}) as session:
        assert_type(session, ClientSession)
        assert_type(session.loop, asyncio.AbstractEventLoop)
    await molotov.ClientSession(None, loop=loop, timeout=1).close()


@molotov.scenario(weight=10, delay=0.5, name="all of a session")
async def methods(session: ClientSession) -> None:
    url = URL(URL_OF_IT)
    requests = [
        session.get(url, params={"a": 1}, allow_redirects=False),
        session.head(URL_OF_IT, headers={"a": "b"}, max_redirects=3),
        session.options(url, cookies={"a": "b"}, raise_for_status=True),
        session.post(url, json={"a": 1}, timeout=3),
        session.put(url, data=b"bytes", auth=None),
        session.patch(url, data={"field": "value"}, verify_ssl=False),
        session.put(url, ssl_context=None, fingerprint=b"x" * 32),
        session.put(
            url,
            ssl=client.Fingerprint(b"x" * 32),
            server_hostname="example.com",
        ),
        session.delete(url, ssl=False, raise_for_status=check),
        session.request("GET", url, headers=[("a", "b")]),
    ]
    assert_type(requests, list[Request])
    options: RequestOptions = {"timeout": 3, "params": "a=b"}
    await session.put(
        url,
        data=b"bytes",
        compress="gzip",
        chunked=True,
        expect100=True,
        skip_auto_headers=["User-Agent"],
        proxy=URL("http://localhost:3128"),
        proxy_auth=None,
        proxy_headers={"A": "b"},
        read_until_eof=False,
        read_bufsize=100,
        auto_decompress=False,
        max_line_size=100,
        max_field_size=100,
        max_headers=3,
        trace_request_ctx={"a": 1},
        middlewares=(),
        upload_tracker=client.UploadTracker(),
        name="upload",
    )
    assert_type(await session.get(url, **options), Response)
    session.print("text")
    assert_type(session.trace_configs, list[Any])
    assert_type(session.closed, bool)
    assert_type(session.loop, asyncio.AbstractEventLoop)
    session.headers["X-Token"] = "x"
    assert_type(session.headers, CIMultiDict[str])
    assert_type(session.skip_auto_headers, frozenset[str])
    assert_type((session.auth, session.timeout), tuple[Any, Any])
    assert_type((session.version, session.json_serialize), tuple[Any, Any])
    assert_type((session.cookie_jar, session.raise_for_status), tuple[Any, Any])
    assert_type(session.auto_decompress, bool)
    assert_type(session.connector_owner, bool)
    assert_type(session.requote_redirect_url, bool)
    assert_type(session.base_url, URL | None)
    session.detach()
    if session.console is not None:
        session.console.print("text")
    await session.close()
    requests[0].throw(ValueError())
    requests[0].send(None)
    requests[0].close()


@molotov.scenario()
async def answers(session: ClientSession) -> None:
    async with session.get(URL_OF_IT) as resp:
        assert_type(resp, Response)
        assert_type(resp.status, int)
        assert_type(resp.ok, bool)
        assert_type(resp.reason, str)
        assert_type(resp.method, str)
        assert_type(resp.closed, bool)
        assert_type(resp.headers, CIMultiDictProxy[str])
        assert_type(resp.raw_headers, tuple[tuple[bytes, bytes], ...])
        assert_type(resp.content, StreamReader)
        assert_type((resp.url, resp.real_url), tuple[URL, URL])
        assert_type((resp.url_obj, resp.output_size), tuple[URL, int])
        assert_type(resp.host, str | None)
        assert_type((resp.version.major, resp.version.minor), tuple[int, int])
        if resp.connection is not None:
            resp.connection.close()
            resp.connection.release()
            assert_type(resp.connection.closed, bool)
        assert_type(resp.history, tuple[Hop, ...])
        assert_type(resp.cookies, SimpleCookie)
        assert_type(resp.content_type, str)
        assert_type(resp.charset, str | None)
        assert_type(resp.content_length, int | None)
        assert_type(resp.get_encoding(), str)
        assert_type(resp.links, MultiDictProxy[Any])
        if resp.content_disposition is not None:
            assert_type(resp.content_disposition.filename, str | None)
        assert_type(resp.request_info, RequestInfo)
        assert_type(resp.request_info.method, str)
        if resp.request is not None:
            assert_type(resp.request.method, str)
        assert_type(await resp.read(), bytes)
        assert_type(await resp.text(encoding="utf-8", errors="replace"), str)
        assert_type(await resp.json(content_type=None), Any)
        resp.raise_for_status()
        await resp.release()
        await resp.wait_for_close()
        resp.close()
    for hop in resp.history:
        assert_type((hop.status, hop.ok), tuple[int, bool])
        assert_type((hop.method, hop.reason), tuple[str, str])
        assert_type(hop.headers, CIMultiDictProxy[str])
        assert_type((hop.url, hop.real_url), tuple[URL, URL])
        assert_type((hop.host, hop.charset), tuple[str | None, str | None])
        assert_type(hop.version.minor, int)
        assert_type(hop.request_info, RequestInfo)
        assert_type(hop.content_length, int | None)
        assert_type((hop.content_type, hop.closed), tuple[str, bool])
        assert_type((hop.cookies, hop.connection), tuple[Any, None])
        assert_type(hop.links, MultiDictProxy[Any])
        len(hop.raw_headers) + len(hop.history)
        hop.raise_for_status()
        if hop.content_disposition is not None:
            assert_type(hop.content_disposition.type, str | None)
        assert_type(await hop.read(), bytes)
        assert_type(await hop.text(), str)
        await hop.json()
        hop.release()
        hop.close()


@molotov.scenario()
async def stream(session: ClientSession) -> None:
    async with session.get(URL_OF_IT) as resp:
        content = resp.content
        assert_type(await content.read(10), bytes)
        assert_type(await content.readany(), bytes)
        assert_type(await content.readexactly(2), bytes)
        async for piece in content.iter_chunked(100):
            assert_type(piece, bytes)
        async for piece in content.iter_any():
            assert_type(piece, bytes)
        async for line in content:
            assert_type(line, bytes)
        async for pair in content.iter_chunks():
            assert_type(pair, tuple[bytes, bool])
        assert_type(await content.readchunk(), tuple[bytes, bool])
        assert_type(await content.readline(max_line_length=80), bytes)
        assert_type(await content.readuntil(b"|", max_size=80), bytes)
        content.unread_data(content.read_nowait(10))
        assert_type((content.at_eof(), content.is_eof()), tuple[bool, bool])
        assert_type(content.total_bytes, int)
        assert_type(content.total_raw_bytes, int)
        assert_type(content.total_compressed_bytes, int | None)
        content.set_read_chunk_size(1 << 20)
        await content.wait_eof()
        assert_type(content.exception(), BaseException | None)


@molotov.scenario()
async def parts(session: ClientSession) -> None:
    form = client.FormData({"a": "b"})
    form.add_field("c", b"d", filename="e")
    form.add_fields(("f", "g"))
    assert_type(form.is_multipart, bool)
    with client.MultipartWriter("mixed") as writer:
        writer.append("text")
        writer.append_json({"a": 1})
        writer.append_form([("a", "b")])
        writer.append_payload(writer)
    assert_type((writer.boundary, writer.size), tuple[str, int | None])
    assert_type(writer.at_hand(), bytes | None)
    await writer.write(Collected())
    writer.close_now()
    await writer.close()
    timeout = client.ClientTimeout(
        total=1, connect=2, sock_read=3, sock_connect=4, ceil_threshold=5
    )
    async with session.post(URL_OF_IT, data=writer, timeout=timeout) as resp:
        wrapped = client.MultipartReader.from_response(resp)
        await wrapped.next()
        reader = client.MultipartReader(resp.headers, resp.content)
        assert_type(reader.part_reader_cls, type[client.BodyPartReader])
        print(reader.multipart_reader_cls, reader.response_wrapper_cls)
        print(await reader.fetch_next_part())
        async for part in reader:
            if isinstance(part, client.MultipartReader):
                continue
            assert_type(part.chunk_size, int)
            assert_type(await part.next(), bytes | None)
            assert_type(await part.read_chunk(100), bytes)
            assert_type(await part.form(), list[tuple[str, str]])
            assert_type(part.decode(b""), bytes)
            async for piece in part.decode_iter(b""):
                assert_type(piece, bytes)
            assert_type(part.get_charset("utf-8"), str)
            assert_type(
                (part.name, part.filename), tuple[str | None, str | None]
            )


def users() -> None:
    user = client.BasicAuth.decode("Basic bWU6cHc=")
    assert_type(
        client.BasicAuth.from_url(URL(URL_OF_IT)), client.BasicAuth | None
    )
    assert_type((user.login, user.encode()), tuple[str, str])
    assert_type(client.encode_basic_auth("me", "pw"), str)


def traces() -> None:
    config = client.TraceConfig()
    for signal in (
        config.on_request_start,
        config.on_request_chunk_sent,
        config.on_response_chunk_received,
        config.on_request_end,
        config.on_request_exception,
        config.on_request_redirect,
        config.on_connection_queued_start,
        config.on_connection_queued_end,
        config.on_connection_create_start,
        config.on_connection_create_end,
        config.on_connection_reuseconn,
        config.on_dns_resolvehost_start,
        config.on_dns_resolvehost_end,
        config.on_dns_cache_hit,
        config.on_dns_cache_miss,
        config.on_request_headers_sent,
    ):
        signal.append(told)
    assert_type(config.trace_config_ctx({"a": 1}), Any)
    config.freeze()


async def told(session: ClientSession, context: Any, params: Any) -> None: ...


async def changed(request: client.ClientRequest) -> None:
    assert_type((request.url, request.original_url), tuple[URL, URL])
    assert_type(request.is_ssl(), bool)
    request.update_headers({"a": "b"})
    request.update_auth(client.BasicAuth("me", "pw"))
    await request.update_body(request.body)


@molotov.scenario()
async def metrics(session: ClientSession) -> None:
    statsd = session.statsd
    if statsd is None:
        return
    statsd.increment("a", value=2, tags={"b": 1}, sample_rate=0.5)
    statsd.incr("a")
    statsd.decrement("a")
    statsd.gauge("a", value=1.5)
    statsd.histogram("a", value=1)
    statsd.distribution("a", value=1)
    statsd.timing("a", value=1)
    with statsd.timeit("a", threshold_ms=5):
        pass
    assert_type(statsd.timeit_task(asyncio.sleep(0, 1), "a"), asyncio.Task[int])
    assert_type((statsd.connected, statsd.disconnected), tuple[bool, bool])
    assert_type(statsd.closing, bool)
    await statsd.close()
    await statsd.connect()
    statsd.open()


@molotov.scenario()
async def counting(session: ClientSession) -> None:
    counters["runs"] += 1
    counters["errors"] = 0
    assert_type(counters["runs"], Counter)
    assert_type(counters["runs"].value + 1, int)
    assert_type(counters.to_dict(), dict[str, int])
    for name, counter in counters.items():
        assert_type((name, counter.name), tuple[str, str])
    assert_type(sorted(counters.keys()), list[str])
    assert_type(list(counters.values()), list[Counter])
    assert Counter("mine") < 5


@molotov.teardown_session()
async def closing(worker_id: int, session: ClientSession) -> None: ...


@molotov.teardown()
def ended(worker_id: int) -> None: ...


@molotov.global_teardown()
def end() -> None: ...


@molotov.scenario_picker()
def pick(worker_id: int, step_id: int) -> str:
    return "answers"


@molotov.session_factory("mine")
def make(loop: Any, console: Any, verbose: int, *rest: Any) -> object:
    return object()


@molotov.events()
async def heard(event: str, **info: Any) -> None: ...


async def one_more(loop: asyncio.AbstractEventLoop) -> None:
    session = get_session(loop, None, verbose=2, headers={"a": "b"})
    assert_type(molotov.get_context(session), Any)


def errors() -> None:
    try:
        molotov.request(URL_OF_IT)
    except exceptions.UnixClientConnectorError as error:
        assert_type(error.path, str)
    except exceptions.ClientConnectorCertificateError as error:
        assert_type(error.certificate_error, Exception)
    except exceptions.ClientConnectorError as error:
        assert_type((error.host, error.port), tuple[str, int | None])
        assert_type((error.os_error, error.ssl), tuple[OSError, Any])
    except exceptions.ServerFingerprintMismatch as error:
        assert_type((error.expected, error.got), tuple[bytes, bytes])
        assert_type((error.host, error.port), tuple[str, int])
    except exceptions.ServerDisconnectedError as error:
        assert_type(error.message, Any)
    except exceptions.ClientResponseError as error:
        assert_type((error.status, error.message), tuple[int, str])
        print(error.headers, error.history, error.request_info)
    except exceptions.WebSocketError as error:
        assert_type(error.code, int)
    except exceptions.UploadAbortedError:
        pass
    except (exceptions.EofStream, exceptions.WSMessageTypeError):
        pass
    except exceptions.InvalidURL as error:
        assert_type(error.description, str | None)
        print(error.url)


class Names(AbstractResolver):
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        other: AbstractResolver = client.ThreadedResolver()
        if not host:
            other = client.AsyncResolver(nameservers=["127.0.0.1"])
        found = await other.resolve(host, port, family)
        await other.close()
        first = found[0]
        return [
            {
                "hostname": first["hostname"],
                "host": first["host"],
                "port": first["port"],
                "family": first["family"],
                "proto": first["proto"],
                "flags": first["flags"],
            }
        ]

    async def close(self) -> None:
        pass


async def connectors() -> None:
    unix = molotov.UnixConnector("/run/app.sock", limit=5)
    tcp = molotov.TCPConnector(
        use_dns_cache=True,
        ttl_dns_cache=10,
        dns_cache_max_size=1000,
        family=socket.AF_INET,
        ssl=True,
        local_addr=("127.0.0.1", 0),
        resolver=Names(),
        keepalive_timeout=15,
        limit=100,
        limit_per_host=0,
        loop=None,
        happy_eyeballs_delay=0.25,
        interleave=1,
        socket_factory=lambda info: socket.socket(info[0]),
    )
    tcp.clear_dns_cache()
    tcp.clear_dns_cache("example.com", 443)
    assert_type(tcp.limit, int)
    assert_type(tcp.closed, bool)
    assert isinstance(tcp, client.BaseConnector)
    await tcp.close()
    assert_type((unix.path, unix.force_close), tuple[str, bool])
    assert_type((unix.limit, unix.limit_per_host), tuple[int, int])
    molotov.NamedPipeConnector(r"\\.\pipe\app")


ERRORS: list[type[exceptions.ClientError]] = [
    exceptions.ClientConnectionError,
    exceptions.ClientConnectionResetError,
    exceptions.ClientConnectorDNSError,
    exceptions.ClientConnectorSSLError,
    exceptions.ClientHttpProxyError,
    exceptions.ClientOSError,
    exceptions.ClientPayloadError,
    exceptions.ClientProxyConnectionError,
    exceptions.ClientSSLError,
    exceptions.ConnectionTimeoutError,
    exceptions.ContentTypeError,
    exceptions.InvalidUrlClientError,
    exceptions.InvalidUrlRedirectClientError,
    exceptions.NonHttpUrlClientError,
    exceptions.NonHttpUrlRedirectClientError,
    exceptions.RedirectClientError,
    exceptions.ServerConnectionError,
    exceptions.ServerTimeoutError,
    exceptions.SocketTimeoutError,
    exceptions.TooManyRedirects,
    exceptions.WSServerHandshakeError,
]


@molotov.scenario()
async def talks(session: ClientSession) -> None:
    options: WebSocketConnectOptions = {
        "method": "GET",
        "protocols": ["chat"],
        "timeout": ClientWSTimeout(ws_receive=1.0, ws_close=1.0),
        "receive_timeout": None,
        "autoclose": True,
        "autoping": True,
        "heartbeat": 20.0,
        "auth": None,
        "origin": None,
        "params": None,
        "headers": None,
        "proxy": None,
        "proxy_auth": None,
        "ssl": False,
        "verify_ssl": None,
        "fingerprint": None,
        "ssl_context": None,
        "server_hostname": None,
        "proxy_headers": None,
        "compress": 15,
        "max_msg_size": 0,
        "decode_text": True,
    }
    async with session.ws_connect(URL_OF_IT, **options) as ws:
        assert_type(ws, ClientWebSocketResponse)
        await ws.send_str("text", compress=9)
        await ws.send_bytes(b"bytes")
        await ws.send_json({})
        await ws.send_json_bytes({}, dumps=lambda data: bytes(data))
        await ws.send_frame(b"", WSMsgType.PING)
        await ws.ping(b"")
        await ws.pong(b"")
        assert_type(await ws.receive_str(timeout=1), str)
        assert_type(await ws.receive_bytes(), bytes)
        assert_type(await ws.receive_json(), Any)
        message: WSMessage | WSMessageTextBytes = await ws.receive(timeout=1)
        print(message.type, message.data, message.extra, message.json())
        assert_type(ws.exception(), BaseException | None)
        assert_type((ws.closed, ws.close_code), tuple[bool, int | None])
        assert_type((ws.protocol, ws.compress), tuple[str | None, int])
        print(ws.client_notakeover, ws.get_extra_info("peername"))
        print(await ws.close(code=WSCloseCode.OK, message=b""))


def program(args: argparse.Namespace) -> None:
    assert_type(running.run(args), dict[str, Any])
    assert_type(running.main(args), int)
    assert_type(slave.main(["repo", "test"]), int)
    assert_type(quickstart.main([]), int)
    try:
        expand_options("molotov.json", "test", args)
    except OptionError as error:
        print(error)
    for found in api.get_scenarios():
        assert_type((found.name, found.weight), tuple[str, float])
        print(found.delay, found.func, found.args, found.kw)
    assert_type(api.get_scenario("answers"), api.Scenario | None)
    Functions = dict[str, Callable[..., Any]]
    assert_type(api.get_fixtures(), Functions)
    print(api.get_fixture("setup"), api.get_session_factory("mine"))
    print(api.get_listeners())
    api.clear()


example: Callable[[ClientSession], Coroutine[Any, Any, None]]
example = dummy.scenario_one
example = answers

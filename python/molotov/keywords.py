"""The keywords of sessions and of requests, for type checkers."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypedDict

Pairs = Mapping[str, Any] | Iterable[tuple[str, Any]]
"""Names and values: a dict, a multidict, pairs."""

Middleware = Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]
"""Given a request and what sends it on, returns the answer."""


class SessionOptions(TypedDict, total=False):
    """The keywords of a session: what ``@setup()`` may return, and what
    ``get_session()`` takes."""

    headers: Pairs | None
    """Fields of each request, over the client's own: a dict, a multidict, or
    pairs of name and value."""
    cookies: Pairs | None
    """The first ones of its cookie jar."""
    auth: Any
    """An object with ``login`` and ``password``, such as aiohttp's
    BasicAuth."""
    timeout: Any
    """Seconds for a request and its answer, or an object with the parts of
    aiohttp's ClientTimeout; None: no bound. 300 s if not given, 30 s of them
    for the connection."""
    raise_for_status: bool | Callable[[Any], Awaitable[None]]
    """Whether an answer with a status from 400 on raises; or a coroutine
    function that is given each answer."""
    json_serialize: Callable[[Any], str]
    """What makes the text of ``json=``; ``json.dumps`` if not given."""
    json_serialize_bytes: Callable[[Any], bytes] | None
    """In its place, what makes the bytes of ``json=``."""
    auto_decompress: bool
    """Whether bodies are decoded (gzip, deflate, br, zstd); they are if not
    given."""
    base_url: Any
    """What relative URLs are seen from: a str or a ``yarl.URL`` that ends in a
    slash."""
    cookie_jar: Any
    """A ``CookieJar`` or ``DummyCookieJar``, ours or aiohttp's."""
    skip_auto_headers: Iterable[str] | None
    """Fields of the client's own that are left out."""
    version: Any
    """Of HTTP, as a pair of numbers: (1, 1) or (1, 0)."""
    connector_owner: bool
    """Whether the connector is closed together with the session; it is if not
    given. Those who share one say False, and close it themselves."""
    requote_redirect_url: bool
    """Whether the encoding of a redirect's URL is brought into one form, as
    that of any other; it is if not given. False: it is taken as it came."""
    read_bufsize: int
    """Bytes: reading pauses when twice as much waits; 64 KiB if not given."""
    max_line_size: int
    """Bytes of the text behind an answer's status, 8190 if not given."""
    max_field_size: int
    """Bytes of each of an answer's fields, name and value together; 8190 if not
    given."""
    max_headers: int
    """How many fields an answer may have, 128 if not given."""
    fallback_charset_resolver: Callable[[Any, bytes], str]
    """Gives the charset of an answer that does not say it, from the answer
    and its body; UTF-8 if not given."""
    proxy: Any
    """The URL of an HTTP proxy for all requests."""
    proxy_auth: Any
    """Its user, as of ``auth``; else that of its URL."""
    trust_env: bool
    """Whether HTTP_PROXY, HTTPS_PROXY, NO_PROXY and ``.netrc`` count. They are
    read when the session is made."""
    connector: Any
    """A ``TCPConnector``, which says how many connections there are and how
    they are made, or a ``UnixConnector``, where all requests go, whatever host
    they name; of Molotov or of aiohttp. 100 connections at once if not
    given."""
    ssl: Any
    """As of a request, for those that do not say it themselves. aiohttp has it
    in ``TCPConnector(ssl=...)``, which counts here too."""
    trace_configs: Iterable[Any] | None
    """Objects that are told of each step of a request:
    ``molotov.client.TraceConfig``, or aiohttp's."""
    read_timeout: float | None
    """Deprecated: ``timeout`` with this ``total``."""
    conn_timeout: float | None
    """Deprecated: ``timeout`` with this ``connect``."""
    middlewares: Iterable[Middleware]
    """Functions that stand between a request and its answer, the outermost
    first: ``async def middleware(request, handler)``."""


class RequestOptions(TypedDict, total=False):
    """The keywords of a request: of ``session.get()`` and its like, and of
    ``molotov.request()``."""

    params: str | Pairs | None
    """Added to the query of the URL."""
    data: Any
    """The body: bytes, a str, names and values for a form, a file, a
    ``FormData`` or ``MultipartWriter`` of aiohttp's, an asynchronous iterable
    of bytes, another response's ``content``."""
    json: Any
    """The body, sent as JSON. Not together with ``data``."""
    headers: Pairs | None
    """Fields, over those of the session."""
    cookies: Pairs | None
    """Sent besides those of the session's jar."""
    auth: Any
    """As of the session."""
    timeout: Any
    """As of the session, whose one it replaces."""
    allow_redirects: bool
    """Whether redirects are followed; they are if not given."""
    max_redirects: int
    """How many are followed, 10 if not given. One more raises
    TooManyRedirects."""
    raise_for_status: bool | Callable[[Any], Awaitable[None]] | None
    """As of the session, whose one it replaces; None: the session's."""
    ssl: Any
    """Of https: an ``ssl.SSLContext``, which speaks TLS in place of the
    client's own; False: the server's certificate is not verified; or the
    certificate that it is to have, as a ``Fingerprint``, ours or aiohttp's.
    True, and not given: as of the session."""
    server_hostname: str | None
    """Whom the server's certificate is to be for, in place of the URL's host;
    the server is told so too (SNI)."""
    verify_ssl: bool | None
    """False: as ``ssl=False``, which it is the older name of."""
    fingerprint: bytes | None
    """As ``ssl=Fingerprint(...)``, which it is the older name of."""
    ssl_context: Any
    """As ``ssl``, which it is the older name of."""
    compress: str | bool | None
    """A content coding that ``data`` is sent in: ``gzip`` or ``deflate``,
    which is what True means."""
    chunked: bool | None
    """Whether ``data`` is sent in chunks also where its size is known."""
    expect100: bool
    """Whether a body waits until the server asks for it, or a second."""
    skip_auto_headers: Iterable[str] | None
    """Fields of the client's own that are left out."""
    trace_request_ctx: Any
    """What ``trace_config_ctx()`` of each trace configuration is given."""
    middlewares: Iterable[Middleware] | None
    """As of the session, whose ones it replaces."""
    proxy: Any
    """The URL of an HTTP proxy, in place of the session's."""
    proxy_auth: Any
    """As of the session, whose one it replaces."""
    proxy_headers: Pairs | None
    """Fields for the proxy alone, when it is asked for a tunnel (https), and
    its Authorization."""
    read_until_eof: bool
    """Whether an answer that does not say how long it is has a body; it has if
    not given."""
    read_bufsize: int | None
    """As of the session, whose one it replaces."""
    auto_decompress: bool | None
    """As of the session, whose one it replaces."""
    max_line_size: int | None
    """As of the session, whose one it replaces."""
    max_field_size: int | None
    """As of the session, whose one it replaces."""
    max_headers: int | None
    """As of the session, whose one it replaces."""
    upload_tracker: Any
    """A new ``molotov.client.UploadTracker``, which says how far the body was
    sent."""
    name: str | None
    """What it is counted as in the results, redirects included, in place of its
    method and path. A keyword of Molotov's own."""


class WebSocketConnectOptions(TypedDict, total=False):
    """The keywords of ``session.ws_connect()``."""

    method: str
    """Of the request that opens it; GET if not given."""
    protocols: Iterable[str]
    """Subprotocols, the preferred one first; the server chooses one of them, or
    none."""
    timeout: Any
    """An object with ``ws_receive`` and ``ws_close``, such as
    :class:`ClientWSTimeout`, or seconds for ``ws_close``."""
    receive_timeout: float | None
    """In place of the timeout's ``ws_receive``."""
    autoclose: bool
    """Whether the server's close frame is answered; it is if not given."""
    autoping: bool
    """Whether pings are answered, and neither they nor pongs received; they are
    if not given."""
    heartbeat: float | None
    """Pings the server after so many seconds without a word from it, and
    takes it for gone after half of that without an answer."""
    auth: Any
    """As of a request."""
    origin: str | None
    """The Origin field."""
    params: str | Pairs | None
    """As of a request."""
    headers: Pairs | None
    """As of a request."""
    proxy: Any
    """As of a request, as are all that follow up to ``proxy_headers``."""
    proxy_auth: Any
    """For the proxy."""
    ssl: Any
    """As of a request, as are the four that follow."""
    verify_ssl: bool | None
    """The older name of ``ssl=False``."""
    fingerprint: bytes | None
    """The older name of ``ssl=Fingerprint(...)``."""
    ssl_context: Any
    """The older name of ``ssl``."""
    server_hostname: str | None
    """Whom the server's certificate is to be for."""
    proxy_headers: Pairs | None
    """For the proxy."""
    compress: int
    """Window bits, 9 to 15: asks for compression (permessage-deflate). 0 if not
    given: none."""
    max_msg_size: int
    """Bytes, 4 MiB if not given: a message of that size or more ends the
    WebSocket. 0: no bound."""
    decode_text: bool
    """False: the ``data`` of text is bytes, and not checked."""

"""The parts of the HTTP client that are not on every request's way.

The engine calls these by name: what a request's options mean, and what an
answer's attributes are made of.
"""

import base64
import json as json_module
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus

from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy
    from yarl import URL

    from molotov._engine import Response
    from molotov.session import ClientSession

USER_AGENT = "Molotov/3.0"
AUTOMATIC = (
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate"),
    ("User-Agent", USER_AGENT),
)
# total, connect, sock_connect, sock_read, in seconds; 0: no bound.
DEFAULT_TIMEOUT = (300.0, 0.0, 30.0, 0.0)
BODY_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))
TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

Timeout = tuple[float, float, float, float]


class Prepared(NamedTuple):
    """A request as the engine takes it (session_object.cc reads it)."""

    method: str
    url: str
    fields: bytes
    cookies: bytes
    body: bytes | None
    content_fields: bytes
    timeout: Timeout | None
    allow_redirects: bool
    max_redirects: int
    verify: bool
    raise_for_status: bool


def header_items(headers: Any) -> list[tuple[str, str]]:
    """The fields of whatever `headers=` was given."""
    if headers is None:
        return []
    items = headers.items() if hasattr(headers, "items") else headers
    found = [(str(name), str(value)) for name, value in items]
    for name, value in found:
        if not name or not TOKEN.issuperset(name):
            raise ValueError(f"Invalid header name: {name!r}")
        if any(c in value for c in "\r\n\0"):
            raise ValueError(f"Invalid value for header {name}: {value!r}")
    return found


def merge(
    defaults: list[tuple[str, str]], own: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """A request's fields put over its session's."""
    if not own:
        return defaults
    replaced = {name.lower() for name, _ in own}
    kept = [item for item in defaults if item[0].lower() not in replaced]
    return kept + own


def render(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode(
        "utf-8", "surrogateescape"
    )


def with_automatic(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields, and those that every request has unless they are given."""
    given = {name.lower() for name, _ in fields}
    return fields + [f for f in AUTOMATIC if f[0].lower() not in given]


def read_timeout(timeout: Any) -> Timeout:
    """`timeout=` as a number of seconds (of the whole exchange), or as an
    object with the parts of aiohttp's ClientTimeout."""
    if timeout is None:
        return (0.0, 0.0, 0.0, 0.0)
    if isinstance(timeout, int | float):
        return (float(timeout), *DEFAULT_TIMEOUT[1:])
    total, connect, sock_connect, sock_read = (
        float(getattr(timeout, part, None) or 0)
        for part in ("total", "connect", "sock_connect", "sock_read")
    )
    return (total, connect, sock_connect, sock_read)


def render_cookies(cookies: Any) -> list[tuple[str, str]]:
    if cookies is None:
        return []
    items = cookies.items() if hasattr(cookies, "items") else cookies
    pairs = [
        (str(name), str(getattr(value, "value", value)))
        for name, value in items
    ]
    for name, value in pairs:
        if not name or not TOKEN.issuperset(name):
            raise ValueError(f"Invalid cookie name: {name!r}")
        if any(c in value for c in "\r\n\0;") or value != value.strip():
            raise ValueError(f"Invalid value for cookie {name}: {value!r}")
    return pairs


def authorization(auth: Any) -> str:
    """`auth=`: anything with aiohttp's BasicAuth's parts."""
    encoding = getattr(auth, "encoding", "latin1")
    pair = f"{auth.login}:{auth.password}".encode(encoding)
    return "Basic " + base64.b64encode(pair).decode()


def session_options(
    *,
    headers: Any = None,
    cookies: Any = None,
    auth: Any = None,
    timeout: Any = DEFAULT_TIMEOUT,
    raise_for_status: bool = False,
    json_serialize: Callable[[Any], str] = json_module.dumps,
    auto_decompress: bool = True,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a session is made with: for its native half, and for Python's."""
    fields = header_items(headers)
    if auth is not None:
        fields = merge(fields, [("Authorization", authorization(auth))])
    native = {
        "fields": render(with_automatic(fields)),
        "timeout": timeout if timeout is DEFAULT_TIMEOUT else read_timeout(timeout),
        "cookies": dict(render_cookies(cookies)),
        "keep_cookies": True,
        "raise_for_status": bool(raise_for_status),
        "decode": bool(auto_decompress),
    }
    ours = {
        "_fields": fields,
        "_json_serialize": json_serialize,
        "_raise_for_status": bool(raise_for_status),
    }
    return native, ours


def form(data: Iterable[tuple[Any, Any]]) -> bytes:
    """application/x-www-form-urlencoded."""
    return "&".join(
        f"{quote_plus(str(name))}={quote_plus(str(value))}"
        for name, value in data
    ).encode()


def is_simple(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def body_of(data: Any) -> tuple[bytes, str]:
    """`data=` as bytes and their content type."""
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data), "application/octet-stream"
    if isinstance(data, str):
        return data.encode(), "text/plain; charset=utf-8"
    pairs: list[tuple[Any, Any]] | None = None
    if isinstance(data, Mapping) or hasattr(data, "items"):
        pairs = list(data.items())
    elif isinstance(data, list | tuple):
        pairs = [tuple(pair) for pair in data]  # type: ignore[misc]
    if pairs is None or not all(is_simple(value) for _, value in pairs):
        raise TypeError(
            f"data= of {type(data).__name__} is not supported yet: "
            "bytes, str, and a dict or pairs of str and numbers are"
        )
    return form(pairs), "application/x-www-form-urlencoded"


def with_params(url: str, params: Any) -> str:
    """The URL with `params=` added to its query."""
    if not params:
        return url
    from yarl import URL

    parsed = URL(url)
    return str(parsed.extend_query(params))


def prepare_request(
    session: "ClientSession", method: str, url: Any, options: dict[str, Any]
) -> Prepared:
    """Works out what the options of one request mean.

    :raises TypeError: for an option that aiohttp does not have, or that is
        not supported yet.
    """
    method = method.upper()
    text = url if isinstance(url, str) else str(url)
    plain = Options(**options)
    fields = session._fields
    if plain.headers is not None or plain.auth is not None:
        own = header_items(plain.headers)
        if plain.auth is not None:
            own = merge(own, [("Authorization", authorization(plain.auth))])
        fields = merge(fields, own)
    body, content = prepare_body(session, method, plain, fields)
    pairs = render_cookies(plain.cookies)
    return Prepared(
        method=method,
        url=with_params(text, plain.params),
        fields=render(with_automatic(fields)),
        cookies="; ".join(f"{n}={v}" for n, v in pairs).encode(),
        body=body,
        content_fields=content,
        timeout=(
            None if plain.timeout is UNSET else read_timeout(plain.timeout)
        ),
        allow_redirects=bool(plain.allow_redirects),
        max_redirects=int(plain.max_redirects),
        verify=plain.verifies(),
        raise_for_status=(
            session._raise_for_status
            if plain.raise_for_status is None
            else bool(plain.raise_for_status)
        ),
    )


def prepare_body(
    session: "ClientSession",
    method: str,
    options: "Options",
    fields: list[tuple[str, str]],
) -> tuple[bytes | None, bytes]:
    if options.data is not None and options.json is not None:
        raise ValueError("data and json parameters can not be used together")
    if options.json is not None:
        body = session._json_serialize(options.json).encode()
        content_type = "application/json"
    elif options.data is not None:
        body, content_type = body_of(options.data)
    else:
        return (b"" if method in BODY_METHODS else None), b""
    if any(name.lower() == "content-type" for name, _ in fields):
        return body, b""
    return body, f"Content-Type: {content_type}\r\n".encode()


UNSET = object()


class Options:
    """The keywords of a request, as aiohttp has them."""

    def __init__(
        self,
        *,
        params: Any = None,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        cookies: Any = None,
        auth: Any = None,
        timeout: Any = UNSET,
        allow_redirects: bool = True,
        max_redirects: int = 10,
        raise_for_status: bool | None = None,
        ssl: Any = True,
        verify_ssl: bool | None = None,
    ) -> None:
        self.params = params
        self.data = data
        self.json = json
        self.headers = headers
        self.cookies = cookies
        self.auth = auth
        self.timeout = timeout
        self.allow_redirects = allow_redirects
        self.max_redirects = max_redirects
        self.raise_for_status = raise_for_status
        self.ssl = ssl
        self.verify_ssl = verify_ssl

    def verifies(self) -> bool:
        """Whether the server's certificate is looked at."""
        ssl = self.ssl if self.verify_ssl is None else self.verify_ssl
        if ssl is None or isinstance(ssl, bool):
            return ssl is not False
        raise TypeError(
            f"ssl= of {type(ssl).__name__} is not supported yet: "
            "True and False are"
        )


# What the engine makes an answer's attributes of.


def make_headers(
    fields: list[tuple[bytes, bytes]],
) -> "CIMultiDictProxy[str]":
    from multidict import CIMultiDict, CIMultiDictProxy

    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in fields:
        headers.add(
            name.decode("utf-8", "surrogateescape"),
            value.decode("utf-8", "surrogateescape"),
        )
    return CIMultiDictProxy(headers)


def url_of(response: "Response") -> "URL":
    from yarl import URL

    return URL(response._url_text)


def host_of(response: "Response") -> str | None:
    return url_of(response).host


class RequestInfo(NamedTuple):
    """What was asked, as aiohttp's RequestInfo."""

    url: Any
    method: str
    headers: Any
    real_url: Any


def request_info_of(response: "Response") -> RequestInfo:
    url = url_of(response)
    return RequestInfo(url, response.method, make_headers([]), url)


class Hop:
    """An answer that redirected: what of it is kept."""

    def __init__(
        self,
        status: int,
        url: str,
        method: str,
        reason: str,
        fields: list[tuple[bytes, bytes]],
    ) -> None:
        self.status = status
        self.method = method
        self.reason = reason
        self.headers = make_headers(fields)
        self.raw_headers = tuple(fields)
        self._url_text = url

    @property
    def url(self) -> "URL":
        from yarl import URL

        return URL(self._url_text)

    real_url = url

    @property
    def ok(self) -> bool:
        return self.status < 400

    def __repr__(self) -> str:
        return f"<ClientResponse({self._url_text}) [{self.status}]>"


def history_of(response: "Response") -> tuple[Hop, ...]:
    return tuple(Hop(*hop) for hop in response._hops)


def cookies_of(response: "Response") -> Any:
    from http.cookies import CookieError, SimpleCookie

    cookies = SimpleCookie()
    for value in response.headers.getall("Set-Cookie", ()):
        try:
            cookies.load(value)
        except CookieError:
            continue
    return cookies


def content_type_parts(response: "Response") -> tuple[str, dict[str, str]]:
    from email.message import Message

    value = response.headers.get("Content-Type")
    if value is None:
        return "application/octet-stream", {}
    message = Message()
    message["content-type"] = value
    parameters = message.get_params() or []
    return message.get_content_type(), {k.lower(): v for k, v in parameters[1:]}


def content_type_of(response: "Response") -> str:
    return content_type_parts(response)[0]


def charset_of(response: "Response") -> str | None:
    return content_type_parts(response)[1].get("charset")


def content_length_of(response: "Response") -> int | None:
    value = response.headers.get("Content-Length")
    return None if value is None else int(value)


def encoding_of(response: "Response") -> str:
    import codecs

    charset = charset_of(response)
    if charset:
        try:
            return codecs.lookup(charset).name
        except (LookupError, ValueError):
            pass
    return "utf-8"


def decode_text(
    response: "Response",
    body: bytes,
    encoding: str | None = None,
    errors: str = "strict",
) -> str:
    return body.decode(encoding or encoding_of(response), errors)


def decode_json(
    response: "Response",
    body: bytes,
    *,
    encoding: str | None = None,
    loads: Callable[[str], Any] = json_module.loads,
    content_type: str | None = "application/json",
) -> Any:
    if content_type and not is_expected(content_type_of(response), content_type):
        raise exception_class("ContentTypeError")(
            response.request_info,
            response.history,
            status=response.status,
            message=(
                "Attempt to decode JSON with unexpected mimetype: "
                + response.headers.get("Content-Type", "")
            ),
            headers=response.headers,
        )
    stripped = body.strip()
    if not stripped:
        return None
    return loads(stripped.decode(encoding or encoding_of(response)))


def is_expected(content_type: str, expected: str) -> bool:
    if expected == "application/json":
        return content_type == expected or (
            content_type.startswith("application/")
            and content_type.endswith("+json")
        )
    return expected in content_type


def raise_for_status(response: "Response") -> None:
    response.release()
    raise exception_class("ClientResponseError")(
        response.request_info,
        response.history,
        status=response.status,
        message=response.reason,
        headers=response.headers,
    )


class StreamReader:
    """A response's body as it comes: aiohttp's StreamReader."""

    def __init__(self, response: "Response") -> None:
        self._response = response

    async def read(self, n: int = -1) -> bytes:
        """Up to `n` bytes as soon as there are any, b"" at the end; -1: all
        that is left."""
        if n == 0:
            return b""
        return await self._response._read_some(n)

    async def readany(self) -> bytes:
        """What is there, or the next that comes; b"" at the end."""
        return await self._response._read_some(1 << 30)

    async def readexactly(self, n: int) -> bytes:
        import asyncio

        read = bytearray()
        while len(read) < n:
            piece = await self.read(n - len(read))
            if not piece:
                raise asyncio.IncompleteReadError(bytes(read), n)
            read += piece
        return bytes(read)

    def at_eof(self) -> bool:
        return self._response._at_eof()

    async def iter_chunked(self, n: int) -> Any:
        while piece := await self.read(n):
            yield piece

    async def iter_any(self) -> Any:
        while piece := await self.readany():
            yield piece


def make_stream(response: "Response") -> StreamReader:
    return StreamReader(response)

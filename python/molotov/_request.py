"""What the options of a session and of a request mean.

The engine calls prepare_request() for whatever is not a plain GET of a URL.
"""

import base64
import json as json_module
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus

if TYPE_CHECKING:
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
# Whose body has a type even where there is none, as with aiohttp.
TYPED_METHODS = BODY_METHODS - {"DELETE"}
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


class SessionDefaults(NamedTuple):
    """What a session's requests are prepared with."""

    fields: list[tuple[str, str]]
    json_serialize: Callable[[Any], str]
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
) -> tuple[dict[str, Any], SessionDefaults]:
    """What a session is made with: for its native half, and for Python's."""
    fields = header_items(headers)
    if auth is not None:
        fields = merge(fields, [("Authorization", authorization(auth))])
    native = {
        "fields": render(with_automatic(fields)),
        "timeout": (
            timeout if timeout is DEFAULT_TIMEOUT else read_timeout(timeout)
        ),
        "cookies": dict(render_cookies(cookies)),
        "keep_cookies": True,
        "raise_for_status": bool(raise_for_status),
        "decode": bool(auto_decompress),
    }
    ours = SessionDefaults(fields, json_serialize, bool(raise_for_status))
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
        pairs = [tuple(pair) for pair in data]
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
    elif method in TYPED_METHODS:
        body, content_type = body_of(b"")
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

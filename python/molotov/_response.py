"""What an answer's attributes are made of, when a scenario asks for them.

The engine calls these by name, with the Response as their first argument.
"""

import json as json_module
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy
    from yarl import URL

    from molotov._engine import Response


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
    if content_type and not is_expected(
        content_type_of(response), content_type
    ):
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

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        while piece := await self.read(n):
            yield piece

    async def iter_any(self) -> AsyncIterator[bytes]:
        while piece := await self.readany():
            yield piece


def make_stream(response: "Response") -> StreamReader:
    return StreamReader(response)

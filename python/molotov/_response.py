"""What an answer's attributes are made of, when a scenario asks for them.

The engine calls these by name, with the Response as their first argument.
"""

import json as json_module
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.client.content_type import (
    DEFAULT,
    parse_content_type,
    said_charset,
)
from molotov.client.http_version import HttpVersion
from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from http.cookies import Morsel

    from multidict import CIMultiDictProxy, MultiDictProxy
    from yarl import URL

    from molotov._engine import Response
    from molotov.client.streams import StreamReader


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


def real_url_of(response: "Response") -> "URL":
    from yarl import URL

    return URL(response._url_text, encoded=True)


def url_of(response: "Response") -> "URL":
    return real_url_of(response).with_fragment(None)


def url_obj_of(response: "Response") -> "URL":
    warnings.warn(
        "Deprecated, use .url #1654", DeprecationWarning, stacklevel=2
    )
    return url_of(response)


def output_size_of(response: "Response") -> int:
    warnings.warn(
        "ClientResponse.output_size is deprecated, "
        "use aiohttp.UploadTracker instead",
        DeprecationWarning,
        stacklevel=2,
    )
    return response._bytes_sent


def version_of(response: "Response") -> HttpVersion:
    return HttpVersion(1, response._minor_version)


def connection_of(response: "Response") -> "ResponseConnection | None":
    return None if response.closed else ResponseConnection(response)


class ResponseConnection:
    """The connection of an answer whose body has not come whole."""

    def __init__(self, response: "Response") -> None:
        self._response = response

    @property
    def closed(self) -> bool:
        """Whether the answer has let go of it."""
        return self._response.closed

    def close(self) -> None:
        """Closes it."""
        self._response.close()

    def release(self) -> None:
        """Lets go of it."""
        self._response.release()


def host_of(response: "Response") -> str | None:
    return url_of(response).host


class RequestInfo(NamedTuple):
    """What was asked, as aiohttp's RequestInfo."""

    url: Any
    """A yarl.URL."""
    method: str
    """In capitals."""
    headers: Any
    """All that were sent, in their order."""
    real_url: Any
    """With its fragment."""


def request_info_of(response: "Response") -> RequestInfo:
    return request_info(
        response._url_text, response.method, response._request_head
    )


def request_info(url_text: str, method: str, head: bytes) -> RequestInfo:
    """
    :param head: the request's, as it was sent.
    """
    from yarl import URL

    from molotov._observed import headers_of

    url = URL(url_text, encoded=True)
    return RequestInfo(url.with_fragment(None), method, headers_of(head), url)


class Hop:
    """An answer that redirected: what of it is kept."""

    def __init__(
        self,
        status: int,
        url: str,
        method: str,
        reason: str,
        fields: list[tuple[bytes, bytes]],
        request_head: bytes,
        minor_version: int,
    ) -> None:
        self.status = status
        """The status code, such as 302."""
        self.method = method
        """Of the request that it answered."""
        self.reason = reason
        """The text behind the status."""
        self.headers = make_headers(fields)
        """The fields."""
        self.raw_headers = tuple(fields)
        """The fields as they came, in their order."""
        self.version = HttpVersion(1, minor_version)
        """Of HTTP."""
        self.history = ()
        """Empty, as aiohttp's is."""
        self.closed = True
        """It has let go of its connection."""
        self.connection = None
        """None: likewise."""
        self._url_text = url
        self._request_head = request_head
        self._released = True

    @property
    def url(self) -> "URL":
        """That it redirected from."""
        return self.real_url.with_fragment(None)

    @property
    def real_url(self) -> "URL":
        """The same with its fragment."""
        from yarl import URL

        return URL(self._url_text, encoded=True)

    @property
    def host(self) -> str | None:
        """Of the URL."""
        return self.url.host

    @property
    def request_info(self) -> RequestInfo:
        """What was asked."""
        return request_info(self._url_text, self.method, self._request_head)

    @property
    def cookies(self) -> Any:
        """Those that it sets."""
        return cookies_of(self)

    @property
    def content_type(self) -> str:
        """Without parameters."""
        return content_type_of(self)

    @property
    def charset(self) -> str | None:
        """As Content-Type has it."""
        return charset_of(self)

    @property
    def content_length(self) -> int | None:
        """Bytes, as the field of that name has it."""
        return content_length_of(self)

    @property
    def content_disposition(self) -> "ContentDisposition | None":
        """What ``Content-Disposition`` says."""
        return content_disposition_of(self)

    @property
    def links(self) -> "MultiDictProxy[Any]":
        """The ``Link`` fields by their ``rel``."""
        return links_of(self)

    def raise_for_status(self) -> None:
        """Does nothing: it is a redirect."""

    def release(self) -> Any:
        """Does nothing: it has no connection."""
        return _nothing()

    def close(self) -> None:
        """Does nothing: it has no connection."""

    async def read(self) -> bytes:
        """
        :raises ClientConnectionError: its body was passed over.
        """
        raise exception_class("ClientConnectionError")("Connection closed")

    async def text(self, *_args: Any, **_options: Any) -> str:
        """
        :raises ClientConnectionError: its body was passed over.
        """
        return (await self.read()).decode()

    json = text

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    def __repr__(self) -> str:
        return f"<ClientResponse({self._url_text}) [{self.status}]>"


async def _nothing() -> None:
    pass


def history_of(response: "Response") -> tuple[Hop, ...]:
    if (trail := response._trail) is not None:
        return tuple(trail.history)
    return tuple(Hop(*hop) for hop in response._hops)


COOKIE = re.compile(r'\s*([^=;\s]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)(.*)')


def cookies_of(response: "Response | Hop") -> Any:
    """The Set-Cookie fields, as far as they have a name that can be one; their
    values as lenient as browsers take them (RFC 6265 section 5.2)."""
    from http.cookies import CookieError, SimpleCookie

    cookies = SimpleCookie()
    for field in response.headers.getall("Set-Cookie", ()):
        found = COOKIE.match(field)
        if found is None:
            continue
        name, value, attributes = found.groups()
        with suppress(CookieError):
            morsel = morsel_of(name, value.strip(), attributes.split(";"))
            cookies.update({name: morsel})
    return cookies


def morsel_of(name: str, coded: str, attributes: list[str]) -> "Morsel[str]":
    """
    :raises CookieError: for a name that no cookie has.
    """
    from http.cookies import Morsel, SimpleCookie

    morsel: Morsel[str] = Morsel()
    value, _ = SimpleCookie().value_decode(coded)
    morsel.set(name, value, coded)
    for attribute in attributes:
        key, _, said = (part.strip() for part in attribute.partition("="))
        if morsel.isReservedKey(key):
            flag = key.lower() in ("secure", "httponly", "partitioned")
            morsel[key.lower()] = True if flag else said.strip('"')
    return morsel


def content_type_parts(
    response: "Response | Hop",
) -> tuple[str, Mapping[str, str]]:
    value = response.headers.get("Content-Type")
    return parse_content_type(value) if value else (DEFAULT, {})


def content_type_of(response: "Response | Hop") -> str:
    return content_type_parts(response)[0]


def charset_of(response: "Response | Hop") -> str | None:
    return content_type_parts(response)[1].get("charset")


def content_length_of(response: "Response | Hop") -> int | None:
    value = response.headers.get("Content-Length")
    return None if value is None else int(value)


class ContentDisposition(NamedTuple):
    """What a Content-Disposition field says."""

    type: str | None
    parameters: Mapping[str, str]
    filename: str | None


def content_disposition_of(
    response: "Response | Hop",
) -> ContentDisposition | None:
    value = response.headers.get("Content-Disposition")
    if value is None:
        return None
    from molotov.client.content_disposition import (
        content_disposition_filename,
        parse_content_disposition,
    )

    kind, parameters = parse_content_disposition(value)
    return ContentDisposition(
        kind,
        MappingProxyType(parameters),
        content_disposition_filename(parameters),
    )


UTF8_TYPES = ("application/json", "application/rdap")
LINK = re.compile(r"\s*<([^>]*)>(.*)")
LINK_PARAMETER = re.compile(
    r"""\s*(\S+?)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*$"""
)


def links_of(response: "Response | Hop") -> "MultiDictProxy[Any]":
    """The Link fields (RFC 8288), by their `rel`."""
    from multidict import MultiDict, MultiDictProxy
    from yarl import URL

    links: MultiDict[Any] = MultiDict()
    fields = ", ".join(response.headers.getall("Link", ()))
    for text in re.split(r",(?=\s*<)", fields):
        found = LINK.match(text)
        if found is None:
            continue
        target, rest = found.groups()
        link: MultiDict[Any] = MultiDict()
        for parameter in rest.split(";")[1:]:
            pair = LINK_PARAMETER.match(parameter)
            if pair is not None:
                name, *values = pair.groups()
                link.add(name, next(v for v in values if v is not None))
        name = link.get("rel", target)
        with suppress(ValueError):  # of what is no URL
            link.add("url", response.url.join(URL(target)))
            links.add(name, MultiDictProxy(link))
    return MultiDictProxy(links)


def encoding_of(response: "Response", body: bytes | None = None) -> str:
    import codecs

    charset = said_charset(response.headers.get("Content-Type", ""))
    if charset:
        try:
            return codecs.lookup(charset).name
        except (LookupError, ValueError):
            pass
    # RFC 8259, and RFC 7483: they are UTF-8.
    if content_type_of(response).partition("+")[0] in UTF8_TYPES:
        return "utf-8"
    if body is None:
        body = response._kept_body
    if body is None:
        raise RuntimeError(
            "Cannot compute fallback encoding of a not yet read body"
        )
    return response._session._defaults.resolve_charset(response, body)


def decode_text(
    response: "Response",
    body: bytes,
    encoding: str | None = None,
    errors: str = "strict",
) -> str:
    return body.decode(encoding or encoding_of(response, body), errors)


JSON_TYPE = re.compile(r"application/(?:[\w.+-]+?\+)?json", re.IGNORECASE)


def decode_json(
    response: "Response",
    body: bytes,
    *,
    encoding: str | None = None,
    loads: Callable[[str], Any] = json_module.loads,
    content_type: str | None = "application/json",
) -> Any:
    given = response.headers.get("Content-Type", "").lower()
    if content_type and not is_expected(given, content_type):
        raise exception_class("ContentTypeError")(
            response.request_info,
            response.history,
            status=response.status,
            message=(
                f"Attempt to decode JSON with unexpected mimetype: {given}"
            ),
            headers=response.headers,
        )
    stripped = body.strip()
    if not stripped:
        return None
    return loads(stripped.decode(encoding or encoding_of(response, body)))


def is_expected(content_type: str, expected: str) -> bool:
    """Whether a Content-Type field is of that type, as aiohttp sees it."""
    if expected == "application/json":
        return JSON_TYPE.match(content_type) is not None
    return expected in content_type


def raise_for_status(response: "Response") -> None:
    raise exception_class("ClientResponseError")(
        response.request_info,
        response.history,
        status=response.status,
        message=response.reason,
        headers=response.headers,
    )


def make_stream(response: "Response") -> "StreamReader":
    from molotov.client.streams import StreamReader

    return StreamReader(response)

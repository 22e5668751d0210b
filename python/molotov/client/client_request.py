"""A request as middlewares see it, and may change it: aiohttp's ClientRequest.

The cookies of the session's jar are no part of it: they are added to its own
when it is sent.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from molotov._response import RequestInfo
from molotov.client.body import (
    check_framing,
    coding_of,
    payload_of,
    promised_size,
)
from molotov.client.fields import FRAMING, expectation, header_items, render
from molotov.client.methods import BODILESS_METHODS, TYPED_METHODS
from molotov.client.payload import (
    BytesPayload,
    JsonPayload,
    Payload,
    StringPayload,
)
from molotov.client.prepared import Prepared
from molotov.client.request_options import Options
from molotov.client.upload import Upload

if TYPE_CHECKING:
    from molotov.session import ClientSession


class ClientRequest:
    """What a middleware is given, and hands on."""

    method: str
    """In capitals."""
    url: URL
    """That is asked for, without a fragment."""
    original_url: URL
    """With its fragment."""
    headers: CIMultiDict[str]
    """All fields but the jar's cookies. Set them, and they are sent."""
    chunked: bool | None
    """Whether the body is sent in chunks."""
    compress: str | bool | None
    """The content coding that it is sent in."""
    ssl: Any
    """As of the request's keywords."""
    server_hostname: str | None
    """As of the request's keywords."""

    def __init__(
        self,
        session: "ClientSession",
        url: URL,
        prepared: Prepared,
        options: Options,
        payload: Any,
    ) -> None:
        """
        :param url: whose user is known already.
        :param prepared: the request without its body.
        :param payload: the body; None: there is none.
        """
        self._session = session
        self._prepared = prepared
        self.method = prepared.method
        self.original_url = url
        self.url = url.with_fragment(None)
        self.ssl = options.ssl
        self.server_hostname = options.server_hostname
        self.chunked = options.chunked
        self.compress = options.compress if payload is not None else None
        self._skipped: CIMultiDict[None] = CIMultiDict(
            (name, None) for name in sorted(options.skip_auto_headers or ())
        )
        self.headers = fields_of(prepared, self.url)
        self._body: Any = None
        self._code_content()
        self._fill(payload)
        self._frame(payload)

    def __repr__(self) -> str:
        return f"<ClientRequest {self.method} {self.url}>"

    @property
    def session(self) -> "ClientSession":
        """Whose request it is; its requests go through the middlewares too,
        unless they have ``middlewares=()``."""
        return self._session

    @property
    def loop(self) -> Any:
        """The event loop that it runs in."""
        return self._session.loop

    @property
    def host(self) -> str:
        """Of the URL."""
        return self.url.raw_host or ""

    @property
    def port(self) -> int | None:
        """Of the URL."""
        return self.url.port

    @property
    def skip_auto_headers(self) -> CIMultiDict[None]:
        """The client's own fields that are left out."""
        return self._skipped

    @property
    def request_info(self) -> RequestInfo:
        """What is asked."""
        headers = CIMultiDictProxy(self.headers)
        return RequestInfo(self.url, self.method, headers, self.original_url)

    def is_ssl(self) -> bool:
        """Whether it goes by TLS."""
        return self.url.scheme in ("https", "wss")

    @property
    def body(self) -> Any:
        """A payload, whose ``await body.as_bytes()`` is its bytes; b"" where
        there is none."""
        return b"" if self._body is None else self._body

    @body.setter
    def body(self, value: Any) -> None:
        self._replace_body(value)

    async def update_body(self, body: Any) -> None:
        """Sends another body; ``Content-Length`` follows.

        :param body: as of ``data=``; None: none.
        """
        if self._body is not None:
            await self._body.close()
        self._replace_body(body)

    def update_headers(self, headers: Any) -> None:
        """Has these fields only, and ``Host``."""
        self.headers = CIMultiDict({"Host": host_of(self.url)})
        for name, value in header_items(headers):
            if name.lower() == "host":
                self.headers["Host"] = value
            else:
                self.headers.add(name, value)

    def update_auth(self, auth: Any) -> None:
        """Sends a user and a password.

        :param auth: such as ``BasicAuth``; None: nothing changes.
        """
        if auth is not None:
            self.headers["Authorization"] = auth.encode()

    def _replace_body(self, body: Any) -> None:
        self.headers.popall("Content-Length", None)
        if self.chunked:
            self.headers.popall("Transfer-Encoding", None)
        payload = None if body is None else payload_of(body)
        self._fill(payload)
        self._frame(payload)

    def _code_content(self) -> None:
        given = {n.lower(): v for n, v in self.headers.items()}
        coding = coding_of(self.compress, given)
        self.compress = coding
        if coding:
            self.headers["Content-Encoding"] = coding
            self.chunked = True

    def _fill(self, payload: Any) -> None:
        self._body = payload
        headers = self.headers
        if payload is None:
            empty = self.method not in BODILESS_METHODS and not self.chunked
            if empty and "Content-Length" not in headers:
                headers["Content-Length"] = "0"
            return
        if not self.chunked and not any(name in headers for name in FRAMING):
            size = payload.size
            if size is None:
                self.chunked = True
            else:
                headers["Content-Length"] = str(size)
        for name, value in payload.headers.items():
            if name not in headers and name not in self._skipped:
                headers[name] = value

    def _frame(self, payload: Any) -> None:
        if payload is None and self.method in BODILESS_METHODS:
            return
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            if self.chunked:
                raise ValueError(
                    "chunked can not be set "
                    'if "Transfer-Encoding: chunked" header is set'
                )
        elif self.chunked:
            if "Content-Length" in self.headers:
                raise ValueError(
                    "chunked can not be set if Content-Length header is set"
                )
            self.headers["Transfer-Encoding"] = "chunked"

    def _ready(self, timeout: Any, wrap: Any, attempt: Any) -> Prepared:
        """What the engine is given.

        :param timeout: its four parts, in seconds.
        :param wrap: makes what an upload writes of the payload.
        :param attempt: of an UploadTracker; None: nobody watches.
        :raises ValueError: for fields that cannot be sent.
        """
        if self.method in TYPED_METHODS and "Content-Type" not in self._skipped:
            self.headers.setdefault("Content-Type", "application/octet-stream")
        expects, items = expectation(
            self._prepared.expect_continue,
            self._body is not None,
            header_items(self.headers),
        )
        fields = [i for i in items if i[0].lower() not in ("host", "cookie")]
        check_framing({name.lower(): value for name, value in fields})
        content = self._content(wrap, attempt)
        plain = BytesPayload | StringPayload | None
        told_as_bytes = type(content) is bytes and isinstance(self._body, plain)
        framed = any(name.lower() in FRAMING for name, _ in fields)
        return self._prepared._replace(
            method=self.method,
            url=str(self.url.with_fragment(self.original_url.fragment or None)),
            host=self.headers.get("Host", "").encode(),
            fields=render(fields),
            cookies="; ".join(self.headers.getall("Cookie", ())).encode(),
            last_fields=b"",
            fields_frame_body=framed,
            body=content,
            told_body=content if told_as_bytes else self.body,
            content_fields=b"",
            timeout=timeout,
            allow_redirects=False,
            expect_continue=expects,
            raise_for_status=False,
        )

    def _content(self, wrap: Any, attempt: Any) -> Any:
        payload = self._body
        te = self.headers.get("Transfer-Encoding", "")
        chunked = bool(self.chunked) or "chunked" in te.lower()
        if payload is None:
            if not chunked:
                return None if self.method in BODILESS_METHODS else b""
            payload = BytesPayload(b"")
        if not chunked and not self.compress and attempt is None:
            content = content_at_hand(payload)
            if content is not None:
                return content
        given = {n.lower(): v for n, v in self.headers.items()}
        size = None if chunked else promised_size(payload, given)
        coding = self.compress if isinstance(self.compress, str) else None
        return Upload(
            self._session._engine, wrap(payload), size, coding, attempt
        )


def payload_in(session: "ClientSession", options: Options) -> Any:
    """The body that `data=` or `json=` mean; None: there is none.

    :raises ValueError: where both are given.
    """
    if options.data is not None and options.json is not None:
        raise ValueError(
            "data and json parameters can not be used at the same time"
        )
    if options.json is not None:
        defaults = session._defaults
        dumps = defaults.json_serialize
        if (to_bytes := defaults.json_serialize_bytes) is not None:

            def dumps(value: Any) -> str:
                return to_bytes(value).decode()

        return JsonPayload(options.json, dumps=dumps)
    return None if options.data is None else payload_of(options.data)


def content_at_hand(payload: Any) -> bytes | None:
    """All of a body, where it is there."""
    if isinstance(payload, Payload):
        return payload.at_hand()
    value = getattr(payload, "_value", None)  # of aiohttp's
    return value if type(value) is bytes else None


def fields_of(prepared: Prepared, url: URL) -> CIMultiDict[str]:
    """The fields of a request that has no body yet."""
    headers = CIMultiDict({"Host": prepared.host.decode() or host_of(url)})
    for name, value in lines_of(prepared.fields, prepared.last_fields):
        headers.add(name, value)
    if prepared.cookies:
        headers["Cookie"] = prepared.cookies.decode()
    return headers


def lines_of(*blocks: bytes) -> Iterable[tuple[str, str]]:
    for block in blocks:
        text = block.decode("utf-8", "surrogateescape")
        for line in text.split("\r\n")[:-1]:
            name, _, value = line.partition(": ")
            yield name, value


def host_of(url: URL) -> str:
    return url.host_port_subcomponent or ""

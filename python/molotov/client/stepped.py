"""Requests that are traced, or that middlewares stand before.

The engine follows redirects by itself, and tells nobody of its steps. Where
somebody wants to know, or to take part, each request of a chain is made here,
one by one, and stops at a gate: once it has its connection.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict
from yarl import URL

from molotov import _response
from molotov.client.arguments import several
from molotov.client.authorization import BasicAuth
from molotov.client.client_request import (
    ClientRequest,
    content_at_hand,
    payload_in,
)
from molotov.client.connecting import connect
from molotov.client.credentials import AUTHORIZED_TWICE, authorization
from molotov.client.fields import header_items, merge
from molotov.client.payload import Payload
from molotov.client.prepared import prepare
from molotov.client.redirect import (
    CONTENT_FIELDS,
    ORIGIN_FIELDS,
    REDIRECTING,
    becomes_get,
    drain,
    location_of,
    repeatable,
)
from molotov.client.request_coroutine import RequestCoroutine
from molotov.client.request_options import UNSET, Options
from molotov.client.sent import Sent
from molotov.client.timeout import timeout_parts
from molotov.client.tracing import (
    TraceRequestChunkSentParams,
    TraceRequestEndParams,
    TraceRequestExceptionParams,
    TraceRequestHeadersSentParams,
    TraceRequestRedirectParams,
    TraceResponseChunkReceivedParams,
    Traces,
)
from molotov.client.upload import Upload
from molotov.client.upload_tracker import Attempt, UploadTracker
from molotov.client.urls import with_params
from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from molotov._engine import Request, Response
    from molotov.session import ClientSession

Handler = Callable[[ClientRequest], Awaitable[Any]]


class Stepped(RequestCoroutine):
    """A request that is driven from here."""

    def __init__(
        self, session: "ClientSession", method: str, url: Any, options: Options
    ) -> None:
        self._steps = Steps(session, method, url, options)
        super().__init__()

    def run(self) -> "Coroutine[Any, Any, Response]":
        return self._steps.run()


class Trail:
    """What went before an answer, and who hears of its body.

    :ivar history: the answers that redirected.
    """

    def __init__(self, traces: Traces, request: ClientRequest) -> None:
        self.history: tuple[Any, ...] = ()
        self._traces: Traces | None = traces if traces else None
        self._request = request

    async def read(self, response: "Response") -> bytes:
        body = await response._read_untold()
        traces, self._traces = self._traces, None
        if traces is not None:  # the first time only
            await traces.tell(
                "on_response_chunk_received",
                TraceResponseChunkReceivedParams(
                    self._request.method, self._request.url, body
                ),
            )
        return body

    async def text(self, response: "Response", args: Any, keywords: Any) -> str:
        body = await self.read(response)
        return _response.decode_text(response, body, *args, **keywords or {})

    async def json(self, response: "Response", args: Any, keywords: Any) -> Any:
        body = await self.read(response)
        return _response.decode_json(response, body, *args, **keywords or {})


class Steps:
    """One request, through all its redirects."""

    def __init__(
        self, session: "ClientSession", method: str, url: Any, options: Options
    ) -> None:
        self._session = session
        self._method = method.upper()
        self._options = options
        whole = session._whole_url(url)
        self._url = URL(with_params(whole, options.params))
        options.params = None
        own = header_items(options.headers)
        defaults = session._defaults
        self._headers = CIMultiDict(merge(defaults.fields, own))
        self._own_auth = "Authorization" in self._headers
        auth = session.auth_for(str(whole))
        self._authorized_twice = self._own_auth and auth is not None
        if auth is not None and not self._own_auth:
            self._headers["Authorization"] = authorization(auth)
        self._payload: Any = None
        self._sent: Sent | None = None  # the latest one
        self._traces = Traces(
            session, defaults.trace_configs, options.trace_request_ctx
        )
        self._timeouts = (
            timeout_parts(defaults.timeout)
            if options.timeout is UNSET
            else timeout_parts(options.timeout)
        )
        self._began = time.monotonic()
        self._told: Any = None
        self._tracker: UploadTracker | None = options.upload_tracker

    async def run(self) -> "Response":
        if self._tracker is None:
            return await self._run()
        self._tracker._bind()
        try:
            return await self._run()
        finally:
            self._tracker._finalize()

    async def _run(self) -> "Response":
        if self._session.closed:
            raise RuntimeError("Session is closed")
        self._payload = payload_in(self._session, self._options)
        if self._url.scheme not in ("http", "https", "ws", "wss"):
            # The engine says what is wrong with it.
            self._session._staged(self._prepare())
        response = None
        try:
            await self._traces.start(self._method, self._url, self._headers)
            response = await self._follow()
            await self._tell_end(response)
        except (Exception, asyncio.CancelledError) as error:
            # Not where it is closed: there is no awaiting then.
            if response is not None:
                response.close()
            await self._tell(
                "on_request_exception", TraceRequestExceptionParams, error
            )
            raise
        finally:
            await self._close_body()
        return response

    run.__qualname__ = "ClientSession._request"  # as warnings call it

    async def _close_body(self) -> None:
        payload, sent = self._payload, self._sent
        if sent is not None:
            await sent.close_after()
        if payload is not None and not (sent and sent.sends(payload)):
            await payload.close()

    async def _tell_end(self, response: "Response") -> None:
        raises = self._options.raise_for_status
        if raises is None:
            raises = self._session._defaults.raise_for_status
        if callable(raises):
            await raises(response)
        elif raises:
            response.raise_for_status()
        if eventer := self._session._eventer:
            await eventer.send_event(
                "response_received",
                session=self._session,
                response=response,
                request=self._told,
            )
        await self._tell("on_request_end", TraceRequestEndParams, response)

    async def _tell(self, signal: str, make: Any, what: Any) -> None:
        if self._traces:
            params = make(self._method, self._url, self._headers, what)
            await self._traces.tell(signal, params)

    async def _follow(self) -> "Response":
        """The answer behind all redirects."""
        if self._authorized_twice:
            raise ValueError(AUTHORIZED_TWICE)
        history: list[Any] = []
        handler = chain(self._middlewares(), self._send)
        while True:
            request = self._next_request()
            response: Response = await handler(request)
            options = self._options
            if (
                response.status not in REDIRECTING
                or not options.allow_redirects
            ):
                break
            await self._tell(
                "on_request_redirect", TraceRequestRedirectParams, response
            )
            history.append(response)
            if 0 < options.max_redirects <= len(history):
                response.close()
                raise exception_class("TooManyRedirects")(
                    history[0].request_info, tuple(history)
                )
            if not await self._redirect(request, response):
                break
        # A middleware may have made something of its own.
        trail = getattr(response, "_trail", None)
        if history and trail is not None:
            trail.history = tuple(history)
        return response

    def _middlewares(self) -> tuple[Any, ...]:
        own = self._options.middlewares
        found = (
            self._session._defaults.middlewares
            if own is None
            else tuple(several("middlewares", own))
        )
        theirs = sys.modules.get("aiohttp.payload")
        if found and theirs is not None:
            # So that aiohttp's middlewares know a body when they see it.
            theirs.Payload.register(Payload)
        return found

    def _prepare(self) -> Any:
        options = self._options
        options.headers = self._headers
        options.data = options.json = None  # which is self._payload
        if options.auth is not None and not self._own_auth:
            # It goes before the session's.
            self._headers.popall("Authorization", None)
        return prepare(
            self._session, self._method, self._url, options, own_fields=True
        )

    def _next_request(self) -> ClientRequest:
        if self._url.raw_user is not None and not self._own_auth:
            self._headers.popall("Authorization", None)
        prepared = self._prepare()
        if self._url.raw_user is not None or self._url.raw_password is not None:
            self._options.auth = BasicAuth.from_url(self._url)
            self._url = self._url.with_user(None)
        return ClientRequest(
            self._session, self._url, prepared, self._options, self._payload
        )

    async def _redirect(
        self, request: ClientRequest, response: "Response"
    ) -> bool:
        """Turns to where the answer points; False: nowhere."""
        payload = request._body
        if becomes_get(response):
            self._method = "GET"
            self._payload = None
            self._drop(CONTENT_FIELDS)
            if payload is not None:
                await payload.close()
        elif payload is not None and not repeatable(payload):
            response.close()
            raise exception_class("ClientPayloadError")(
                "Cannot follow redirect with a consumed request body. Use "
                "bytes, a seekable file-like object, or set "
                "allow_redirects=False."
            )
        else:
            self._payload = payload
        try:
            target = location_of(
                response,
                self._url,
                encoded=not self._session._defaults.requote_redirect_url,
            )
        except Exception:
            response.close()
            raise
        if target is None:
            return False
        await drain(response)
        if target.origin() != self._url.origin():
            self._options.auth = self._options.cookies = None
            self._drop(ORIGIN_FIELDS)
        elif target.raw_user is not None:
            self._options.auth = None
        self._url = target
        return True

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._headers.popall(name, None)

    async def _send(self, request: ClientRequest) -> "Response":
        """Sends one request: what is behind all middlewares."""
        tells_chunks = self._traces.hear("on_request_chunk_sent")
        gate = asyncio.Event()
        total, *parts = self._timeouts
        if total > 0:  # of all requests of the chain together
            total = max(self._began + total - time.monotonic(), 1e-9)

        def wrap(payload: Any) -> Any:
            told = self._traces if tells_chunks else None
            self._sent = Sent(payload, gate, request, told)
            return self._sent

        attempt = Attempt(self._tracker) if self._tracker else None
        prepared = request._ready((total, *parts), wrap, attempt)
        native = self._session._staged(prepared)
        try:
            await connect(native, request, self._traces)
            await self._pass_gate(native, request, gate, tells_chunks)
            if attempt is not None and not isinstance(prepared.body, Upload):
                attempt.end()  # there is no body
            response = await native
        except BaseException:
            native.close()
            raise
        told = self._told if self._session._eventer else None
        response._set_trail(Trail(self._traces, request), told)
        return response

    async def _pass_gate(
        self,
        native: "Request",
        request: ClientRequest,
        gate: asyncio.Event,
        tells_chunks: bool,
    ) -> None:
        eventer = self._session._eventer
        if self._traces or eventer:
            self._told = native._told()
        if self._traces:
            await self._traces.tell(
                "on_request_headers_sent",
                TraceRequestHeadersSentParams(
                    request.method, request.url, self._told.headers
                ),
            )
        if eventer:
            await eventer.send_event(
                "sending_request", session=self._session, request=self._told
            )
        if tells_chunks and not request.chunked and request._body is not None:
            content = content_at_hand(request._body)
            if content is not None:
                await self._traces.tell(
                    "on_request_chunk_sent",
                    TraceRequestChunkSentParams(
                        request.method, request.url, content
                    ),
                )
        native._proceed()
        gate.set()


def chain(middlewares: tuple[Any, ...], handler: Handler) -> Handler:
    """The handler behind the middlewares, the first of which is outermost."""
    for middleware in reversed(middlewares):
        handler = behind(middleware, handler)
    return handler


def behind(middleware: Any, handler: Handler) -> Handler:
    async def handle(request: ClientRequest) -> Any:
        return await middleware(request, handler)

    return handle

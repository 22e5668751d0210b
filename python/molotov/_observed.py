"""Requests of a session that has listeners, which are told of each.

The engine hands a request over to ObservedRequest instead of to the scenario.
"""

from collections.abc import Awaitable, Coroutine, Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy
    from yarl import URL

    from molotov._engine import Request, Response
    from molotov.session import ClientSession


class ClientRequest:
    """A request as it goes out. Listeners may set any attributes on it."""

    def __init__(
        self, method: str, url: str, head: bytes, body: bytes | None
    ) -> None:
        self.method = method
        self.body = body or b""
        self._url_text = url
        self._head = head

    @cached_property
    def url(self) -> "URL":
        from yarl import URL

        return URL(self._url_text)

    @cached_property
    def headers(self) -> "CIMultiDictProxy[str]":
        """All fields in their order, those of the client's own too."""
        from multidict import CIMultiDict, CIMultiDictProxy

        text = self._head.decode("utf-8", "surrogateescape")
        _, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
        fields = (line.partition(":") for line in lines)
        return CIMultiDictProxy(
            CIMultiDict((name, value.strip()) for name, _, value in fields)
        )

    def __repr__(self) -> str:
        return f"<ClientRequest {self.method} {self._url_text}>"


async def perform(session: "ClientSession", request: "Request") -> "Response":
    """Makes a request, and tells the session's listeners of it.

    :raises: what awaiting the request does.
    """
    eventer = session._eventer
    assert eventer is not None
    tell = eventer.send_event
    # None: it is ready to be sent, again after each redirect.
    next_stop: Awaitable[Response | None] = request
    try:
        while (response := await next_stop) is None:
            sent = ClientRequest(*request._hop())
            await tell("sending_request", session=session, request=sent)
            request._proceed()
        response.request = sent
        await tell(
            "response_received",
            session=session,
            response=response,
            request=sent,
        )
    except BaseException:
        request.close()
        raise
    return response


# As aiohttp's is called, to whoever forgets to await it.
perform.__qualname__ = "ClientSession._request"


class ObservedRequest:
    """What session.get() gives: `await` it, or `async with` it."""

    __slots__ = ("_performing", "_request")

    def __init__(self, session: "ClientSession", request: "Request") -> None:
        self._request = request
        self._performing = perform(session, request)

    def __await__(self) -> Generator[Any, None, "Response"]:
        return self._performing.__await__()

    def __aenter__(self) -> Coroutine[Any, Any, "Response"]:
        return self._performing

    def __aexit__(self, *exception: Any) -> Awaitable[None]:
        return self._request.__aexit__(*exception)

    # asyncio takes it for a coroutine, and so for a task of its own.
    def send(self, value: Any) -> Any:
        return self._performing.send(value)

    def throw(self, *exception: Any) -> Any:
        return self._performing.throw(*exception)

    def close(self) -> None:
        self._performing.close()

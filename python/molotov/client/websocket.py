"""A client's WebSocket: aiohttp's ClientWebSocketResponse."""

import asyncio
import json as json_module
import socket
import warnings
import zlib
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov import _engine
from molotov.client.arguments import seconds, several, size, text, wrong
from molotov.client.request_coroutine import Once
from molotov.client.websocket_handshake import Agreed, agree, new_key, offer
from molotov.client.websocket_messages import (
    WSCloseCode,
    WSMessage,
    WSMessageTextBytes,
    WSMsgType,
    current_kinds,
)
from molotov.exceptions import exception_class
from molotov.keywords import WebSocketConnectOptions

if TYPE_CHECKING:
    from molotov.session import ClientSession

__all__ = [
    "ClientWSTimeout",
    "ClientWebSocketResponse",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTextBytes",
    "WSMsgType",
]

MAX_MSG_SIZE = 4 * 1024 * 1024


class ClientWSTimeout(NamedTuple):
    """How long a WebSocket waits."""

    ws_receive: float | None = None
    """Seconds that receive() waits for a message; None: no bound."""
    ws_close: float | None = None
    """Seconds that close() waits for the server's answer; None: no bound."""


DEFAULT_TIMEOUT = ClientWSTimeout(ws_close=10.0)


class ClientWebSocketResponse(_engine.WebSocket):
    """A WebSocket that ``session.ws_connect()`` has opened. Iterating over it
    gives messages until it is closed."""

    def __init__(
        self,
        session: "ClientSession",
        response: _engine.Response,
        agreed: Agreed,
        options: "WebSocketOptions",
    ) -> None:
        kinds = current_kinds()
        super().__init__(
            response,
            kinds,
            deflate_bits=agreed.compress,
            keeps_context=not agreed.client_notakeover,
            server_keeps_context=not agreed.server_notakeover,
            max_msg_size=options.max_msg_size,
            decode_text=options.decode_text,
            autoping=options.autoping,
            receive_timeout=seconds(
                "receive_timeout", options.timeout.ws_receive
            ),
            heartbeat=options.heartbeat,
        )
        self._session = session
        self._kinds = kinds
        self._agreed = agreed
        self._autoclose = options.autoclose
        self._close_timeout = options.timeout.ws_close
        self._exception: BaseException | None = None

    @property
    def close_code(self) -> int | None:
        """The server's close code, 1006 where it had none to tell; None until
        it is closed."""
        code: int | None = self._close_code
        return code

    @property
    def protocol(self) -> str | None:
        """The one of ``protocols`` that the server has chosen."""
        return self._agreed.protocol

    @property
    def compress(self) -> int:
        """Window bits of what is sent; 0: it is not compressed."""
        return self._agreed.compress

    @property
    def client_notakeover(self) -> bool:
        """Whether each message that is sent is compressed by itself."""
        return self._agreed.client_notakeover

    def exception(self) -> BaseException | None:
        """What ended it, where that was no close frame."""
        return self._exception

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """``peername`` or ``sockname``, as of a transport of asyncio's.

        :param name: what is asked for.
        :param default: for what is not known, or once it is closed.
        """
        fileno = self._fileno()
        if fileno is None or name not in ("peername", "sockname"):
            return default
        connection = socket.socket(fileno=fileno)
        try:
            if name == "peername":
                return connection.getpeername()
            return connection.getsockname()
        except OSError:
            return default
        finally:
            connection.detach()

    def send_json(
        self,
        data: Any,
        compress: int | None = None,
        *,
        dumps: Callable[[Any], str] = json_module.dumps,
    ) -> "Coroutine[Any, Any, None]":
        """Sends it as a text message.

        :param data: what ``dumps`` takes.
        :param compress: as of :meth:`send_str`.
        :param dumps: what makes the text of it.
        """
        return self.send_str(dumps(data), compress)

    def send_json_bytes(
        self,
        data: Any,
        compress: int | None = None,
        *,
        dumps: Callable[[Any], bytes],
    ) -> "Coroutine[Any, Any, None]":
        """Sends it as a binary message.

        :param data: what ``dumps`` takes.
        :param compress: as of :meth:`send_str`.
        :param dumps: what makes the bytes of it.
        """
        return self.send_bytes(dumps(data), compress)

    async def receive_str(self, *, timeout: float | None = None) -> str:
        """The text of the next message.

        :param timeout: as of :meth:`receive`.
        :raises TypeError: when it is no text (WSMessageTypeError).
        """
        return str(await self._receive_data(self._kinds.text, timeout))

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:
        """The bytes of the next message.

        :param timeout: as of :meth:`receive`.
        :raises TypeError: when it is not binary (WSMessageTypeError).
        """
        data: bytes = await self._receive_data(self._kinds.binary, timeout)
        return data

    async def receive_json(
        self,
        *,
        loads: Callable[[Any], Any] = json_module.loads,
        timeout: float | None = None,
    ) -> Any:
        """What the text of the next message means as JSON.

        :param loads: what reads it.
        :param timeout: as of :meth:`receive`.
        :raises TypeError: when it is no text (WSMessageTypeError).
        """
        return loads(await self._receive_data(self._kinds.text, timeout))

    async def _receive_data(self, wanted: Any, timeout: float | None) -> Any:
        message = await self.receive(timeout)
        if message.type is not wanted:
            raise exception_class("WSMessageTypeError")(
                f"Received message {message.type}:{message.data!r} "
                f"is not WSMsgType.{wanted.name}"
            )
        return message.data

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes | str = b""
    ) -> bool:
        """Says good-bye, and waits for the server to do so. What the server
        sends meanwhile is dropped.

        :param code: the close code.
        :param message: the reason, 123 bytes at most.
        :returns: False where it was closed already.
        """
        if self._receiving and not self._closing:
            # Another task receives: that ends first.
            self._close_wait = self._session.loop.create_future()
            self._set_closing()
            self._inject(self._message(self._kinds.closing, None))
            await self._close_wait
        if self.closed:
            return False
        self._set_closed()
        if isinstance(message, str):
            message = message.encode()
        try:
            self._write_close(code, message)
            while not self._close_code:
                answer = await self._read(self._close_timeout)
                if answer is None:
                    raise exception_class("EofStream")
                if answer.type is self._kinds.close:
                    self._close_code = answer.data
                    break
        except asyncio.CancelledError:
            self._close_code = self._kinds.abnormal_closure
            raise
        except Exception as error:
            self._close_code = self._kinds.abnormal_closure
            self._exception = error
        finally:
            self._shut()
        return True

    async def __aenter__(self) -> "ClientWebSocketResponse":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # What the engine calls, of a receive() that is not given a message of data.

    def _message(self, kind: Any, data: Any) -> Any:
        return self._kinds.message(kind, data, None)

    async def _receive_close(self, message: Any) -> Any:
        """The server closes; None: it was closed before."""
        if message is None:
            if not self.closed:
                await self.close()
            return self._message(self._kinds.closed, None)
        self._set_closing()
        self._close_code = message.data
        if not self.closed and self._autoclose:
            await self.close()
        return message

    async def _receive_end(self) -> Any:
        """The connection has ended without a close frame."""
        self._close_code = type(self._kinds.abnormal_closure).OK
        await self.close()
        return self._message(self._kinds.closed, None)

    async def _receive_failure(self, failure: tuple[int, str]) -> Any:
        """The server has sent what cannot be read."""
        error = self._exception_of(failure)
        if failure[0]:
            code = type(self._kinds.abnormal_closure)(failure[0])
            self._close_code = code
            await self.close(code=code)
        else:
            self._exception = error
            self._set_closing()
            self._close_code = self._kinds.abnormal_closure
            await self.close()
        return self._message(type(self._kinds.text).ERROR, error)

    def _exception_of(self, failure: tuple[int, str]) -> Exception:
        code, what = failure
        if not code:
            return zlib.error(what)
        error: Exception = exception_class("WebSocketError")(
            type(self._kinds.abnormal_closure)(code), what
        )
        return error

    def _pong_not_received(self, seconds: float) -> None:
        """The server did not answer the heartbeat."""
        if self.closed:
            return
        error = exception_class("ServerTimeoutError")(
            f"No PONG received after {seconds} seconds"
        )
        self._set_closed()
        self._close_code = self._kinds.abnormal_closure
        self._exception = error
        if self._receiving and not self._closing:
            self._inject(self._message(type(self._kinds.text).ERROR, error))
        self._shut()


class WebSocketOptions:
    """The keywords of ws_connect() that the handshake has no use for."""

    def __init__(
        self,
        *,
        timeout: Any = DEFAULT_TIMEOUT,
        receive_timeout: float | None = None,
        autoclose: bool = True,
        autoping: bool = True,
        heartbeat: float | None = None,
        max_msg_size: int = MAX_MSG_SIZE,
        decode_text: bool = True,
    ) -> None:
        if not hasattr(timeout, "ws_close"):
            timeout = ClientWSTimeout(ws_close=timeout)
        receive = timeout.ws_receive
        if receive_timeout is not None:
            receive = receive_timeout
        seconds("receive_timeout", receive)
        self.timeout = ClientWSTimeout(receive, timeout.ws_close)
        self.autoclose = bool(autoclose)
        self.autoping = bool(autoping)
        self.heartbeat = seconds("heartbeat", heartbeat)
        self.max_msg_size = size("max_msg_size", max_msg_size)
        self.decode_text = bool(decode_text)


OWN_OPTIONS = frozenset(
    (
        "timeout",
        "receive_timeout",
        "autoclose",
        "autoping",
        "heartbeat",
        "max_msg_size",
        "decode_text",
    )
)


def opening_fields(
    headers: Any,
    key: str,
    protocols: tuple[str, ...],
    origin: str | None,
    compress: int,
) -> list[tuple[str, str]]:
    """The fields of the request."""
    from molotov.client.fields import header_items

    own = {
        "Sec-WebSocket-Key": key,
    }
    if protocols:
        own["Sec-WebSocket-Protocol"] = ",".join(protocols)
    if origin is not None:
        own["Origin"] = text("origin", origin) or ""
    if compress:
        own["Sec-WebSocket-Extensions"] = offer(compress)
    replaced = {name.lower() for name in own}
    fields = [f for f in header_items(headers) if f[0].lower() not in replaced]
    given = {name.lower() for name, _ in fields}
    defaults = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
    ]
    fields += [f for f in defaults if f[0].lower() not in given]
    return fields + list(own.items())


async def connect(
    session: "ClientSession",
    url: Any,
    *,
    method: str = "GET",
    protocols: Iterable[str] = (),
    origin: str | None = None,
    headers: Any = None,
    compress: int = 0,
    **options: Any,
) -> ClientWebSocketResponse:
    own = {n: options.pop(n) for n in OWN_OPTIONS & options.keys()}
    settings = WebSocketOptions(**own)
    wanted = tuple(several("protocols", protocols))
    for protocol in wanted:
        if not isinstance(protocol, str):
            raise wrong("protocols", "of str", protocol)
    key = new_key()
    if options.get("ssl", True) is None:
        warnings.warn(
            "ssl=None is deprecated, please use ssl=True",
            DeprecationWarning,
            stacklevel=2,
        )
    # What is not given is as the session has it.
    asked = {
        name: given for name, given in options.items() if given is not None
    }
    response = await session.request(
        method,
        url,
        headers=opening_fields(headers, key, wanted, origin, compress),
        **asked,
    )
    try:
        agreed = agree(response, key, wanted, compress)
        return ClientWebSocketResponse(session, response, agreed, settings)
    finally:
        response.close()


class WebSocketConnecting(Once[ClientWebSocketResponse]):
    """What ws_connect() gives: to ``await``, or to ``async with``."""

    def __init__(
        self, session: "ClientSession", url: Any, options: dict[str, Any]
    ) -> None:
        """
        :raises TypeError: for a keyword that is none.
        """
        known = WebSocketConnectOptions.__annotations__.keys()
        for name in options.keys() - known:
            raise TypeError(
                "ClientSession.ws_connect() got an unexpected keyword argument "
                f"{name!r}"
            )
        self._connecting = connect(session, url, **options)
        super().__init__()

    def run(self) -> Coroutine[Any, Any, ClientWebSocketResponse]:
        return self._connecting

    async def __aexit__(self, *exception: Any) -> None:
        if self._entered is not None:
            await self._entered.close()

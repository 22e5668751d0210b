"""What is received from a WebSocket: the names of aiohttp's."""

import json as json_module
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple


class WSCloseCode(IntEnum):
    """Why a WebSocket is closed (RFC 6455 section 7.4.1)."""

    OK = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    ABNORMAL_CLOSURE = 1006
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014


class WSMsgType(IntEnum):
    """Of what kind a message is: an opcode of RFC 6455, or one of the last
    three, which tell of the WebSocket itself."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    PING = 0x9
    PONG = 0xA
    CLOSE = 0x8

    CLOSING = 0x100
    CLOSED = 0x101
    ERROR = 0x102

    text = TEXT
    binary = BINARY
    ping = PING
    pong = PONG
    close = CLOSE
    closing = CLOSING
    closed = CLOSED
    error = ERROR


class WSMessage(NamedTuple):
    """A message."""

    type: WSMsgType
    """What it is."""
    data: Any
    """A str or bytes; of CLOSE the close code, 0 where it has none; of ERROR
    the exception."""
    extra: str | None
    """Of CLOSE, the reason."""

    def json(self, *, loads: Callable[[Any], Any] = json_module.loads) -> Any:
        """What its text means as JSON.

        :param loads: what reads it; ``json.loads`` if not given.
        """
        return loads(self.data)


class WSMessageTextBytes(NamedTuple):
    """A text message whose text was not decoded."""

    type: WSMsgType
    """TEXT."""
    data: Any
    """The bytes."""
    extra: str | None
    """Empty."""

    def json(self, *, loads: Callable[[Any], Any] = json_module.loads) -> Any:
        """What its text means as JSON.

        :param loads: what reads it; ``json.loads`` if not given.
        """
        return loads(self.data)


class Kinds(NamedTuple):
    """What messages are made of, for the engine (websocket_object.h has the
    same order)."""

    message: Any
    text_bytes: Any
    text: Any
    binary: Any
    ping: Any
    pong: Any
    close: Any
    closing: Any
    closed: Any
    abnormal_closure: Any


def kinds_of(types: Any, codes: Any, message: Any, text_bytes: Any) -> Kinds:
    return Kinds(
        message,
        text_bytes,
        types.TEXT,
        types.BINARY,
        types.PING,
        types.PONG,
        types.CLOSE,
        types.CLOSING,
        types.CLOSED,
        codes.ABNORMAL_CLOSURE,
    )


OURS = kinds_of(WSMsgType, WSCloseCode, WSMessage, WSMessageTextBytes)
_theirs: list[Kinds] = []


def current_kinds() -> Kinds:
    """Ours, or, where a script has imported it, aiohttp's: `is` with a type of
    aiohttp's holds then, as `==` does in any case."""
    aiohttp = sys.modules.get("aiohttp")
    types = getattr(aiohttp, "WSMsgType", None)
    message = getattr(aiohttp, "WSMessage", None)
    codes = getattr(aiohttp, "WSCloseCode", None)
    if types is None or codes is None or message is None:
        return OURS
    if not _theirs:
        # Older ones have no such type: they decode all text.
        text_bytes = getattr(aiohttp, "WSMessageTextBytes", WSMessageTextBytes)
        _theirs.append(kinds_of(types, codes, message, text_bytes))
    return _theirs[0]

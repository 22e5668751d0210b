"""How a WebSocket is opened (RFC 6455 section 4, RFC 7692 section 7)."""

import base64
import hashlib
import os
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from molotov.client.arguments import wrong
from molotov.exceptions import exception_class

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
DEFLATE = "permessage-deflate"
# zlib cannot do 8.
WINDOW_BITS = range(9, 16)


class Agreed(NamedTuple):
    """What both ends do."""

    protocol: str | None
    compress: int  # window bits of what is sent; 0: no compression
    client_notakeover: bool
    server_notakeover: bool


def new_key() -> str:
    return base64.b64encode(os.urandom(16)).decode()


def accept_key(key: str) -> str:
    """What the server answers to it."""
    return base64.b64encode(
        hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()
    ).decode()


def offer(compress: int) -> str:
    """The extension, with windows of so many bits for what the server sends.

    :raises ValueError: for less than 9 or more than 15.
    :raises TypeError: for what is no number.
    """
    if not isinstance(compress, int | float):
        raise wrong("compress", "a number", compress)
    if compress not in WINDOW_BITS:
        raise ValueError(
            "Compress wbits must between 9 and 15, "
            "zlib does not support wbits=8"
        )
    offered = [DEFLATE, "client_max_window_bits"]
    if compress < max(WINDOW_BITS):
        offered.append(f"server_max_window_bits={compress}")
    return "; ".join(offered)


PARAMETERS = re.compile(
    r"^(?:;\s*(?:server_no_context_takeover|client_no_context_takeover"
    r"|server_max_window_bits(?:=\d+)?|client_max_window_bits(?:=\d+)?))*$",
    re.ASCII,
)
EXTENSION = re.compile(re.escape(DEFLATE) + r"([^,]+)?")


def agreed_compression(extensions: str) -> tuple[int, bool, bool]:
    """What the server's extensions say: window bits of what is sent, and
    whether the client's and the server's messages stand alone.

    :raises ValueError: for what cannot be done.
    """
    found = EXTENSION.search(extensions)
    if found is None:
        return 0, False, False
    parameters = found[1] or ""
    if not PARAMETERS.match(parameters):
        raise ValueError("Extension for deflate not supported" + parameters)
    bits = max(WINDOW_BITS)
    given = re.findall(r"client_max_window_bits=(\d+)", parameters)
    if given:
        bits = int(given[-1])
        if bits not in WINDOW_BITS:
            raise ValueError("Invalid window size")
    return (
        bits,
        "client_no_context_takeover" in parameters,
        "server_no_context_takeover" in parameters,
    )


def agree(
    response: Any,
    key: str,
    protocols: Iterable[str],
    compress: int,
) -> Agreed:
    """What the server's answer says.

    :raises WSServerHandshakeError: where it opens no WebSocket.
    """

    def refuse(message: str) -> Exception:
        error: Exception = exception_class("WSServerHandshakeError")(
            response.request_info,
            response.history,
            message=message,
            status=response.status,
            headers=response.headers,
        )
        return error

    headers = response.headers
    if response.status != 101:
        raise refuse("Invalid response status")
    if headers.get("Upgrade", "").lower() != "websocket":
        raise refuse("Invalid upgrade header")
    if headers.get("Connection", "").lower() != "upgrade":
        raise refuse("Invalid connection header")
    if headers.get("Sec-WebSocket-Accept", "") != accept_key(key):
        raise refuse("Invalid challenge response")
    named = headers.get("Sec-WebSocket-Protocol", "").split(",")
    wanted = (name.strip() for name in named)
    protocol = next((name for name in wanted if name in protocols), None)
    extensions = headers.get("Sec-WebSocket-Extensions") if compress else None
    if not extensions:
        return Agreed(protocol, 0, False, False)
    try:
        return Agreed(protocol, *agreed_compression(extensions))
    except ValueError as error:
        raise refuse(str(error)) from error

"""What ``-vv`` prints: every request and every response, secrets masked."""

import asyncio
import codecs
import contextlib
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from molotov.listeners import BaseListener
from molotov.masking import mask_field, mask_url

if TYPE_CHECKING:
    from molotov._engine import ClientRequest, Response
    from molotov.console import Console
    from molotov.session import ClientSession

UNREADABLE = "***WARNING: Molotov can't display this body***"
BINARY = "**** Binary content ****"
FILE = "**** File content ****"
CODINGS = frozenset(("gzip", "compress", "deflate", "identity", "br"))

# Of a body, in bytes; "…" stands for the rest.
SHOWN = 64 * 1024
# Seconds that the scenario waits for a body to be shown. What comes later, as
# in a stream of events, is its own to read.
BODY_WAIT = 1.0


def body_text(body: bytes, *, whole: bool) -> str:
    """The beginning of a body, which is all of it where it is `whole`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    whole = whole and len(body) <= SHOWN
    try:
        text = decoder.decode(body[:SHOWN], final=whole)
    except UnicodeDecodeError:
        return UNREADABLE
    return text if whole else text + "…"


def sent_text(body: Any) -> str:
    """A request's body: bytes, or a payload, ours or aiohttp's, of which
    nothing may be read."""
    if isinstance(body, bytes):
        return body_text(body, whole=True)
    parts = getattr(body, "_parts", None)
    if parts is not None:
        return multipart_text(body.boundary, [part for part, *_ in parts])
    value = getattr(body, "_value", None)
    if isinstance(value, bytes | bytearray | str):
        plain = value.encode() if isinstance(value, str) else bytes(value)
        return body_text(plain, whole=True)
    return FILE if isinstance(value, io.IOBase) else UNREADABLE


def multipart_text(boundary: str, parts: list[Any]) -> str:
    """A body of several parts."""
    lines = []
    for part in parts:
        lines.append(f"--{boundary}")
        lines += [f"{name}: {value}" for name, value in part.headers.items()]
        lines += ["", sent_text(part)]
    return "\n".join([*lines, f"--{boundary}--"])


class VerboseListener(BaseListener):
    """Prints each request as it goes out, and each response when its body is
    there. The body is left for the scenario to read."""

    def __init__(self, console: "Console", *, show_secrets: bool) -> None:
        self._console = console
        self._show_secrets = show_secrets

    def on_sending_request(
        self, session: "ClientSession", request: "ClientRequest"
    ) -> None:
        url = str(request.url)
        if not self._show_secrets:
            url = mask_url(url)
        lines = ["", f"{request.method} {url}"]
        lines += self._fields(request.headers.items())
        if request.headers.get("Content-Encoding") in CODINGS:
            lines += ["", BINARY, ""]
        elif request.body:
            lines += ["", sent_text(request.body), ""]
        self._print(lines)

    async def on_response_received(
        self,
        session: "ClientSession",
        response: "Response",
        request: "ClientRequest",
    ) -> None:
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        lines += self._fields(response.headers.items())
        if response.headers.get("Content-Encoding") in CODINGS:
            lines += ["", BINARY]
        else:
            lines += ["", await self._body_of(response)]
        self._print([*lines, "", ""])

    async def _body_of(self, response: "Response") -> str:
        body, whole = response._peek(SHOWN)
        if not whole and len(body) < SHOWN:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BODY_WAIT):
                    await response._await_body(SHOWN)
            body, whole = response._peek(SHOWN)
        return body_text(body, whole=whole)

    def _fields(self, fields: Iterable[tuple[str, str]]) -> list[str]:
        if self._show_secrets:
            return [f"{name}: {value}" for name, value in fields]
        return [f"{n}: {mask_field(n, value)}" for n, value in fields]

    def _print(self, blocks: list[str]) -> None:
        lines = "\n".join(blocks).split("\n")
        self._console.print("\n".join(line.strip() for line in lines))

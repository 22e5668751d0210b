"""What ``-vv`` prints: every request and every response, secrets masked."""

import asyncio
import codecs
import contextlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from molotov.listeners import BaseListener

if TYPE_CHECKING:
    from molotov._engine import Response
    from molotov._observed import ClientRequest
    from molotov.console import Console
    from molotov.session import ClientSession

UNREADABLE = "***WARNING: Molotov can't display this body***"
BINARY = "**** Binary content ****"
CODINGS = frozenset(("gzip", "compress", "deflate", "identity", "br"))

# Of a body, in bytes; "…" stands for the rest.
SHOWN = 64 * 1024
# Seconds that the scenario waits for a body to be shown. What comes later, as
# in a stream of events, is its own to read.
BODY_WAIT = 1.0

MASK = "***"
# Of header fields and of query parameters.
SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|passw|pwd|credential|signature"
    r"|session|jwt|api.?key|access.?key|(^|[-_.])(auth|key|sig)$",
    re.IGNORECASE,
)
URL_FIELDS = frozenset(("location", "content-location", "referer"))
USER_INFO = re.compile(r"(?<=//)[^/?#@\s]+@")
PARAMETER = re.compile(r"(?<=[?&;])([^=&;#]+)=([^&;#]*)")


def mask_url(url: str) -> str:
    """The URL without its user, and without the values of secret parameters."""

    def masked(found: re.Match[str]) -> str:
        secret = SECRET_NAME.search(unquote_plus(found[1]))
        return f"{found[1]}={MASK}" if secret else found[0]

    return PARAMETER.sub(masked, USER_INFO.sub(f"{MASK}@", url))


def mask_field(name: str, value: str) -> str:
    """A header's value, as far as it may be shown."""
    if SECRET_NAME.search(name):
        return MASK
    return mask_url(value) if name.lower() in URL_FIELDS else value


def body_text(body: bytes, *, whole: bool) -> str:
    """The beginning of a body, which is all of it where it is `whole`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    whole = whole and len(body) <= SHOWN
    try:
        text = decoder.decode(body[:SHOWN], final=whole)
    except UnicodeDecodeError:
        return UNREADABLE
    return text if whole else text + "…"


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
            lines += ["", body_text(request.body, whole=True), ""]
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

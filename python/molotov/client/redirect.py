"""Where a redirecting answer points, as aiohttp and the engine have it."""

import contextlib
from typing import TYPE_CHECKING, Any

from yarl import URL

from molotov.client.multipart import MultipartWriter
from molotov.client.payload import (
    AsyncIterablePayload,
    FilePayload,
    StreamReaderPayload,
)
from molotov.exceptions import ClientError, exception_class
from molotov.masking import mask_user

if TYPE_CHECKING:
    from molotov._engine import Response

# Of an answer's body that is read, so that its connection is kept.
DRAINED_BYTES = 64 * 1024
# That go with a body that is not sent again, and with an origin that is left:
# as the engine has it (http/redirect.cc).
CONTENT_FIELDS = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Language",
    "Content-Location",
    "Content-MD5",
    "Digest",
    "Transfer-Encoding",
    "Expect",
)
ORIGIN_FIELDS = ("Authorization", "Cookie", "Proxy-Authorization", "Host")
REDIRECTING = (301, 302, 303, 307, 308)


def becomes_get(response: "Response") -> bool:
    """Whether the next request is a GET without a body."""
    if response.status == 303:
        return response.method != "HEAD"
    return response.status in (301, 302) and response.method == "POST"


def location_of(response: "Response", url: URL, encoded: bool) -> URL | None:
    """The URL that it points to; None where it has none.

    :param url: that it was asked for by.
    :param encoded: it is taken as it is.
    :raises InvalidUrlRedirectClientError: for what is no URL.
    :raises NonHttpUrlRedirectClientError: for one that is not HTTP's.
    """
    location = response.headers.get("Location") or response.headers.get("URI")
    if location is None:
        return None
    try:
        target = URL(location, encoded=encoded)
    except ValueError as error:
        raise exception_class("InvalidUrlRedirectClientError")(
            location,
            "Server attempted redirecting to a location that does not look "
            "like a URL",
        ) from error
    if target.scheme not in ("http", "https", ""):
        raise exception_class("NonHttpUrlRedirectClientError")(
            mask_user(location)
        )
    if not target.scheme or (target.scheme == url.scheme and not target.host):
        target = url.join(target)
    try:
        target.origin()
    except ValueError as error:
        raise exception_class("InvalidUrlRedirectClientError")(
            target, "Invalid redirect URL origin"
        ) from error
    return target


def repeatable(payload: Any) -> bool:
    """Whether a body that was sent can be sent again."""
    if isinstance(payload, MultipartWriter):
        return all(repeatable(part) for part, _, _ in payload)
    if isinstance(payload, FilePayload):
        return payload.rewinds()
    if isinstance(payload, AsyncIterablePayload | StreamReaderPayload):
        return False
    return not getattr(payload, "consumed", False)  # of aiohttp's


async def drain(response: Any) -> None:
    """Lets go of an answer, and keeps its connection where that is cheap.

    :param response: ours; of another's nothing is read.
    """
    read_some = getattr(response, "_read_some", None)
    left = DRAINED_BYTES
    if read_some is not None and (response.content_length or 0) <= left:
        # What goes wrong with it is of no interest.
        with contextlib.suppress(ClientError, OSError):
            while left > 0 and (piece := await read_some(left)):
                left -= len(piece)
    response.release()

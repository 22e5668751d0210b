"""How an answer is read: the keywords that sessions and requests share."""

from typing import Any, NamedTuple

from molotov.client.arguments import size, whole_number, wrong
from molotov.client.http_version import HttpVersion11

LINE_BYTES = 8190
FIELDS = 128


class Reading(NamedTuple):
    """As the engine takes it (read_reading() in session_options.cc)."""

    decode: bool = True
    buffer_bytes: int = 128 * 1024  # that may wait before reading pauses
    line_bytes: int = LINE_BYTES  # of the status line's reason
    field_bytes: int = LINE_BYTES  # of a field's name and value together
    fields: int = FIELDS
    until_close: bool = True  # of an answer that does not say how long it is
    minor_version: int = 1  # of HTTP/1.x in the request line


USUAL_READING = Reading()


def reading_of(
    usual: Reading,
    *,
    auto_decompress: Any = None,
    read_bufsize: int | None = None,
    max_line_size: int | None = None,
    max_field_size: int | None = None,
    max_headers: int | None = None,
    read_until_eof: Any = True,
    version: Any = None,
) -> Reading:
    """What the keywords make of what is usual; None: nothing."""
    changed: dict[str, Any] = {}
    if auto_decompress is not None:
        changed["decode"] = bool(auto_decompress)
    if read_bufsize is not None:
        # As aiohttp: it pauses at twice as much.
        changed["buffer_bytes"] = 2 * whole_number("read_bufsize", read_bufsize)
    if max_line_size is not None:
        changed["line_bytes"] = size("max_line_size", max_line_size)
    if max_field_size is not None:
        changed["field_bytes"] = size("max_field_size", max_field_size)
    if max_headers is not None:
        changed["fields"] = size("max_headers", max_headers)
    if not read_until_eof:
        changed["until_close"] = False
    if version is not None and version != HttpVersion11:
        changed["minor_version"] = minor_of(version)
    return usual._replace(**changed)


def minor_of(version: Any) -> int:
    """The second number of `version=`.

    :raises TypeError: for what is no pair of numbers.
    """
    try:
        _, minor = version
        return whole_number("version", minor)
    except (TypeError, ValueError):
        raise wrong("version", "a pair of numbers", version) from None

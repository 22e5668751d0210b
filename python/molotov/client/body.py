"""What `data=` of a request is sent as."""

import os
from typing import TYPE_CHECKING, Any

from molotov.client.fields import Fields
from molotov.client.form_data import FormData
from molotov.client.payload import (
    BytesPayload,
    FilePayload,
    Payload,
    StringPayload,
    get_payload,
)
from molotov.client.upload import Upload

if TYPE_CHECKING:
    from molotov.client.request_options import Options
    from molotov.session import ClientSession


def content_of(
    session: "ClientSession", options: "Options", fields: Fields
) -> tuple[Any, Fields, Any]:
    """What the engine sends, the fields that go with it, and what listeners
    are told of it: a payload, or None where it is just these bytes.

    :param fields: what the request has otherwise.
    :raises TypeError: for data that cannot be sent.
    :raises ValueError: for options that do not go together.
    """
    payload = payload_of(options.data)
    given = {name.lower(): value for name, value in fields}
    own: Fields = list(payload.headers.items())
    compress = coding_of(options.compress, given)
    if compress:
        own.insert(0, ("Content-Encoding", compress))
    chunked = bool(options.chunked or compress)
    if chunked and "chunked" in given.get("transfer-encoding", ""):
        raise ValueError(
            "chunked can not be set "
            'if "Transfer-Encoding: chunked" header is set'
        )
    if chunked and "content-length" in given:
        raise ValueError(
            "chunked can not be set if Content-Length header is set"
        )
    check_framing(given)
    chunked = chunked or "transfer-encoding" in given
    if not chunked:
        content = whole_of(payload)
        if content is not None:
            plain = isinstance(payload, BytesPayload | StringPayload)
            return content, own, None if plain else payload
    size = None if chunked else promised_size(payload, given)
    return Upload(session._engine, payload, size, compress), own, payload


def check_framing(given: dict[str, str]) -> None:
    """Refuses fields by which no server could tell where the body ends: what is
    behind it would be another request to it.

    :param given: the request's fields, by their names in lower case.
    """
    length = given.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise ValueError(f"Invalid Content-Length header: {length!r}")
    coding = given.get("transfer-encoding", "chunked")
    if coding.rpartition(",")[2].strip().lower() != "chunked":
        raise ValueError(
            f"Transfer-Encoding does not end in chunked: {coding!r}"
        )


def promised_size(payload: Any, given: dict[str, str]) -> int | None:
    """In bytes, as the fields say or the payload knows."""
    promised = given.get("content-length", "")
    size: int | None = int(promised) if promised.isdigit() else payload.size
    return size


def payload_of(data: Any) -> Any:
    """The payload that `data=` means."""
    if callable(data) and hasattr(data, "add_field"):  # aiohttp's FormData too
        return data()
    try:
        return get_payload(data)
    except LookupError:
        return FormData(data)()


def coding_of(compress: str | bool | None, given: dict[str, str]) -> str | None:
    """The content coding that `compress=` means."""
    if not compress:
        return None
    if given.get("content-encoding"):
        raise ValueError(
            "compress can not be set if Content-Encoding header is set"
        )
    return compress if isinstance(compress, str) else "deflate"


def whole_of(payload: Any) -> Any:
    """What can be sent without Python's help: bytes, or a part of a file."""
    if isinstance(payload, Payload):
        content = payload.at_hand()
        if content is not None:
            payload.close_now()
            return content
    if isinstance(payload, FilePayload):
        part = payload.range()
        if part is not None:
            kept = Kept(part[0])
            payload.close_now()
            return (kept.fd, *part[1:], kept)
    # aiohttp's own, of bytes or a form.
    value = getattr(payload, "_value", None)
    return value if type(value) is bytes else None


class Kept:
    """A descriptor of its own of an open file, for as long as it is sent."""

    def __init__(self, fd: int) -> None:
        self.fd = os.dup(fd)

    def __del__(self) -> None:
        os.close(self.fd)

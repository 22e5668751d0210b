"""What `data=` may be, as a body that can be sent: aiohttp's payloads.

An object that aiohttp made is taken as well, since it has what `Payload` has.
"""

import asyncio
import io
import json as json_module
import mimetypes
import os
import stat
import sys
import threading
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
)
from typing import IO, Any, Protocol
from urllib.parse import quote

from multidict import CIMultiDict

from molotov.client.fields import TOKEN

BINARY = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"
# Up to here what a file has is read at once, and sent in one piece.
READ_AT_ONCE_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024

Headers = Mapping[str, str] | Iterable[tuple[str, str]] | None


class Writer(Protocol):
    """Where a payload is written to."""

    def write(self, chunk: bytes, /) -> Awaitable[Any]: ...


class Collected:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.content = bytearray()

    async def write(self, chunk: bytes, /) -> None:
        self.content += chunk


class Payload:
    """A body, or a part of a multipart one.

    :ivar headers: the fields that go with it; a ``CIMultiDict``.
    """

    default_content_type = BINARY

    def __init__(
        self,
        value: Any,
        headers: Headers = None,
        content_type: str | None = None,
        filename: str | None = None,
        encoding: str | None = None,
    ) -> None:
        if content_type is None and filename is not None:
            content_type = mimetypes.guess_type(filename)[0]
        self._value = value
        self.filename = filename
        self.encoding = encoding
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.headers["Content-Type"] = content_type or self.default_content_type
        if headers:
            self.headers.update(headers)

    @property
    def size(self) -> int | None:
        """In bytes; None where it is only known once it was sent."""
        content = self.at_hand()
        return None if content is None else len(content)

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    def set_content_disposition(
        self,
        disptype: str,
        quote_fields: bool = True,
        _charset: str = "utf-8",
        **params: str,
    ) -> None:
        """Sets ``Content-Disposition``, for a part of a form (RFC 7578)."""
        self.headers["Content-Disposition"] = content_disposition(
            disptype, quote_fields, _charset, params
        )

    def at_hand(self) -> bytes | None:
        """All of it, if it is small or in memory already."""
        return None

    async def write(self, writer: Writer) -> None:
        """Writes all of it, from its beginning where that can be."""
        await writer.write(self.at_hand() or b"")

    async def as_bytes(
        self, encoding: str = "utf-8", errors: str = "strict"
    ) -> bytes:
        """All of it; it can be sent all the same, if it can be read twice."""
        collected = Collected()
        await self.write(collected)
        return bytes(collected.content)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """What is at hand of it as text."""
        return (self.at_hand() or b"").decode(encoding, errors)

    def close_now(self) -> None:
        """Closes what it was read from."""

    async def close(self) -> None:
        """The same, by aiohttp's name."""
        self.close_now()


class BytesPayload(Payload):
    """Bytes, as they are."""

    def at_hand(self) -> bytes:
        return bytes(self._value)


class StringPayload(Payload):
    """Text, encoded as its content type says, or as UTF-8."""

    def __init__(
        self,
        value: str,
        headers: Headers = None,
        content_type: str | None = None,
        filename: str | None = None,
        encoding: str | None = None,
    ) -> None:
        content_type, encoding = text_type(content_type, encoding)
        super().__init__(value, headers, content_type, filename, encoding)
        self._encoded = value.encode(encoding)

    def at_hand(self) -> bytes:
        return self._encoded


class JsonPayload(BytesPayload):
    """A value as JSON."""

    def __init__(
        self,
        value: Any,
        encoding: str = "utf-8",
        content_type: str = "application/json",
        dumps: Callable[[Any], str] = json_module.dumps,
        headers: Headers = None,
    ) -> None:
        super().__init__(
            dumps(value).encode(encoding), headers, content_type, None, encoding
        )


class Reading:
    """How far one writer of a file is.

    :ivar position: where it reads on, once another has moved the file; None:
        where that left it.
    """

    def __init__(self, position: int | None) -> None:
        self.position = position


class FilePayload(Payload):
    """What an open file has from where it stands. It is closed afterwards.

    Who was cut short may have a thread that still reads, when the file is sent
    again: so each has its own position.
    """

    def __init__(
        self,
        value: IO[Any],
        headers: Headers = None,
        content_type: str | None = None,
        filename: str | None = None,
        encoding: str | None = None,
    ) -> None:
        if filename is None:
            filename = filename_of(value)
        super().__init__(value, headers, content_type, filename, encoding)
        self._start = position(value)
        self._content: bytes | None = None
        self._lock = threading.Lock()
        self._reader: Reading | None = None  # who read last

    @property
    def size(self) -> int | None:
        if self._content is not None:
            return len(self._content)
        end = end_of(self._value)
        if end is None or self._start is None:
            return None
        return max(end - self._start, 0)

    def range(self) -> tuple[int, int, int] | None:
        """(descriptor, offset, bytes), where the kernel can send it."""
        file, size = self._value, self.size
        if not isinstance(file, io.BufferedReader) or size is None:
            return None
        return file.fileno(), self._start or 0, size

    def at_hand(self) -> bytes | None:
        if self._content is None:
            size = self.size
            if size is None or size > READ_AT_ONCE_BYTES:
                return None
            self._content = self.encoded(self._value.read())
        return self._content

    def encoded(self, piece: Any) -> bytes:
        return bytes(piece)

    def rewinds(self) -> bool:
        """Whether it can be read again from where it stood."""
        if self._content is not None:
            return True
        if self._start is None or self._value.closed:
            return False
        seekable: bool = self._value.seekable()
        return seekable

    async def write(self, writer: Writer) -> None:
        content = self.at_hand()
        if content is not None:
            await writer.write(content)
            return
        # Where the end is known it is not looked for: once all is sent, there
        # may be an answer, and the file may be closed.
        size = self.size
        left = sys.maxsize if size is None else size
        reading = Reading(self._start)
        loop = asyncio.get_running_loop()
        while left > 0:
            count = min(left, PIECE_BYTES)
            piece = await loop.run_in_executor(None, self._read, reading, count)
            if not piece:
                break
            left -= len(piece)
            await writer.write(self.encoded(piece))

    def _read(self, reading: Reading, count: int) -> Any:
        with self._lock:
            if self._reader is not reading:
                self._turn_to(reading)
            return self._value.read(count)

    def _turn_to(self, reading: Reading) -> None:
        before, self._reader = self._reader, reading
        if not self.rewinds():
            return
        if before is not None:
            before.position = position(self._value)
        if reading.position is not None:
            self._value.seek(reading.position)

    def close_now(self) -> None:
        if not isinstance(self._value, io.BytesIO | io.StringIO):
            self._value.close()


class TextFilePayload(FilePayload):
    """A file that was opened as text."""

    def __init__(
        self,
        value: IO[str],
        headers: Headers = None,
        content_type: str | None = None,
        filename: str | None = None,
        encoding: str | None = None,
    ) -> None:
        content_type, encoding = text_type(content_type, encoding)
        super().__init__(value, headers, content_type, filename, encoding)

    @property
    def size(self) -> int | None:
        content = self.at_hand()
        return None if content is None else len(content)

    def at_hand(self) -> bytes | None:
        if self._content is None:
            end = end_of(self._value)
            small = end is not None and end <= READ_AT_ONCE_BYTES
            if small or isinstance(self._value, io.StringIO):
                self._content = self.encoded(self._value.read())
        return self._content

    def encoded(self, piece: Any) -> bytes:
        text: str = piece
        return text.encode(self.encoding or "utf-8")


class AsyncIterablePayload(Payload):
    """What an asynchronous iterable gives, piece by piece."""

    async def write(self, writer: Writer) -> None:
        async for piece in self._value:
            await writer.write(piece)


class StreamReaderPayload(Payload):
    """What another response has, as it comes."""

    async def write(self, writer: Writer) -> None:
        async for piece in self._value.iter_any():
            await writer.write(piece)


def is_payload(data: Any) -> bool:
    """Whether it is one: ours or aiohttp's, a multipart writer included."""
    return isinstance(data, Payload) or (
        hasattr(data, "write")
        and hasattr(data, "headers")
        and hasattr(data, "size")
    )


def get_payload(data: Any, **options: Any) -> Any:
    """The payload for what `data=` was given, or for a part of a form.

    :param options: ``headers``, ``content_type``, ``filename``, ``encoding``.
    :raises LookupError: when it can be none.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        return BytesPayload(data, **options)
    if isinstance(data, str):
        return StringPayload(data, **options)
    if isinstance(data, io.TextIOBase):
        return TextFilePayload(data, **options)  # type: ignore[arg-type]
    if isinstance(data, io.IOBase):
        return FilePayload(data, **options)  # type: ignore[arg-type]
    if is_payload(data):
        return data
    if hasattr(data, "iter_any"):
        return StreamReaderPayload(data, **options)
    if isinstance(data, AsyncIterable):
        return AsyncIterablePayload(data, **options)
    return registered(data, options)


def registered(data: Any, options: dict[str, Any]) -> Any:
    """The payload of a type that a script has told aiohttp of.

    :raises LookupError: where it has not.
    """
    theirs = sys.modules.get("aiohttp.payload")
    if theirs is None:
        raise LookupError(type(data).__name__)
    try:
        return theirs.PAYLOAD_REGISTRY.get(data, **options)
    except theirs.LookupError:
        raise LookupError(type(data).__name__) from None


def text_type(
    content_type: str | None, encoding: str | None
) -> tuple[str, str]:
    """Both of a text's, by what of them was given."""
    encoding = encoding or charset_in(content_type) or "utf-8"
    return content_type or f"text/plain; charset={encoding}", encoding


def charset_in(content_type: str | None) -> str | None:
    """The charset that a content type names."""
    from email.message import Message

    if content_type is None:
        return None
    message = Message()
    message["content-type"] = content_type
    return message.get_content_charset()


def position(file: IO[Any]) -> int | None:
    """Where it stands; None where that cannot be said."""
    try:
        return file.tell()
    except (OSError, ValueError):
        return None


def end_of(file: IO[Any]) -> int | None:
    """Its size in bytes; None where that cannot be said, as of a pipe, or of
    what unpacks the file that it reads."""
    if isinstance(file, io.BytesIO):
        return file.getbuffer().nbytes
    buffered = getattr(file, "buffer", file)  # of a text file
    raw = getattr(buffered, "raw", buffered)
    if not isinstance(raw, io.FileIO) or raw.closed:
        return None
    status = os.fstat(raw.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def filename_of(file: Any, default: str | None = None) -> str | None:
    """The name that a file was opened by, without its folders."""
    name = getattr(file, "name", None)
    if name and isinstance(name, str) and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name)
    return default


def content_disposition(
    kind: str, quote_fields: bool, charset: str, parameters: Mapping[str, str]
) -> str:
    """A ``Content-Disposition`` as RFC 7578 section 4.2 has it.

    :raises ValueError: for a kind or a name that is no token.
    """
    if not kind or not TOKEN.issuperset(kind):
        raise ValueError(f"bad content disposition type {kind!r}")
    parts = [kind]
    for name, value in parameters.items():
        if not name or not TOKEN.issuperset(name):
            raise ValueError(
                f"bad content disposition parameter {name!r}={value!r}"
            )
        parts.append(disposition_parameter(name, value, quote_fields, charset))
    return "; ".join(parts)


def disposition_parameter(
    name: str, value: str, quote_fields: bool, charset: str
) -> str:
    if quote_fields and name.lower() == "filename":
        return f'{name}="{quote(value, "", encoding=charset)}"'
    if quote_fields and not (value.isascii() and value.isprintable()):
        return f"{name}*={charset}''{quote(value, '', encoding=charset)}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'

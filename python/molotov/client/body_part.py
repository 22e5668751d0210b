"""One part of a multipart body, as it comes (RFC 2046 section 5.1, RFC 7578):
aiohttp's reader."""

import json as json_module
import sys
from collections.abc import AsyncIterator, Mapping
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl

from molotov.client.content_disposition import (
    content_disposition_filename,
    parse_content_disposition,
)
from molotov.client.multipart_source import Source
from molotov.client.part_codings import cut_base64, decode_transfer, inflated

DECODED_PIECE_BYTES = 256 * 1024


class BodyPartReader:
    """One part of a body. Iterating over it gives all of it, once."""

    chunk_size = 8192
    """Bytes that are read at once."""
    headers: Mapping[str, str]
    """Its fields."""

    def __init__(
        self,
        boundary: bytes,
        headers: Mapping[str, str],
        content: Any,
        *,
        subtype: str = "mixed",
        default_charset: str | None = None,
        max_decompress_size: int = DECODED_PIECE_BYTES,
        client_max_size: int = sys.maxsize,
        max_size_error_cls: type[Exception] = ValueError,
    ) -> None:
        """
        :param boundary: with the two dashes before it.
        :param content: where it is read from.
        :param client_max_size: as many bytes as ``read()`` gives.
        :raises ValueError: for a Content-Length that is none.
        """
        self.headers = headers
        self._boundary = boundary
        self._source = source_of(content)
        self._default_charset = default_charset
        self._is_form_data = subtype == "form-data"
        self._piece_bytes = max_decompress_size
        self._most = client_max_size
        self._too_much = max_size_error_cls
        # RFC 7578 section 4.8: not in forms.
        length = None if self._is_form_data else headers.get("Content-Length")
        if length is not None and not (length.isascii() and length.isdigit()):
            raise ValueError(f"invalid Content-Length: {length!r}")
        self._left = None if length is None else int(length)
        self._begun = False
        self._ended = False  # nothing of it is left in the source
        self._kept = b""  # by readline(), to be read next
        self._carried = b""  # less than base64 takes at once

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part

    async def next(self) -> bytes | None:
        """All that is left; None where nothing is."""
        return await self.read() or None

    async def read(self, *, decode: bool = False) -> bytes:
        """All that is left.

        :param decode: by ``Content-Transfer-Encoding`` and
            ``Content-Encoding``.
        :raises ValueError: when the body ends before the part, or the part is
            larger than the reader was told.
        """
        data = bytearray()
        while not self.at_eof():
            data += await self.read_chunk()
            self._check(data)
        if not decode:
            return bytes(data)
        decoded = bytearray()
        async for piece in self.decode_iter(bytes(data)):
            decoded += piece
            self._check(decoded)
        return bytes(decoded)

    def _check(self, data: bytearray) -> None:
        if len(data) > self._most:
            raise self._too_much(self._most)

    async def read_chunk(self, size: int = chunk_size) -> bytes:
        """Up to that many bytes; b"" at the end. Of base64 whole groups, each
        of which can be decoded by itself."""
        if self._kept:
            chunk, self._kept = self._kept[:size], self._kept[size:]
            return chunk
        if self._ended:
            return b""
        chunk = self._carried + await self._piece(
            max(size - len(self._carried), 1)
        )
        self._carried = b""
        if self._transfer_encoding() == "base64" and not self._ended:
            chunk, self._carried = cut_base64(chunk)
        return chunk

    async def readline(self) -> bytes:
        """The next line, with its end where it has one; b"" at the end."""
        line = bytearray()
        while not self.at_eof():
            piece = self._kept or await self.read_chunk()
            found = piece.find(b"\n") + 1
            line += piece[:found] if found else piece
            self._kept = piece[found:] if found else b""
            if found:
                break
            self._check(line)
        return bytes(line)

    async def release(self) -> None:
        """Reads to the end, and keeps nothing."""
        self._kept = b""
        while not self._ended:
            await self.read_chunk()

    async def text(self, *, encoding: str | None = None) -> str:
        """All that is left, decoded, as text.

        :param encoding: in place of its own charset, or of UTF-8.
        """
        data = await self.read(decode=True)
        return data.decode(encoding or self.get_charset(default="utf-8"))

    async def json(self, *, encoding: str | None = None) -> Any:
        """What the JSON of it means; None where nothing is left."""
        data = await self.read(decode=True)
        if not data:
            return None
        encoding = encoding or self.get_charset(default="utf-8")
        return json_module.loads(data.decode(encoding))

    async def form(
        self, *, encoding: str | None = None
    ) -> list[tuple[str, str]]:
        """The names and values of a URL-encoded form."""
        data = await self.read(decode=True)
        if not data:
            return []
        encoding = encoding or self.get_charset(default="utf-8")
        try:
            text = data.rstrip().decode(encoding)
        except UnicodeDecodeError:
            raise ValueError(
                f"data cannot be decoded with {encoding} encoding"
            ) from None
        return parse_qsl(text, keep_blank_values=True, encoding=encoding)

    def at_eof(self) -> bool:
        """Whether all of it was read."""
        return self._ended and not self._kept

    def decode(self, data: bytes) -> bytes:
        """Decodes what was read, all at once, up to the limit that is given
        for a piece.

        :raises RuntimeError: for a coding that we do not know.
        """
        data = decode_transfer(data, self._transfer_encoding())
        pieces = inflated(data, self._content_encoding(), self._piece_bytes)
        return next(pieces, b"")

    async def decode_iter(self, data: bytes) -> AsyncIterator[bytes]:
        """Decodes what was read, piece by piece.

        :raises RuntimeError: for a coding that we do not know.
        """
        data = decode_transfer(data, self._transfer_encoding())
        encoding = self._content_encoding()
        for piece in inflated(data, encoding, self._piece_bytes):
            yield piece

    def get_charset(self, default: str) -> str:
        """The charset that it says it has."""
        _, parameters = content_type_of(self.headers)
        return parameters.get("charset", self._default_charset or default)

    @cached_property
    def name(self) -> str | None:
        """As ``Content-Disposition`` has it."""
        return self._disposition("name")

    @cached_property
    def filename(self) -> str | None:
        """As ``Content-Disposition`` has it, without slashes before it."""
        return self._disposition("filename")

    def _disposition(self, name: str) -> str | None:
        _, parameters = parse_content_disposition(
            self.headers.get("Content-Disposition")
        )
        return content_disposition_filename(parameters, name)

    def _transfer_encoding(self) -> str:
        return self.headers.get("Content-Transfer-Encoding", "").lower()

    def _content_encoding(self) -> str:
        # RFC 7578 section 4.8: not in forms.
        if self._is_form_data:
            return ""
        return self.headers.get("Content-Encoding", "").lower()

    async def _piece(self, size: int) -> bytes:
        """The next bytes; the part is at its end when there are no more."""
        source, delimiter = self._source, b"\r\n" + self._boundary
        if self._left is not None:
            piece = b""
            if self._left:
                piece = await source.exactly(min(size, self._left))
                self._left -= len(piece)
            if not self._left:
                self._ended = True
                if await source.line() != b"\r\n":
                    raise ValueError(
                        "Reader did not read all the data or it is malformed"
                    )
            return piece
        if not self._begun:
            self._begun = True
            # A part may have nothing before its delimiter, whose first line
            # end is that of the header then.
            if await source.starts_with(self._boundary):
                self._ended = True
                return b""
        piece = await source.before(delimiter, size)
        if await source.starts_with(delimiter):
            await source.line()  # the line end of the delimiter's
            self._ended = True
        return piece


def source_of(content: Any) -> Source:
    return content if isinstance(content, Source) else Source(content)


def content_type_of(headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A part's type and its parameters; "" for none."""
    value = headers.get("Content-Type", "")
    message = Message()
    # Bytes that are no UTF-8 are more than the parser takes.
    plain = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    message["content-type"] = plain
    try:
        kind, *pairs = message.get_params([]) or [("", "")]
    except TypeError:  # a fault of the parser's, with pieces that are none
        return "", {}
    return kind[0].strip().lower(), {
        name.lower(): collapse_rfc2231_value(text) for name, text in pairs
    }

"""Bodies of several parts (RFC 2046 section 5.1, RFC 7578)."""

import base64
import quopri
import re
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from molotov.client.fields import ends_a_line
from molotov.client.payload import (
    Headers,
    JsonPayload,
    Payload,
    StringPayload,
    Writer,
    get_payload,
    is_payload,
)

Part = tuple[Any, str | None, str | None]  # payload, coding, transfer encoding


class MultipartWriter(Payload):
    """A body of parts, each with header fields of its own: aiohttp's."""

    def __init__(
        self, subtype: str = "mixed", boundary: str | None = None
    ) -> None:
        """
        :param subtype: of ``multipart``, such as ``form-data``.
        :param boundary: between the parts; by default one of its own.
        :raises ValueError: for a boundary that is not ASCII.
        """
        boundary = uuid.uuid4().hex if boundary is None else boundary
        if not boundary.isascii():
            raise ValueError("boundary should contain ASCII only chars")
        self._boundary = boundary
        super().__init__(
            None,
            content_type=f"multipart/{subtype}; boundary={quoted(boundary)}",
        )
        self._parts: list[Part] = []
        self._is_form_data = subtype == "form-data"

    def __enter__(self) -> "MultipartWriter":
        return self

    def __exit__(self, *exception: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Part]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __bool__(self) -> bool:
        return True

    @property
    def boundary(self) -> str:
        """What stands between the parts."""
        return self._boundary

    def append(self, obj: Any, headers: Headers = None) -> Any:
        """Adds a part.

        :param obj: whatever ``data=`` of a request takes, but for a form.
        :returns: the part, a payload.
        :raises TypeError: for anything else.
        """
        if is_payload(obj):
            obj.headers.update(headers or {})
            return self.append_payload(obj)
        try:
            return self.append_payload(get_payload(obj, headers=headers))
        except LookupError:
            raise TypeError(f"Cannot create payload from {obj!r}") from None

    def append_json(self, obj: Any, headers: Headers = None) -> Any:
        """Adds a part with a value as JSON."""
        return self.append_payload(JsonPayload(obj, headers=headers))

    def append_form(
        self,
        obj: Sequence[tuple[str, str]] | Mapping[str, str],
        headers: Headers = None,
    ) -> Any:
        """Adds a part with a form, URL-encoded."""
        pairs = list(obj.items()) if isinstance(obj, Mapping) else obj
        content_type = "application/x-www-form-urlencoded"
        return self.append_payload(
            StringPayload(urlencode(pairs, doseq=True), headers, content_type)
        )

    def append_payload(self, payload: Any) -> Any:
        """Adds a part that is a payload already.

        :raises RuntimeError: for a coding that we do not know.
        """
        fields = payload.headers
        if self._is_form_data:
            # RFC 7578 section 4.2: each part has a name.
            if "Content-Disposition" not in fields:
                payload.set_content_disposition(
                    "form-data", name=f"section-{len(self._parts)}"
                )
            self._parts.append((payload, None, None))
            return payload
        coding = fields.get("Content-Encoding", "").lower()
        if coding not in ("", "deflate", "gzip", "identity"):
            raise RuntimeError(f"unknown content encoding: {coding}")
        transfer = fields.get("Content-Transfer-Encoding", "").lower()
        if transfer not in ("", "base64", "quoted-printable", "binary"):
            raise RuntimeError(f"unknown content transfer encoding: {transfer}")
        coding = "" if coding == "identity" else coding
        transfer = "" if transfer == "binary" else transfer
        size = payload.size
        if size is not None and not coding and not transfer:
            fields["Content-Length"] = str(size)
        self._parts.append((payload, coding or None, transfer or None))
        return payload

    @property
    def size(self) -> int | None:
        """In bytes; None where it is only known once it was sent."""
        total = len(self._last_line())
        for part, coding, transfer in self._parts:
            size = part.size
            if coding or transfer or size is None:
                return None
            total += len(self._head_of(part)) + size + 2
        return total

    def at_hand(self) -> bytes | None:
        """All of it, if all parts are in memory already."""
        content = bytearray()
        for part, coding, transfer in self._parts:
            piece = part.at_hand() if isinstance(part, Payload) else None
            if coding or transfer or piece is None:
                return None
            content += self._head_of(part) + piece + b"\r\n"
        return bytes(content + self._last_line())

    async def write(self, writer: Writer, close_boundary: bool = True) -> None:
        """Writes all of it.

        :param writer: with ``async def write(chunk)``.
        :param close_boundary: whether the last boundary is written too.
        """
        for part, coding, transfer in self._parts:
            await writer.write(self._head_of(part))
            if coding or transfer:
                coded = CodedWriter(writer, coding, transfer, raw=True)
                await part.write(coded)
                await coded.finish()
            else:
                await part.write(writer)
            await writer.write(b"\r\n")
        if close_boundary:
            await writer.write(self._last_line())

    def close_now(self) -> None:
        """Closes what parts are read from."""
        for part, _, _ in self._parts:
            if isinstance(part, Payload):
                part.close_now()

    async def close(self) -> None:
        """The same, also of parts that are aiohttp's."""
        for part, _, _ in self._parts:
            await part.close()

    def _head_of(self, part: Any) -> bytes:
        lines = [f"--{self._boundary}"]
        for name, value in part.headers.items():
            if ends_a_line(value):
                raise ValueError(f"Invalid value for header {name}: {value!r}")
            lines.append(f"{name}: {value}")
        return "\r\n".join([*lines, "", ""]).encode()

    def _last_line(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()


class CodedWriter:
    """Writes on, compressed or encoded or both."""

    def __init__(
        self,
        writer: Writer,
        coding: str | None,
        transfer: str | None = None,
        *,
        raw: bool,
    ) -> None:
        """
        :param raw: as of :func:`compressor`.
        """
        self._writer = writer
        self._deflater = compressor(coding, raw) if coding else None
        self._transfer = transfer
        self._rest = b""  # less than the three bytes that base64 takes

    async def write(self, chunk: bytes) -> None:
        if self._deflater is not None:
            chunk = self._deflater.compress(chunk)
        await self._encode(chunk)

    async def finish(self) -> None:
        if self._deflater is not None:
            await self._encode(self._deflater.flush())
        if self._rest:
            await self._writer.write(base64.b64encode(self._rest))

    async def _encode(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._transfer == "base64":
            whole = self._rest + chunk
            cut = len(whole) - len(whole) % 3
            self._rest = whole[cut:]
            chunk = base64.b64encode(whole[:cut])
        elif self._transfer == "quoted-printable":
            chunk = quopri.encodestring(chunk)
        if chunk:
            await self._writer.write(chunk)


def compressor(coding: str, raw: bool) -> Any:
    """What compresses by a content coding.

    :param raw: deflate without zlib's wrapping, as aiohttp has it in parts.
    :raises ValueError: for a coding that is neither gzip nor deflate.
    """
    if coding == "gzip":
        return zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    if coding == "deflate":
        wbits = -zlib.MAX_WBITS if raw else zlib.MAX_WBITS
        return zlib.compressobj(wbits=wbits)
    raise ValueError(f"unknown content encoding: {coding}")


def quoted(boundary: str) -> str:
    """A boundary as a parameter's value (RFC 9110 section 5.6.6).

    :raises ValueError: when it has control characters.
    """
    if re.fullmatch(r"[!#$%&'*+\-.^_`|~\w]+", boundary):
        return boundary
    if re.search(r"[\x00-\x08\x0A-\x1F\x7F]", boundary):
        raise ValueError("boundary value contains invalid characters")
    escaped = boundary.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

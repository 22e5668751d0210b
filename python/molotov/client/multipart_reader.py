"""Bodies of several parts, as they come (RFC 2046 section 5.1, RFC 7578):
aiohttp's readers."""

import sys
from collections.abc import Mapping
from typing import Any, Self

from multidict import CIMultiDict, CIMultiDictProxy

from molotov.client.body_part import (
    BodyPartReader,
    content_type_of,
    source_of,
)
from molotov.client.fields import TOKEN

# Of a part's header, as aiohttp has them.
FIELD_BYTES = 8190
FIELDS_MOST = 128
BOUNDARY_MOST = 70
# Parts within parts: who nests deeper means no good.
DEPTH_MOST = 64
CHARSET_BYTES = 31


class MultipartResponseWrapper:
    """The parts of an answer, which is let go of at the end."""

    def __init__(self, resp: Any, stream: "MultipartReader") -> None:
        self.resp = resp
        self.stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> "MultipartReader | BodyPartReader":
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part

    def at_eof(self) -> bool:
        """Whether all of the answer was read."""
        return self.stream.at_eof() or self.stream._source.at_end

    async def next(self) -> "MultipartReader | BodyPartReader | None":
        """The next part; None at the end."""
        part = await self.stream.next()
        if self.stream.at_eof():
            await self.release()
        return part

    async def release(self) -> None:
        """Lets go of the answer."""
        await self.resp.release()


class MultipartReader:
    """The parts of a body, one by one. Iterating over it gives readers."""

    headers: Mapping[str, str]
    """That say its type."""
    part_reader_cls: type[BodyPartReader] = BodyPartReader
    """Made for a part."""
    multipart_reader_cls: "type[MultipartReader] | None" = None
    """Made for a part with parts; None: the same as this one."""
    response_wrapper_cls: type[MultipartResponseWrapper] = (
        MultipartResponseWrapper
    )
    """Made by ``from_response()``."""

    def __init__(
        self,
        headers: Mapping[str, str],
        content: Any,
        *,
        client_max_size: int = sys.maxsize,
        max_field_size: int = FIELD_BYTES,
        max_headers: int = FIELDS_MOST,
        max_size_error_cls: type[Exception] = ValueError,
    ) -> None:
        """
        :param headers: with the ``Content-Type`` that says the boundary.
        :param content: with ``read(n)``, such as ``response.content``.
        :param client_max_size: as many bytes as ``read()`` of a part gives.
        :param max_field_size: of a line of a part's header, in bytes.
        :param max_headers: lines that it may have.
        :raises ValueError: for a type that is no multipart, and for a
            boundary that is none, or too long.
        """
        kind, parameters = content_type_of(headers)
        if not kind.startswith("multipart/"):
            raise ValueError("multipart/* content type expected")
        boundary = parameters.get("boundary")
        if boundary is None:
            raise ValueError(
                "boundary missed for Content-Type: " + headers["Content-Type"]
            )
        if not boundary or len(boundary) > BOUNDARY_MOST:
            raise ValueError(
                f"boundary {boundary!r} is too long ({BOUNDARY_MOST} chars max)"
                if boundary
                else "the boundary is empty"
            )
        self.headers = headers
        self._subtype = kind.partition("/")[2]
        self._boundary = b"--" + boundary.encode("utf-8", "surrogateescape")
        self._source = source_of(content)
        self._limits: dict[str, Any] = {
            "client_max_size": client_max_size,
            "max_size_error_cls": max_size_error_cls,
        }
        self._field_bytes = max_field_size
        self._fields_most = max_headers
        self._default_charset: str | None = None
        self._depth = 1
        self._last: MultipartReader | BodyPartReader | None = None
        self._at_bof = True
        self._at_eof = False

    @classmethod
    def from_response(cls, response: Any) -> MultipartResponseWrapper:
        """A reader of an answer, which lets go of it at the end.

        :param response: whose body was not read yet.
        """
        return cls.response_wrapper_cls(
            response, cls(response.headers, response.content)
        )

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> "MultipartReader | BodyPartReader":
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part

    def at_eof(self) -> bool:
        """Whether the last boundary was read."""
        return self._at_eof

    async def next(self) -> "MultipartReader | BodyPartReader | None":
        """The next part; what is left of the one before is read over. None at
        the end.

        :raises ValueError: for what is no multipart.
        """
        if self._at_eof:
            return None
        await self._pass_boundary()
        if self._at_eof:
            return None
        part = await self.fetch_next_part()
        if self._is_charset(part):
            charset = await part.read_chunk(CHARSET_BYTES + 1)
            if len(charset) > CHARSET_BYTES:
                raise RuntimeError("Invalid default charset")
            self._default_charset = charset.strip().decode()
            self._last = part
            await self._pass_boundary()
            if self._at_eof:
                return None
            part = await self.fetch_next_part()
        self._last = part
        return self._last

    async def release(self) -> None:
        """Reads to the last boundary, and keeps nothing."""
        while (part := await self.next()) is not None:
            await part.release()

    async def fetch_next_part(self) -> Any:
        """A reader of the part whose header comes next."""
        headers = await self._read_headers()
        kind, _ = content_type_of(headers)
        if not kind.startswith("multipart/"):
            return self.part_reader_cls(
                self._boundary,
                headers,
                self._source,
                subtype=self._subtype,
                default_charset=self._default_charset,
                **self._limits,
            )
        if self._depth == DEPTH_MOST:
            raise ValueError(f"parts are nested more than {DEPTH_MOST} deep")
        make = self.multipart_reader_cls or type(self)
        nested = make(
            headers,
            self._source,
            max_field_size=self._field_bytes,
            max_headers=self._fields_most,
            **self._limits,
        )
        nested._depth = self._depth + 1
        return nested

    def _is_charset(self, part: Any) -> bool:
        """Whether it says the form's charset (RFC 7578 section 4.6)."""
        return (
            self._last is None
            and self._subtype == "form-data"
            and isinstance(part, BodyPartReader)
            and part.name == "_charset_"
        )

    async def _pass_boundary(self) -> None:
        last = self._last
        if last is not None:
            await last.release()
        # What goes before the first one, or behind the last one of a part's
        # own parts, means nothing.
        skips = self._at_bof or isinstance(last, MultipartReader)
        self._at_bof = False
        while True:
            line = await self._source.line()
            stripped = line.rstrip()
            if stripped == self._boundary:
                return
            if stripped == self._boundary + b"--":
                self._at_eof = True
                return
            if not line and skips:
                raise ValueError(
                    f"Could not find starting boundary {self._boundary!r}"
                )
            if not skips:
                raise ValueError(
                    f"Invalid boundary {stripped!r}, expected "
                    f"{self._boundary!r}"
                )

    async def _read_headers(self) -> CIMultiDictProxy[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        count = 0
        name = ""
        while True:
            line = await self._source.line(self._field_bytes)
            text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
            if not text:
                return CIMultiDictProxy(headers)
            count += 1
            if count > self._fields_most:
                raise ValueError("Too many headers received")
            if text[0] in " \t" and name:  # goes on
                values = headers.popall(name)
                values[-1] += " " + text.strip()
                headers.extend((name, value) for value in values)
                continue
            name, colon, value = text.partition(":")
            if not colon or not name or not TOKEN.issuperset(name):
                raise ValueError(f"Invalid header line: {text!r}")
            headers.add(name, value.strip(" \t"))

"""A response's body as it comes: aiohttp's StreamReader."""

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from molotov._engine import Response

ANY_BYTES = 1 << 30
# As long as a line may be, unless it is said otherwise.
LINE_BYTES = 128 * 1024
QUOTED_BYTES = 100


class StreamReader:
    """A response's body as it comes. Iterating over it gives lines."""

    def __init__(self, response: "Response") -> None:
        self._response = response
        self._kept = b""  # read already, and to be given first

    def __repr__(self) -> str:
        return f"<StreamReader of {self._response!r}>"

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._lines()

    @property
    def total_bytes(self) -> int:
        """How many bytes have come, decoded."""
        return self._response._decoded_bytes

    async def read(self, n: int = -1) -> bytes:
        """Up to `n` bytes as soon as there are any, b"" at the end; -1: all
        that is left."""
        if n == 0:
            return b""
        if n < 0:
            return self._take_kept(-1) + await self._read_some(-1)
        return self._take_there(n) or await self._read_some(n)

    async def readany(self) -> bytes:
        """What is there, or the next that comes; b"" at the end."""
        return self._take_there(ANY_BYTES) or await self._read_some(ANY_BYTES)

    async def readexactly(self, n: int) -> bytes:
        """Just `n` bytes.

        :raises asyncio.IncompleteReadError: when the body ends before.
        """
        read = bytearray()
        while len(read) < n:
            piece = await self.read(n - len(read))
            if not piece:
                raise asyncio.IncompleteReadError(bytes(read), n)
            read += piece
        return bytes(read)

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """One line with its end; b"" at the end of the body.

        :param max_line_length: in bytes, 128 KiB by default.
        :raises LineTooLong: when the line is longer.
        """
        return await self.readuntil(max_size=max_line_length)

    async def readuntil(
        self, separator: bytes = b"\n", *, max_size: int | None = None
    ) -> bytes:
        """All up to the separator, with it, or to the body's end.

        :param max_size: in bytes, 128 KiB by default.
        :raises ValueError: for no separator.
        :raises LineTooLong: when more than `max_size` bytes come with it, or
            without one.
        """
        if not separator:
            raise ValueError("Separator should be at least one-byte string")
        most = max_size or LINE_BYTES
        read = bytearray()
        searched = 0
        while piece := await self.readany():
            read += piece
            found = read.find(separator, searched)
            end = found + len(separator)
            if found >= 0:
                self._keep(bytes(read[end:]))
                del read[end:]
            if len(read) > most:
                raise exception_class("LineTooLong")(
                    bytes(read[:QUOTED_BYTES]) + b"...", most
                )
            if found >= 0:
                return bytes(read)
            searched = max(len(read) - len(separator) + 1, 0)
        return bytes(read)

    async def readchunk(self) -> tuple[bytes, bool]:
        """What is there or comes next, up to the end of a chunk of HTTP's;
        and whether one ends behind it."""
        if not self._kept:
            await self._response._await_body(1)
        end = self._response._chunk_end(len(self._kept))
        if end < 0:
            return await self.readany(), False
        self._response._forget_chunk_end()
        return (await self.readexactly(end)) if end else b"", True

    def read_nowait(self, n: int = -1) -> bytes:
        """What is there already, up to `n` bytes."""
        kept = self._take_kept(n)
        if kept or n == 0 or self._response._kept_body is not None:
            return kept
        there, _ = self._response._peek(ANY_BYTES if n < 0 else n)
        if there:
            # It is there, so nobody waits.
            reading = self._read_some(len(there))
            with contextlib.suppress(StopIteration):
                reading.send(None)
        return there

    def unread_data(self, data: bytes) -> None:
        """Gives bytes back, which are read again then. Deprecated."""
        warnings.warn(
            "unread_data() is deprecated and will be removed in future "
            "releases (#3260)",
            DeprecationWarning,
            stacklevel=2,
        )
        self._keep(bytes(data) + self._take_kept(-1))

    def at_eof(self) -> bool:
        """Whether all was read."""
        return not self._kept and self._response._at_eof()

    async def wait_eof(self) -> None:
        """Waits until all has come; something else has to read it where it is
        much."""
        await self._response._await_body(ANY_BYTES)

    @property
    def total_compressed_bytes(self) -> int | None:
        """How many bytes have come, before they were decoded; None where they
        are not."""
        return self._response._coded_bytes

    @property
    def total_raw_bytes(self) -> int:
        """The same, or :attr:`total_bytes`."""
        coded = self.total_compressed_bytes
        return self.total_bytes if coded is None else coded

    def set_read_chunk_size(self, n: int) -> None:
        """Has as much as twice that wait to be read, where it is more than
        ``read_bufsize``."""
        self._response._raise_buffer(2 * n)

    def is_eof(self) -> bool:
        """Whether all has come."""
        return self._response.closed

    def exception(self) -> BaseException | None:
        """What reading would raise since the answer was let go; None."""
        if not self._response._released:
            return None
        error: BaseException = exception_class("ClientConnectionError")(
            "Connection closed"
        )
        return error

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """Pieces of up to `n` bytes."""
        self.set_read_chunk_size(n)
        while piece := await self.read(n):
            yield piece

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Pieces as they come."""
        while piece := await self.readany():
            yield piece

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Pieces as they come, each as `readchunk()` gives it."""
        while (pair := await self.readchunk()) != (b"", False):
            yield pair

    async def _lines(self) -> AsyncIterator[bytes]:
        while line := await self.readline():
            yield line

    async def _read_some(self, n: int) -> bytes:
        piece: Any = await self._response._read_some(n)
        return bytes(piece)

    def _keep(self, data: bytes) -> None:
        self._kept = data

    def _take_there(self, n: int) -> bytes:
        """Of what was given back; with what is there behind it."""
        kept = self._take_kept(n)
        if kept and len(kept) < n:
            kept += self.read_nowait(n - len(kept))
        return kept

    def _take_kept(self, n: int) -> bytes:
        taken = self._kept if n < 0 else self._kept[:n]
        self._kept = self._kept[len(taken) :]
        return taken

"""The bytes of a multipart body, as its readers take them: up to a delimiter,
or by lines. Nested readers share one."""

from typing import Any

PIECE_BYTES = 64 * 1024
# As long as a line may be that is none of a part's header.
LINE_BYTES = 128 * 1024


class Source:
    """What was read of a body and is not used yet."""

    def __init__(self, content: Any) -> None:
        """
        :param content: with ``read(n)``, such as a response's.
        """
        self.content = content
        self._there = bytearray()
        self._ended = False

    @property
    def at_end(self) -> bool:
        """Whether all was taken, and no more comes."""
        return self._ended and not self._there

    async def line(self, most: int = LINE_BYTES) -> bytes:
        """The next line with its end; what is left, b"" at last.

        :raises ValueError: when it is longer than that.
        """
        searched = 0
        while True:
            end = self._there.find(b"\n", searched) + 1
            if (end or len(self._there)) > most:
                raise ValueError(f"a line of more than {most} bytes")
            if end:
                return self._take(end)
            searched = len(self._there)
            if not await self._more():
                return self._take(searched)

    async def before(self, delimiter: bytes, most: int) -> bytes:
        """Up to that many bytes in front of a delimiter, as they come; b""
        where it is next.

        :raises ValueError: when the body ends without it.
        """
        while True:
            found = self._there.find(delimiter)
            if found >= 0:
                return self._take(min(found, most))
            # The delimiter may have begun.
            safe = len(self._there) - len(delimiter) + 1
            if safe > 0:
                return self._take(min(safe, most))
            if not await self._more():
                raise ValueError("the body ends within a part")

    async def exactly(self, most: int) -> bytes:
        """What is there, or comes next, of that many bytes.

        :raises ValueError: when the body has ended.
        """
        if not self._there and not await self._more():
            raise ValueError("the body ends within a part")
        return self._take(min(len(self._there), most))

    async def starts_with(self, prefix: bytes) -> bool:
        """Whether that comes next."""
        while len(self._there) < len(prefix):
            if not await self._more():
                break
        return self._there.startswith(prefix)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._there[:count])
        del self._there[:count]
        return taken

    async def _more(self) -> bool:
        if self._ended:
            return False
        piece = await self.content.read(PIECE_BYTES)
        self._ended = not piece
        self._there += piece
        return bool(piece)

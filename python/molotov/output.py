"""What forked processes print, where stdout is an object of Python's alone."""

import codecs
import os
from typing import TextIO


def has_descriptor(stream: TextIO) -> bool:
    """Whether a forked process that writes there is seen by this one's
    readers."""
    try:
        stream.fileno()
    except (AttributeError, OSError, ValueError):
        return False
    return True


class Output:
    """A pipe from each process to a stream of this one, which gets whole lines:
    a long one is written in parts, and others print meanwhile."""

    def __init__(self, stream: TextIO, processes: int) -> None:
        self._stream = stream
        self._pipes = [_Pipe() for _ in range(processes)]

    def open(self, index: int) -> TextIO:
        """For the process of that index: what it prints to."""
        return open(
            self._pipes[index].writer, "w", encoding="utf-8", closefd=False
        )

    def pass_on(self) -> None:
        """Writes the lines that have come since."""
        for pipe in self._pipes:
            self._stream.write(pipe.lines())

    def end(self, index: int) -> None:
        """That process has ended: a line that it has not ended is one."""
        self._stream.write(self._pipes[index].rest())

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()


class _Pipe:
    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unended = ""

    def lines(self) -> str:
        """Those that have come, and have ended."""
        texts = [self._unended]
        while (came := self._read()) is not None:
            texts.append(self._decoder.decode(came))
        lines, end, self._unended = "".join(texts).rpartition("\n")
        return lines + end

    def rest(self) -> str:
        """All that has come, ended by us where it is not."""
        lines = self.lines()
        last = self._unended + self._decoder.decode(b"", final=True)
        self._unended = ""
        return lines + (f"{last}\n" if last else "")

    def _read(self) -> bytes | None:
        try:
            return os.read(self._reader, 65536)
        except BlockingIOError:
            return None

    def close(self) -> None:
        os.close(self._reader)
        os.close(self.writer)

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
    """A pipe from all processes to a stream of this one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def open(self) -> TextIO:
        """For a process: what it prints to."""
        return open(self._writer, "w", encoding="utf-8", closefd=False)

    def pass_on(self) -> None:
        """Writes what has come since."""
        while True:
            try:
                came = os.read(self._reader, 65536)
            except BlockingIOError:
                return
            self._stream.write(self._decoder.decode(came))

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)

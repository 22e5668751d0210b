"""How far a request's body was sent: aiohttp's UploadTracker."""

import asyncio
from typing import Any

from molotov.exceptions import exception_class


class UploadTracker:
    """Watches the body of one request: for ``upload_tracker=``, from a running
    loop."""

    def __init__(self) -> None:
        self.attempts = 0
        """How often it was sent, or begun to be: redirects may ask for it
        again."""
        self.upload_complete: asyncio.Future[None] = (
            asyncio.get_running_loop().create_future()
        )
        """Done once the request has its answer and the body was sent; fails
        where it was not."""
        self._bound = False
        self._final = False  # no more attempts
        self._finished = False  # the latest one, whole
        self._failure: BaseException | None = None  # of the latest one
        self._writer: Any = None  # while the latest one writes
        self._accepted = 0  # bytes that were written to that
        self._sent = 0  # of those, once it writes no more

    @property
    def bytes_written(self) -> int:
        """Bytes of the body that the kernel was given in the latest attempt;
        an estimate where it is compressed."""
        writer = self._writer
        if writer is None:
            return self._sent
        written: int = writer._written
        return self._accepted * writer._sent // written if written else 0

    def _bind(self) -> None:
        """It is one request's.

        :raises RuntimeError: where it is another's.
        """
        if self._bound:
            raise RuntimeError("UploadTracker is already bound to a request")
        self._bound = True

    def _finalize(self) -> None:
        """The request has ended, or has its answer."""
        self._final = True
        if self._writer is None:
            self._settle()

    def _settle(self) -> None:
        complete = self.upload_complete
        if complete.done():
            return
        if self._finished:
            complete.set_result(None)
            return
        complete.set_exception(
            self._failure
            or exception_class("UploadAbortedError")(
                "The request body was not fully sent"
            )
        )
        complete.exception()  # nobody has to ask for it


class Attempt:
    """One sending of a tracked body. Once the next one has begun, it is told
    in vain."""

    def __init__(self, tracker: UploadTracker) -> None:
        tracker.attempts += 1
        tracker._writer = tracker._failure = None
        tracker._accepted = tracker._sent = 0
        tracker._finished = False
        self._tracker = tracker
        self._number = tracker.attempts

    def _is_latest(self) -> bool:
        return self._number == self._tracker.attempts

    def begin(self, native: Any, writer: Any) -> "Tracked":
        """It is sent: gives what is to be written to.

        :param native: the engine's writer.
        :param writer: in front of that, or itself.
        """
        if self._is_latest():
            self._tracker._writer = native
        return Tracked(self, writer)

    def add(self, size: int) -> None:
        """So many bytes more were written."""
        if self._is_latest():
            self._tracker._accepted += size

    def end(self, failure: BaseException | None = None) -> None:
        """It was written, or could not be.

        :param failure: why it could not; that it was cut short is none.
        """
        tracker = self._tracker
        if not self._is_latest():
            return
        cut_short = isinstance(failure, asyncio.CancelledError)
        tracker._finished = failure is None
        tracker._failure = None if cut_short else failure
        tracker._sent = (
            tracker._accepted if failure is None else tracker.bytes_written
        )
        tracker._writer = None
        if tracker._final:
            tracker._settle()


class Tracked:
    """A writer that counts for its attempt."""

    def __init__(self, attempt: Attempt, writer: Any) -> None:
        self._attempt = attempt
        self._writer = writer

    async def write(self, chunk: bytes) -> None:
        """Counts, and writes."""
        self._attempt.add(memoryview(chunk).nbytes)
        await self._writer.write(chunk)

    async def drain(self) -> None:
        """As the writer's."""
        await self._writer.drain()

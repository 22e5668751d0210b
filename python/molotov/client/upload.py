"""A request's body that is made while it is sent."""

import asyncio
from typing import TYPE_CHECKING, Any

from molotov import _engine
from molotov.client.multipart import CodedWriter
from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from molotov.client.upload_tracker import Attempt

CANNOT = "Can not write request body: "
FAILED = "Failed to send bytes into the underlying connection: "


class Upload:
    """Writes a payload's body, in a task of its own, once the engine says so
    by calling `start()`.

    :ivar writer: what the engine sends from.
    """

    def __init__(
        self,
        engine: _engine.Engine,
        payload: Any,
        size: int | None,
        compress: str | None,
        attempt: "Attempt | None" = None,
    ) -> None:
        """
        :param size: in bytes; None: it is sent in chunks.
        :param compress: a content coding, which goes with chunks.
        :param attempt: where somebody watches.
        """
        self.writer = _engine.BodyWriter(engine, size)
        self._payload = payload
        self._compress = compress
        self._attempt = attempt

    def start(self) -> None:
        task = asyncio.get_running_loop().create_task(self._write())
        self.writer._set_task(task)

    async def _write(self) -> None:
        try:
            await self._send()
        except OSError as error:
            self._fail("ClientOSError", error, error.errno, CANNOT + str(error))
        except Exception as error:
            self._fail("ClientConnectionError", error, FAILED + repr(error))
        except BaseException as error:  # it is cut short
            if self._attempt is not None:
                self._attempt.end(error)
            raise
        else:
            self.writer._end()
            if self._attempt is not None:
                self._attempt.end()
        finally:
            await self._payload.close()

    async def _send(self) -> None:
        coded: CodedWriter | None = None
        writer: Any = self.writer
        if self._compress is not None:
            writer = coded = CodedWriter(self.writer, self._compress, raw=False)
        if self._attempt is not None:
            writer = self._attempt.begin(self.writer, writer)
        await self._payload.write(writer)
        if coded is not None:
            await coded.finish()

    def _fail(self, name: str, error: Exception, *args: Any) -> None:
        failure = exception_class(name)(*args)
        failure.__cause__ = error
        self.writer._fail(failure)
        if self._attempt is not None:
            self._attempt.end(failure)

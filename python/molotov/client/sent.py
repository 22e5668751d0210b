"""A request's body as it is written where each piece is told of."""

import asyncio
from typing import Any

from molotov.client.client_request import ClientRequest
from molotov.client.tracing import TraceRequestChunkSentParams, Traces


class Sent:
    """A payload as it is written, maybe not for the first time, and once the
    request is through its gate."""

    def __init__(
        self,
        payload: Any,
        gate: asyncio.Event,
        request: ClientRequest,
        traces: Traces | None,
    ) -> None:
        self._payload = payload
        self._gate = gate
        self._request = request
        self._traces = traces
        self._writing = False
        self._closing = False  # once it is written

    async def write(self, writer: Any) -> None:
        self._writing = True
        await self._gate.wait()
        if self._traces is None:
            await self._payload.write(writer)
            return
        await self._payload.write(Telling(self._traces, self._request, writer))

    async def close(self) -> None:
        """It is written no more; it may be sent again, if not told
        otherwise."""
        self._writing = False
        if self._closing:
            await self._payload.close()

    async def close_after(self) -> None:
        """Closes the payload, once it is not written any more: there may be an
        answer before that."""
        self._closing = True
        if not self._writing:
            await self._payload.close()

    def sends(self, payload: Any) -> bool:
        """Whether it is that one."""
        return self._payload is payload


class Telling:
    """A writer that tells of each piece."""

    def __init__(
        self, traces: Traces, request: ClientRequest, writer: Any
    ) -> None:
        self._traces = traces
        self._request = request
        self._writer = writer

    async def write(self, chunk: bytes) -> None:
        await self._traces.tell(
            "on_request_chunk_sent",
            TraceRequestChunkSentParams(
                self._request.method, self._request.url, chunk
            ),
        )
        await self._writer.write(chunk)

    async def drain(self) -> None:
        await self._writer.drain()

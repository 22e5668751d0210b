"""The scenario whose memory is measured: a WebSocket with one message each way,
and then a worker that waits with it open."""

import asyncio
import os

from molotov import scenario

URL = os.environ["TARGET_URL"].replace("http", "ws") + "ws"
COMPRESS = int(os.environ["COMPRESS"])
MESSAGE = "a message of thirty-two letters."


@scenario()
async def idle(session):
    async with session.ws_connect(URL, compress=COMPRESS) as ws:
        await ws.send_str(MESSAGE)
        assert await ws.receive_str() == MESSAGE
        assert ws.compress == COMPRESS
        await asyncio.sleep(24 * 3600)

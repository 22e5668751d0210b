"""Messages over a WebSocket, a hundred a run: all are sent, then received."""

import os

from molotov import scenario

URL = os.environ["TARGET_URL"].replace("http", "ws") + "ws"
MESSAGE = "a message of thirty-two letters."


@scenario(weight=1)
async def echo(session):
    async with session.ws_connect(URL) as ws:
        for _ in range(100):
            await ws.send_str(MESSAGE)
        for _ in range(100):
            message = await ws.receive()
            assert message.data == MESSAGE

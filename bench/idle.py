"""The scenario whose memory is measured: one request, and then a worker that
waits with its connection open."""

import asyncio
import os

from molotov import scenario

URL = os.environ["TARGET_URL"]


@scenario()
async def idle(session):
    async with session.get(URL) as r:
        assert r.status == 200
    await asyncio.sleep(24 * 3600)

"""The small GET of small_get.py, and a listener that does nothing."""

import os

from molotov import events, scenario

URL = os.environ["TARGET_URL"]


@events()
async def listen(event, **info):
    pass


@scenario(weight=1)
async def small_get(session):
    async with session.get(URL) as r:
        assert r.status == 200

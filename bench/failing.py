"""The small GET of small_get.py, of which each run fails."""

import os

from molotov import scenario

URL = os.environ["TARGET_URL"]


@scenario(weight=1)
async def small_get(session):
    async with session.get(URL) as r:
        assert r.status == 404

"""10 KiB of JSON posted, and 10 KiB of it read."""

import os

from molotov import scenario

URL = os.environ["TARGET_URL"]
LINE = {"id": 4711, "name": "A teapot", "price": 19.95, "tags": ["tea", "blue"]}
LIST = [LINE] * 140


@scenario(weight=1)
async def post(session):
    async with session.post(URL + "catalogue", json=LIST) as r:
        assert len(await r.json()) == 57

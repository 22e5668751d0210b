"""A visitor of a shop: cookies, a redirect, JSON each way, and its text."""

import os

from molotov import scenario, setup

# By its name: of an address no cookie is kept.
URL = os.environ["TARGET_URL"].replace("127.0.0.1", "localhost")
BASKET = {"customer": 12, "items": [{"id": 4711, "count": 2}], "gift": False}


@setup()
async def init(worker_num, args):
    return {"cookies": {"session": "c0ffee"}}


@scenario(weight=1)
async def order(session):
    async with session.post(URL + "basket", json=BASKET) as r:
        assert r.status == 200
        assert "milk" in await r.text()
        assert (await r.json())["order"] == 17

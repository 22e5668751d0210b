"""A body is sent as JSON, and the answer read as JSON."""

import os

from molotov import scenario
from molotov.session import ClientSession

URL = os.environ.get("TARGET_URL", "https://example.com")


@scenario()
async def _post(session: ClientSession) -> None:
    async with session.post(URL, json={"OK": 1}) as resp:
        assert resp.status == 200, resp.status
        answer = await resp.json()
        assert answer["result"] == "OK", answer

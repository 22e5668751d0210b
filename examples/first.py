"""One scenario: a page is asked for, and its status looked at."""

import os

from molotov import scenario
from molotov.session import ClientSession

URL = os.environ.get("TARGET_URL", "https://example.com")


@scenario(weight=100)
async def _test(session: ClientSession) -> None:
    async with session.get(URL) as resp:
        assert resp.status == 200, resp.status

"""The small GET of small_get.py, which writes down the process's memory when a
tenth of the requests is done, and when all are."""

import os
from pathlib import Path

from molotov import scenario

URL = os.environ["TARGET_URL"]
REQUESTS = int(os.environ["LONG_RUN_REQUESTS"])
LOG = Path(os.environ["LONG_RUN_LOG"])

done = 0


@scenario()
async def small_get(session):
    global done
    async with session.get(URL) as r:
        assert r.status == 200
    done += 1
    if done in (REQUESTS // 10, REQUESTS):
        with LOG.open("a") as log:
            log.write(Path("/proc/self/smaps_rollup").read_text())

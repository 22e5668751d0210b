"""Fixtures: what is done once, and what is done for each worker."""

import os

from molotov import (
    global_setup,
    global_teardown,
    scenario,
    setup,
    setup_session,
    teardown,
    teardown_session,
)

URL = os.environ.get("TARGET_URL", "https://example.com")

_HEADERS = {}
_SESSIONS = set()


@global_setup()
def init_test(args):
    _HEADERS["Authorization"] = "Token xxxx"


@setup()
async def init_worker(worker_id, args):
    return {"headers": _HEADERS}


@setup_session()
async def init_session(worker_id, session):
    _SESSIONS.add(worker_id)


@scenario(weight=1)
async def _test(session):
    async with session.get(URL) as resp:
        assert resp.status == 200, resp.status
        assert resp.method == "GET"


@teardown_session()
async def end_session(worker_id, session):
    _SESSIONS.remove(worker_id)


@teardown()
def end_worker(worker_id):
    assert worker_id not in _SESSIONS


@global_teardown()
def end_test():
    assert not _SESSIONS

"""Fixtures: what is done once, and what is done for each worker."""

import os
from argparse import Namespace

from molotov import (
    global_setup,
    global_teardown,
    scenario,
    setup,
    setup_session,
    teardown,
    teardown_session,
)
from molotov.session import ClientSession, SessionOptions

URL = os.environ.get("TARGET_URL", "https://example.com")

_HEADERS: dict[str, str] = {}
_SESSIONS: set[int] = set()


@global_setup()
def init_test(args: Namespace) -> None:
    _HEADERS["Authorization"] = "Token xxxx"


@setup()
async def init_worker(worker_id: int, args: Namespace) -> SessionOptions:
    return {"headers": _HEADERS}


@setup_session()
async def init_session(worker_id: int, session: ClientSession) -> None:
    _SESSIONS.add(worker_id)


@scenario(weight=1)
async def _test(session: ClientSession) -> None:
    async with session.get(URL) as resp:
        assert resp.status == 200, resp.status
        assert resp.method == "GET"


@teardown_session()
async def end_session(worker_id: int, session: ClientSession) -> None:
    _SESSIONS.remove(worker_id)


@teardown()
def end_worker(worker_id: int) -> None:
    assert worker_id not in _SESSIONS


@global_teardown()
def end_test() -> None:
    assert not _SESSIONS

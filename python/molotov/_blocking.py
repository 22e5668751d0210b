"""One request, made while its caller waits: `molotov.request()`.

It has a thread, an engine and an asyncio loop of its own. All of them have
ended when it returns, so it may be used inside a running loop, and before
processes are forked.
"""

import asyncio
import threading
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any

from molotov._asyncio_internals import new_event_loop
from molotov._engine import Response
from molotov._guest import make_engine
from molotov.session import ClientSession

SECONDS_AT_MOST = 30.0

Answer = dict[str, Any]


def fetch(
    endpoint: Any,
    verb: str,
    session_options: Mapping[str, Any] | None,
    options: Mapping[str, Any],
    read: Callable[[Response], Awaitable[Any]],
) -> Answer:
    """Waits for the answer, whose content is what ``read`` makes of it.

    :raises TimeoutError: when there is none in time.
    """

    async def ask() -> Answer:
        async with ClientSession(**session_options or {}) as session:
            # Of the class: an AttributeError keeps what it was looked up in.
            send = getattr(ClientSession, verb.lower())
            async with send(session, endpoint, **options) as response:
                return {
                    "content": await read(response),
                    "status": response.status,
                    "headers": response.headers,
                }

    async def ask_in_time() -> Answer:
        try:
            async with asyncio.timeout(SECONDS_AT_MOST) as cap:
                return await ask()
        except TimeoutError:
            if not cap.expired():
                raise
        raise TimeoutError(
            f"{verb.upper()} {endpoint}: no answer in {SECONDS_AT_MOST:g} s"
        )

    outcome: Future[Answer] = Future()
    thread = threading.Thread(target=_serve, args=(ask_in_time, outcome))
    thread.start()
    thread.join()
    error = outcome.exception()
    if error is not None:
        _free_what_it_passed(error)
    return outcome.result()


def _serve(
    ask: Callable[[], Coroutine[Any, Any, Answer]],
    outcome: "Future[Answer]",
) -> None:
    """The thread's whole life."""
    try:
        with asyncio.Runner(
            loop_factory=lambda: new_event_loop(make_engine())
        ) as own:
            outcome.set_result(own.run(ask()))
    except BaseException as error:
        outcome.set_exception(error)


def _free_what_it_passed(error: BaseException | None) -> None:
    """Lets go of the engine: a traceback keeps the variables of its frames."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__

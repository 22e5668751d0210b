"""A process that makes load: its engine, its asyncio loop, its workers."""

import argparse
import asyncio
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from molotov import _engine, api
from molotov._asyncio_internals import new_event_loop
from molotov._beside import UNMEASURED, aiohttp_noticed
from molotov.console import Console
from molotov.current_workers import workers_told
from molotov.listeners import EventSender
from molotov.load_model import asks_for_rate
from molotov.supervised import (
    LOOK_EVERY,
    STOP_AND_CANCEL,
    STOP_GRACEFULLY,
    Supervised,
    network_options,
)
from molotov.worker import Program


def run_load(
    supervised: Supervised,
    board: _engine.Board,
    index: int,
    scenarios: list[api.Scenario],
    look: Callable[[], None] | None = None,
) -> int:
    """Runs all workers of this process; returns its exit status. Meanwhile
    ``look()`` is called often."""
    args = supervised.args
    several = supervised.processes > 1
    if several:
        board.attach(index)
        if args.seed is not None:
            # A process of its own draws other numbers.
            random.seed(f"{args.seed}/{index}")
    board.set_phase("preparing")
    console = Console(quiet=args.quiet, several_processes=several)
    args.shared_console = console

    network = network_options(args)
    try:
        engine = _engine.Engine(board, supervised.wake[index], network)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"molotov: {error}", file=sys.stderr)
        return 1
    loop = new_event_loop(engine)
    asyncio.set_event_loop(loop)
    if args.debug:
        loop.set_debug(True)
        console.print("**** RUNNING IN DEBUG MODE == SLOW ****")
    # First: who has read the line may end the load, before any worker begins.
    board.set_phase("running")
    most = "up to " if asks_for_rate(args) else ""
    console.print(f"Preparing {most}{args.workers} workers...OK")

    program = Program(scenarios, args, engine, board, console)
    if look is not None:
        call_often(loop, look)
    # Of several processes, it is their parent that tells.
    told = EventSender(program) if several else program.events
    with (
        woken_by_signals(loop),
        aiohttp_noticed(lambda: tell_unmeasured(board, console)),
        statsd_of(args, engine) as program.statsd,
    ):
        with workers_told(loop, told, board):
            if args.workers > 0:
                options = run_options(args, scenarios)
                _engine.run(engine, board, index, options, program)
            # What ends the process at once (sys.exit) leaves by here.
            while engine.running:
                loop.run_forever()
                if engine.running:  # the script has stopped the loop
                    board.request_stop(STOP_GRACEFULLY)
                    supervised.wake_all()
        board.set_phase("ending")
        if board.stop_level() < STOP_AND_CANCEL:
            loop.run_until_complete(end_the_rest(loop))
    loop.close()
    board.set_phase("finished")
    return int(program.fixture_failed)


def tell_unmeasured(board: _engine.Board, console: Console) -> None:
    """Says it once, of all processes."""
    if not console.quiet and board.count_failure(UNMEASURED) == 0:
        print(UNMEASURED, file=sys.stderr, flush=True)


def statsd_of(
    args: argparse.Namespace, engine: _engine.Engine
) -> AbstractContextManager[Any]:
    """The StatsD client of this process; None without --statsd."""
    if not args.statsd:
        return nullcontext()
    from molotov.statsd import opened_statsd

    return opened_statsd(engine, args.statsd_address)


def run_options(
    args: argparse.Namespace, scenarios: list[api.Scenario]
) -> dict[str, Any]:
    """The options as the engine takes them: a scenario is its index."""
    names = [scenario.name for scenario in scenarios]
    options = dict(vars(args))
    if args.single_mode is not None:
        options["single_mode"] = names.index(args.single_mode)
    return options


def call_often(
    loop: asyncio.AbstractEventLoop, call: Callable[[], None]
) -> None:
    def again() -> None:
        call()
        loop.call_later(LOOK_EVERY, again)

    again()


async def end_the_rest(loop: asyncio.AbstractEventLoop) -> None:
    """Ends what scenarios have left behind: tasks, generators, threads."""
    rest = [
        task
        for task in asyncio.all_tasks(loop)
        if isinstance(task, asyncio.Task) and task is not asyncio.current_task()
    ]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


@contextmanager
def woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Lets Python's handlers of signals run also while the loop waits. They run
    in the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    loop.add_reader(reader, os.read, reader, 4096)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        loop.remove_reader(reader)
        os.close(reader)
        os.close(writer)

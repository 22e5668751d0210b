"""The engine where the loop is not Molotov's: under `asyncio.run()`, or with
uvloop. It is a guest there: one for each loop, whose one descriptor the loop
watches."""

import argparse
import asyncio
import weakref
from typing import Any

from molotov._asyncio_internals import engine_of
from molotov._engine import Engine
from molotov.supervised import network_options

# The loop itself keeps the engine, as what it calls, until it is closed.
_engines: "weakref.WeakKeyDictionary[Any, weakref.ref[Engine]]"
_engines = weakref.WeakKeyDictionary()

# The options of the run that this process belongs to.
_run_args: argparse.Namespace | None = None


def use_options_of(args: argparse.Namespace | None) -> None:
    """Lets engines without a run connect as the run with these options does."""
    global _run_args
    _run_args = args


def make_engine() -> Engine:
    """One without a run."""
    return Engine(
        network=None if _run_args is None else network_options(_run_args)
    )


def engine_for(loop: asyncio.AbstractEventLoop) -> Engine:
    """That of a loop: of a load test's, the one that it runs on.

    :raises RuntimeError: when the loop is closed.
    :raises NotImplementedError: for a loop that watches no descriptors.
    """
    own = engine_of(loop)
    if own is not None:
        return own
    kept = _engines.get(loop)
    guest = None if kept is None else kept()
    if guest is None:
        guest = make_engine()
        guest.join(loop)
        loop.add_reader(guest.fileno(), guest.turn)
        _engines[loop] = weakref.ref(guest)
    return guest

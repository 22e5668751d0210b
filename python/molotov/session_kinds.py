"""Which kind of session a scenario runs with, and what makes the kinds that are
not plain HTTP."""

import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from molotov import api
from molotov.context import Context, set_context

if TYPE_CHECKING:
    from molotov.console import Console

HTTP = "http"
GRPC = "grpc"


def kind_of(function: Callable[..., Any]) -> tuple[str, dict[str, Any]]:
    """The kind that a scenario asks for by its parameter ``session_factory``,
    and the defaults of its other parameters, which are for the factory."""
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    kind = defaults.pop("session_factory", None)
    if kind is None:
        return HTTP, {}
    return str(kind), defaults


def make_session(
    kind: str,
    make_http: Callable[..., Any],
    loop: asyncio.AbstractEventLoop,
    console: Any,
    verbose: int,
    context: Context,
    options: dict[str, Any],
) -> Any:
    """A session of that kind, with its context."""
    factory = api.get_session_factory(kind)
    if factory is not None:
        session = factory(
            loop,
            console,
            verbose,
            context.statsd,
            make_trace_config(context),
            **options,
        )
    elif kind == HTTP:
        session = make_http(**options)
    elif kind == GRPC:
        session = open_grpc_channel(console, options)
    else:
        raise KeyError(kind)
    if session is None:
        raise TypeError(f"the factory of {kind!r} returned no session")
    set_context(session, context)
    return session


def make_trace_config(context: Context) -> Any:
    """What a session factory is given as its ``trace_config``: an object with
    the context. A script that has imported aiohttp may pass it on to a session
    of aiohttp's, so there it is of aiohttp's type."""
    aiohttp = sys.modules.get("aiohttp")
    config: Any
    if aiohttp is None:
        from molotov.client.tracing import TraceConfig

        config = TraceConfig()
    else:
        config = aiohttp.TraceConfig()
    config.context = context
    return config


def open_grpc_channel(console: "Console", options: dict[str, Any]) -> Any:
    """A channel to ``options["grpc_url"]``, with ``print()`` as of a session.

    Raises KeyError when there is no such option, and RuntimeError when grpcio
    is not installed.
    """
    try:
        aio = importlib.import_module("grpc.aio")
    except ImportError as error:
        raise RuntimeError(
            f"a session of kind {GRPC!r} needs grpcio, which cannot be "
            f"imported ({error}): pip install 'molotov[grpc]'"
        ) from error
    channel = aio.insecure_channel(options["grpc_url"])
    channel.print = console.print
    return channel

"""Molotov: load testing with scenarios written in Python."""

from typing import TYPE_CHECKING, Any

from molotov.api import (
    events,
    global_setup,
    global_teardown,
    scenario,
    scenario_picker,
    session_factory,
    setup,
    setup_session,
    teardown,
    teardown_session,
)
from molotov.context import get_context
from molotov.util import get_var, json_request, request, set_var

__version__ = "3.0"
"""That of Molotov, as ``molotov --version`` prints it."""

if TYPE_CHECKING:
    from molotov.client.connector import (
        NamedPipeConnector,
        TCPConnector,
        UnixConnector,
    )
    from molotov.measures import check, count, record, step
    from molotov.session import ClientSession

# The client is imported when it is asked for: a script needs none.
_CLIENT = frozenset(
    ("ClientSession", "NamedPipeConnector", "TCPConnector", "UnixConnector")
)
# As is what needs the engine.
_MEASURES = frozenset(("check", "count", "record", "step"))

__all__ = [
    "ClientSession",
    "NamedPipeConnector",
    "TCPConnector",
    "UnixConnector",
    "__version__",
    "check",
    "count",
    "events",
    "get_context",
    "get_var",
    "global_setup",
    "global_teardown",
    "json_request",
    "record",
    "request",
    "scenario",
    "scenario_picker",
    "session_factory",
    "set_var",
    "setup",
    "setup_session",
    "step",
    "teardown",
    "teardown_session",
]


def __getattr__(name: str) -> Any:
    if name in _CLIENT:
        from molotov import client

        return getattr(client, name)
    if name in _MEASURES:
        from molotov import measures

        return getattr(measures, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

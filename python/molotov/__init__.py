"""Molotov: load testing with scenarios written in Python."""

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

__all__ = [
    "__version__",
    "events",
    "get_context",
    "get_var",
    "global_setup",
    "global_teardown",
    "json_request",
    "request",
    "scenario",
    "scenario_picker",
    "session_factory",
    "set_var",
    "setup",
    "setup_session",
    "teardown",
    "teardown_session",
]

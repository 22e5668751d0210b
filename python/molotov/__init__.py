"""Molotov: load testing with scenarios written in Python."""

from molotov.api import (
    events,
    global_setup,
    global_teardown,
    scenario,
    scenario_picker,
    setup,
    setup_session,
    teardown,
    teardown_session,
)
from molotov.util import get_var, set_var

__version__ = "3.0"

__all__ = [
    "__version__",
    "events",
    "get_var",
    "global_setup",
    "global_teardown",
    "scenario",
    "scenario_picker",
    "set_var",
    "setup",
    "setup_session",
    "teardown",
    "teardown_session",
]

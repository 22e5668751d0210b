"""Helpers that scripts use."""

from collections.abc import Callable, Hashable
from typing import Any

_vars: dict[Hashable, Any] = {}


def set_var(name: Hashable, value: Any) -> None:
    """Keeps a value under a name, for the fixtures and scenarios of a process.

    What was set before the processes were forked (in ``global_setup``) is seen
    by all of them; later changes stay in the process that made them.
    """
    _vars[name] = value


def get_var(name: Hashable, factory: Callable[[], Any] | None = None) -> Any:
    """The value kept under that name.

    When there is none, ``factory()`` makes, and keeps, one; without a factory
    the answer is None.
    """
    if name not in _vars and factory is not None:
        _vars[name] = factory()
    return _vars.get(name)

"""The header fields of a session, which scripts may change."""

from collections.abc import Callable
from typing import Any

from multidict import CIMultiDict


class SessionHeaders(CIMultiDict[str]):
    """Tells whenever it is changed."""

    _changed: Callable[[], None] | None = None

    def tell(self, changed: Callable[[], None]) -> None:
        """Calls that from now on."""
        self._changed = changed


def _telling(name: str) -> Any:
    original = getattr(CIMultiDict, name)

    def method(self: SessionHeaders, *args: Any, **keywords: Any) -> Any:
        result = original(self, *args, **keywords)
        if self._changed is not None:
            self._changed()
        return result

    method.__name__ = name
    return method


for _name in (
    "__delitem__",
    "__setitem__",
    "add",
    "clear",
    "extend",
    "merge",
    "pop",
    "popall",
    "popitem",
    "popone",
    "setdefault",
    "update",
):
    if hasattr(CIMultiDict, _name):
        setattr(SessionHeaders, _name, _telling(_name))

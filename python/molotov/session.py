"""What a scenario is given: an HTTP client with aiohttp's interface."""

from typing import TYPE_CHECKING, Any

from molotov import _engine
from molotov._request import session_options
from molotov.context import get_context

if TYPE_CHECKING:
    from molotov.console import Console
    from molotov.context import Context

__all__ = ["ClientSession", "get_context"]


class ClientSession(_engine.Session):
    """The session of a worker. Scripts may set any attributes on it."""

    console: "Console | None" = None
    context: "Context | None" = None
    statsd: Any = None

    def __init__(self, engine: _engine.Engine, **options: Any) -> None:
        native, ours = session_options(**options)
        super().__init__(engine, **native)
        self._fields = ours.fields
        self._json_serialize = ours.json_serialize
        self._raise_for_status = ours.raise_for_status

    def print(self, text: Any) -> None:
        """Prints lines on the console, with no other line between them."""
        if self.console is None:
            print(text)
            return
        self.console.print_text(text)

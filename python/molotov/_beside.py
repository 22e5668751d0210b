"""Notices that a script uses a session of aiohttp's own in a load test, whose
requests are sent but not measured. Nothing here imports aiohttp, and its class
is as it was once it has been noticed."""

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

CLIENT = "aiohttp.client"
UNMEASURED = (
    "molotov: requests of a script's own aiohttp.ClientSession are sent, "
    "but not measured"
)


@contextmanager
def aiohttp_noticed(tell: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, calls ``tell()`` at the first request of such a session."""
    notice = _Notice(tell)
    module = sys.modules.get(CLIENT)
    if module is None:
        sys.meta_path.insert(0, notice)
    else:
        notice.watch(module)
    try:
        yield
    finally:
        notice.end()


class _Notice(MetaPathFinder):
    """Waits for the import, where there was none yet, then for a request."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._session: Any = None  # aiohttp's class
        self._request: Any = None  # its method
        self._noticing: Any = None  # what is in its place

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if name != CLIENT:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_watch(module: ModuleType) -> None:
                execute(module)
                self.watch(module)

            spec.loader.exec_module = execute_and_watch  # type: ignore[method-assign]
        return spec

    def watch(self, module: ModuleType) -> None:
        session: Any = getattr(module, "ClientSession", None)
        request = getattr(session, "_request", None)
        if request is None:
            return

        @functools.wraps(request)
        async def noticing(*arguments: Any, **options: Any) -> Any:
            self.end()
            self._tell()
            return await request(*arguments, **options)

        self._session, self._request = session, request
        self._noticing = session._request = noticing

    def end(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        # Whoever has put something else there meanwhile keeps it.
        session: Any = self._session
        if session is not None and session._request is self._noticing:
            session._request = self._request
        self._session = None

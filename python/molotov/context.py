"""What goes with the session of a worker: whose it is, and in which run."""

import argparse
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from molotov._engine import Worker
    from molotov.session import ClientSession
    from molotov.statsd import Statsd


class Context:
    """Of one session. Scripts may set any attributes on it."""

    def __init__(
        self,
        args: argparse.Namespace,
        statsd: "Statsd | None",
        worker_id: int,
        worker: "Worker | None",
    ) -> None:
        self.args = args
        """The command line's options, by their ``dest``."""
        self.statsd = statsd
        """The statsd client; None without ``--statsd``."""
        self.worker_id = worker_id
        """Which worker's session it is, from 0, in each process."""
        self._worker = worker

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What a script has set."""

        def __setattr__(self, name: str, value: Any) -> None: ...

    @property
    def step(self) -> int | None:
        """Which of its worker's runs this is, from 1. None while a session is
        set up."""
        return None if self._worker is None else self._worker.step

    def attach(self, name: str, value: Any) -> None:
        """Sets an attribute.

        :param name: that of the attribute.
        :param value: what it is to be.
        """
        setattr(self, name, value)


# Of sessions that take no attribute; by id().
_kept_apart: dict[int, Context] = {}


@overload
def get_context(session: "ClientSession") -> Context: ...
@overload
def get_context(session: Any) -> Context | None: ...
def get_context(session: Any) -> Context | None:
    """The context of a session that Molotov made, of any kind.

    :param session: as a scenario or a fixture is given it.
    :returns: None for any other, and for one that takes no attributes once it
        is closed.
    """
    found = getattr(session, "_molotov_context", None)
    if isinstance(found, Context):
        return found
    return _kept_apart.get(id(session))


def set_context(session: Any, context: Context) -> None:
    """Gives a session its context; forget_context() is to follow."""
    try:
        session._molotov_context = context
    except Exception:  # whatever a type of the script's raises
        _kept_apart[id(session)] = context


def forget_context(session: Any) -> None:
    """Before the session goes away: another may get its id()."""
    _kept_apart.pop(id(session), None)

"""The decorators by which a script says what is run, and what around it.

Each is used with parentheses, returns the function unchanged, and raises where
the script is wrong, so that the traceback points at its line.
"""

import inspect
import math
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
CoroutineF = TypeVar(
    "CoroutineF", bound=Callable[..., Coroutine[Any, Any, Any]]
)


@dataclass
class Scenario:
    """What ``@scenario`` registered. As a dict, by ``vars()``, it is what
    listeners are given."""

    name: str
    """What it is called by in messages, and by ``--single-mode``."""
    weight: float
    """How often it is chosen, against the sum of all weights."""
    delay: float
    """Seconds to wait after each successful run."""
    func: Callable[..., Coroutine[Any, Any, Any]]
    """The script's coroutine function."""
    args: tuple[Any, ...] = ()
    """Empty: listeners of Molotov 2 know it."""
    kw: dict[str, Any] = field(default_factory=dict)
    """Empty: listeners of Molotov 2 know it."""


_scenarios: dict[str, Scenario] = {}
_fixtures: dict[str, Callable[..., Any]] = {}
_session_factories: dict[str, Callable[..., Any]] = {}
_listeners: list[Callable[..., Any]] = []


def get_scenarios() -> list[Scenario]:
    """All registered scenarios, in the order of the script."""
    return list(_scenarios.values())


def get_scenario(name: str) -> Scenario | None:
    """The scenario of that name; None when there is none."""
    return _scenarios.get(name)


def get_fixture(kind: str) -> Callable[..., Any] | None:
    """The script's function of a kind.

    :param kind: the name of its decorator, such as "setup".
    :returns: None when it has none.
    """
    return _fixtures.get(kind)


def get_fixtures() -> dict[str, Callable[..., Any]]:
    """The script's fixtures by their kind, in the order of the script."""
    return dict(_fixtures)


def get_session_factory(kind: str) -> Callable[..., Any] | None:
    """The script's function that makes sessions of that kind; None when it has
    none."""
    return _session_factories.get(kind)


def get_listeners() -> list[Callable[..., Any]]:
    """The script's functions of ``@events()``, in the order of the script."""
    return list(_listeners)


def clear() -> None:
    """Forgets all that was registered."""
    _scenarios.clear()
    _fixtures.clear()
    _session_factories.clear()
    _listeners.clear()


Registered = tuple[
    dict[str, Scenario],
    dict[str, Callable[..., Any]],
    dict[str, Callable[..., Any]],
    list[Callable[..., Any]],
]


def registered() -> Registered:
    """A copy of all that is registered now, for :func:`restore`."""
    return (
        dict(_scenarios),
        dict(_fixtures),
        dict(_session_factories),
        list(_listeners),
    )


def restore(kept: Registered) -> None:
    """Forgets what was registered since."""
    clear()
    _scenarios.update(kept[0])
    _fixtures.update(kept[1])
    _session_factories.update(kept[2])
    _listeners.extend(kept[3])


def scenario(
    weight: float = 1, delay: float = 0.0, name: str | None = None
) -> Callable[[CoroutineF], CoroutineF]:
    """Registers a coroutine function as a scenario: ``async def f(session)``.

    :param weight: how often it is chosen, against the sum of all weights. One
        with a weight of 0 or less is left out.
    :param delay: seconds that the worker waits after each successful run.
    :param name: its name; that of the function if not given.
    :returns: the decorator.
    :raises TypeError: when one of these is of the wrong type, or what is
        decorated is no coroutine function.
    """
    _reject_bare_use("scenario", weight)
    _check_number("weight", weight)
    _check_number("delay", delay)
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name needs to be a string, not {name!r}")

    def register(func: CoroutineF) -> CoroutineF:
        _check_coroutine(func)
        if weight > 0:
            label = name if name is not None else func.__name__
            _add_scenario(Scenario(label, weight, delay, func))
        return func

    return register


def setup(*args: Any) -> Callable[[CoroutineF], CoroutineF]:
    """For a coroutine called once by each worker before it runs anything:
    ``async def f(worker_id, args)``. The dict that it may return holds keywords
    for the worker's session, such as ``headers``.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no coroutine function.
    """
    return _fixture("setup", args, coroutine=True)


def setup_session(*args: Any) -> Callable[[CoroutineF], CoroutineF]:
    """For a coroutine called once with each session of a worker, when it was
    made: ``async def f(worker_id, session)``.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no coroutine function.
    """
    return _fixture("setup_session", args, coroutine=True)


def teardown_session(*args: Any) -> Callable[[CoroutineF], CoroutineF]:
    """For a coroutine called with each session of a worker before it is closed:
    ``async def f(worker_id, session)``.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no coroutine function.
    """
    return _fixture("teardown_session", args, coroutine=True)


def teardown(*args: Any) -> Callable[[F], F]:
    """For a function called when a worker has ended: ``def f(worker_id)``.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no plain function.
    """
    return _fixture("teardown", args, coroutine=False)


def global_setup(*args: Any) -> Callable[[F], F]:
    """For a function called once before anything else: ``def f(args)``, with
    the command line's options. When it raises, nothing is run.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no plain function.
    """
    return _fixture("global_setup", args, coroutine=False)


def global_teardown(*args: Any) -> Callable[[F], F]:
    """For a function called once when all is over: ``def f()``.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no plain function.
    """
    return _fixture("global_teardown", args, coroutine=False)


def scenario_picker(*args: Any) -> Callable[[F], F]:
    """For a function that says what a worker runs next, instead of the weights:
    ``def f(worker_id, step_id)``, which returns a scenario's name. Steps count
    from 1.

    :raises ValueError: when the script has another one.
    :raises TypeError: when what is decorated is no plain function.
    """
    return _fixture("scenario_picker", args, coroutine=False)


def session_factory(kind: str) -> Callable[[F], F]:
    """For a function that makes the sessions of a kind of its own:
    ``def f(loop, console, verbose, statsd, trace_config, **options)``. It is
    called once by each worker that runs a scenario of that kind, which is one
    with a parameter ``session_factory`` whose default is the kind.

    :param kind: what scenarios call it by; of two functions for one kind, the
        later counts.
    :raises TypeError: when the kind is no string, or what is decorated is no
        plain function.
    """
    _reject_bare_use("session_factory", kind)
    if not isinstance(kind, str):
        raise TypeError(f"kind needs to be a string, not {kind!r}")

    def register(func: F) -> F:
        _check_function("session_factory", func)
        _session_factories[kind] = func
        return func

    return register


def events(*args: Any) -> Callable[[CoroutineF], CoroutineF]:
    """For a coroutine told of what happens: ``async def f(event, **info)``.
    There may be any number, called one after the other in the order of the
    script; the load waits for them.

    :raises TypeError: when what is decorated is no coroutine function.
    """
    _reject_arguments("events", args)

    def register(func: CoroutineF) -> CoroutineF:
        _check_coroutine(func)
        _listeners.append(func)
        return func

    return register


def _fixture(
    kind: str, args: tuple[Any, ...], *, coroutine: bool
) -> Callable[[F], F]:
    _reject_arguments(kind, args)

    def register(func: F) -> F:
        if coroutine:
            _check_coroutine(func)
        else:
            _check_function(kind, func)
        if kind in _fixtures:
            raise ValueError(f"You can't have two {kind!r} functions")
        _fixtures[kind] = func
        return func

    return register


def _add_scenario(new: Scenario) -> None:
    old = _scenarios.get(new.name)
    if old is not None and _where(old.func) != _where(new.func):
        warnings.warn(
            f"two scenarios are named {new.name!r}: the one of "
            f"{_where(new.func)} replaces the one of {_where(old.func)}",
            stacklevel=3,
        )
        del _scenarios[new.name]  # its place goes too
    _scenarios[new.name] = new


def _where(func: Callable[..., Any]) -> str:
    plain = inspect.unwrap(func)
    if not isinstance(plain, FunctionType):
        return repr(plain)
    code = plain.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _reject_arguments(decorator: str, args: tuple[Any, ...]) -> None:
    if args:
        _reject_bare_use(decorator, args[0])
        raise TypeError(f"@{decorator}() takes no arguments")


def _reject_bare_use(decorator: str, argument: object) -> None:
    if callable(argument):
        name = getattr(argument, "__name__", repr(argument))
        raise TypeError(
            f"@{decorator} needs parentheses: write @{decorator}() before "
            f"{name!r}"
        )


def _check_number(what: str, value: object) -> None:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{what} needs to be a finite number, not {value!r}")


def _check_coroutine(func: Callable[..., Any]) -> None:
    if not inspect.iscoroutinefunction(func):
        raise TypeError(f"{func!r} needs to be a coroutine")


def _check_function(kind: str, func: Callable[..., Any]) -> None:
    if not callable(func):
        raise TypeError(f"{func!r} is not callable")
    if inspect.iscoroutinefunction(func) or inspect.isasyncgenfunction(func):
        raise TypeError(
            f"{func!r} needs to be a plain function: {kind} is not awaited"
        )

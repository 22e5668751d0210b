"""What a script measures itself: checks, steps, counters and values.

They are counted in the load of a run, from any task or thread of its, and are
in its results and its report. Elsewhere, in a test of a load test for one, they
do the same and count nothing.
"""

import math
import time
from asyncio import CancelledError
from types import TracebackType
from typing import Literal, SupportsFloat

from molotov import _engine

# What the engine counts in.
_MOST = 2**63 - 1


def check(condition: object, name: str) -> bool:
    """Counts whether something is as it should be. It never ends the run.

    :param condition: what should be true.
    :param name: what is expected, such as ``basket not empty``.
    :returns: whether it is true.
    :raises TypeError: when the name is no str.
    :raises ValueError: when the name is empty.
    """
    _check_name(name)
    passed = bool(condition)
    _engine.count_check(name, passed)
    return passed


def count(name: str, n: int = 1) -> None:
    """Adds to a counter of the script's own.

    :param name: of what.
    :param n: how many more; not negative.
    :raises TypeError: when one of these is of the wrong type.
    :raises ValueError: when the name is empty, or the number negative or
        2**63 or more.
    """
    _check_name(name)
    if not isinstance(n, int):
        raise TypeError(f"n needs to be an int, not {n!r}")
    if not 0 <= n <= _MOST:
        raise ValueError(f"n needs to be 0 to {_MOST}, not {n!r}")
    _engine.count_amount(name, n)


def record(name: str, value: SupportsFloat, unit: str = "") -> None:
    """Records a value of the script's own, whose spread is shown.

    :param name: of what.
    :param value: any finite number. Percentiles are within 0.5 % of those
        recorded from 1e-6 to 1e13; what is less, zero and negative numbers too,
        counts as 0 in them.
    :param unit: what it is in, such as ``EUR``, 32 bytes at most; that of the
        first call with this name counts.
    :raises TypeError: when one of these is of the wrong type.
    :raises ValueError: when the name is empty, or the value no finite number.
    """
    _check_name(name)
    if not isinstance(value, SupportsFloat):
        raise TypeError(f"value needs to be a number, not {value!r}")
    if not isinstance(unit, str):
        raise TypeError(f"unit needs to be a str, not {unit!r}")
    number = _float_of(value)
    if not math.isfinite(number):
        raise ValueError(f"value needs to be a finite number, not {value!r}")
    _engine.count_value(name, number, unit)


def step(name: str) -> "Step":
    """Times a named part of a scenario: ``async with molotov.step("login"):``,
    or ``with``.

    :param name: that of the part.
    :returns: what is entered, once.
    :raises TypeError: when the name is no str.
    :raises ValueError: when the name is empty.
    """
    _check_name(name)
    return Step(name)


class Step:
    """What :func:`molotov.step` returns. It has failed where what is in it
    raises, and was cancelled where that is a CancelledError; it stops no
    exception."""

    __slots__ = ("_began", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        """That of the part."""
        self._began: int | None = None

    def __enter__(self) -> "Step":
        if self._began is not None:
            raise RuntimeError(f"the step {self.name!r} was entered before")
        self._began = time.monotonic_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._began is None:
            raise RuntimeError(f"the step {self.name!r} was not entered")
        took = time.monotonic_ns() - self._began
        _engine.count_step(self.name, _outcome(kind), took)

    async def __aenter__(self) -> "Step":
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, where)


def _outcome(
    kind: type[BaseException] | None,
) -> Literal["succeeded", "failed", "cancelled"]:
    if kind is None:
        return "succeeded"
    # A coroutine that is closed is not run to its end either.
    return "cancelled" if issubclass(kind, _CUT_OFF) else "failed"


_CUT_OFF = (CancelledError, GeneratorExit)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name needs to be a str, not {name!r}")
    if not name:
        raise ValueError("name needs to be a name, not ''")


def _float_of(value: SupportsFloat) -> float:
    try:
        return float(value)
    except OverflowError:  # an int beyond all floats
        return math.inf

"""Checks of arguments, which name the one that is wrong."""

import sys
from collections.abc import Iterable
from typing import Any


def wrong(name: str, wanted: str, given: Any) -> TypeError:
    """What is raised for it."""
    return TypeError(f"{name} must be {wanted}, not {type(given).__name__}")


def whole_number(name: str, given: Any) -> int:
    """A whole number.

    :raises TypeError: for what is none.
    :raises ValueError: for NaN.
    :raises OverflowError: for what no machine counts to.
    """
    if not isinstance(given, int | float):
        raise wrong(name, "a number", given)
    if abs(given) > sys.maxsize // 2:
        raise OverflowError(f"{name} is too large: {given}")
    return int(given)


def size(name: str, given: Any) -> int:
    """A number of bytes, or of other things.

    :raises TypeError: for what is none.
    :raises OverflowError: for one below 0.
    """
    number = whole_number(name, given)
    if number < 0:
        raise OverflowError(f"{name} cannot be negative")
    return number


def count(name: str, given: Any) -> int:
    """How often something may be done: more than two thousand millions is as
    much as that.

    :raises TypeError: for what is no number.
    :raises ValueError: for NaN.
    """
    if isinstance(given, int | float):
        return whole_number(name, min(given, 2**31 - 1))
    raise wrong(name, "a number", given)


def seconds(name: str, given: Any) -> float:
    """A time; None is 0.

    :raises TypeError: for what is none.
    """
    if given is None:
        return 0.0
    if not isinstance(given, int | float):
        raise wrong(name, "a number of seconds", given)
    return float(given)


def text(name: str, given: Any) -> str | None:
    """A text, or none.

    :raises TypeError: for anything else.
    """
    if given is not None and not isinstance(given, str):
        raise wrong(name, "a str", given)
    return given


def several(name: str, given: Any) -> list[Any]:
    """What an iterable gives; None gives nothing.

    :raises TypeError: for what is none.
    """
    if given is None:
        return []
    if not isinstance(given, Iterable):
        raise wrong(name, "an iterable", given)
    return list(given)


def pairs(name: str, given: Any) -> list[tuple[Any, Any]]:
    """Names and values: of a mapping, or of pairs.

    :raises TypeError: for what has none.
    :raises ValueError: for pairs that are none.
    """
    items = given.items() if hasattr(given, "items") else given
    try:
        return [(key, value) for key, value in items]
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} must be names and values: {error}") from None

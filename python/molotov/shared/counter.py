"""Integers that forked processes count in together."""

import multiprocessing
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any


class Counter:
    """A 64-bit integer that begins at 0. Made before the processes are forked,
    it is one and the same in all of them; ``+=`` and ``-=`` lose no update.

    Counters compare with each other and with integers.

    :param name: what it is for; nothing depends on it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        """As it was given."""
        self._shared = multiprocessing.Value("q", 0)

    @property
    def value(self) -> int:
        """The integer. It can be set; what others have added meanwhile is lost
        then.

        :raises TypeError: when it is set to what is no integer.
        """
        return int(self._shared.value)

    @value.setter
    def value(self, value: "int | Counter") -> None:
        """:raises TypeError: for what is no integer."""
        self._shared.value = _comparable(value)

    def __iadd__(self, other: object) -> "Counter":
        """:raises NotImplementedError: for what is no integer."""
        self._add(_addend(other))
        return self

    def __isub__(self, other: object) -> "Counter":
        """:raises NotImplementedError: for what is no integer."""
        self._add(-_addend(other))
        return self

    def _add(self, more: int) -> None:
        with self._shared.get_lock():
            self._shared.value += more

    def __eq__(self, other: object) -> bool:
        return self.value == _comparable(other)

    def __lt__(self, other: object) -> bool:
        return self.value < _comparable(other)

    def __le__(self, other: object) -> bool:
        return self.value <= _comparable(other)

    def __gt__(self, other: object) -> bool:
        return self.value > _comparable(other)

    def __ge__(self, other: object) -> bool:
        return self.value >= _comparable(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<Counter {self.value}>"


class Counters:
    """Counters by their names, which are fixed. ``counters[name]`` is one, and
    ``counters[name] += 1`` counts.

    :param names: of all that there will be.
    """

    def __init__(self, *names: str) -> None:
        self._counters = {name: Counter(name) for name in names}

    def __getitem__(self, name: str) -> Counter:
        return self._counters[name]

    def __setitem__(self, name: str, value: int | Counter) -> None:
        """:raises KeyError: for a name that was not there from the beginning.
        :raises TypeError: for what is no integer.
        """
        counter = self._counters[name]
        # `counters[name] += 1` has counted by now: to set would undo others.
        if value is not counter:
            counter.value = value

    def __contains__(self, name: object) -> bool:
        return name in self._counters

    def __iter__(self) -> Iterator[str]:
        return iter(self._counters)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._counters.keys()

    def values(self) -> ValuesView[Counter]:
        """The counters."""
        return self._counters.values()

    def items(self) -> ItemsView[str, Counter]:
        """Names and counters."""
        return self._counters.items()

    def to_dict(self) -> dict[str, int]:
        """The values of this moment, by name."""
        return {name: counter.value for name, counter in self.items()}

    def __repr__(self) -> str:
        return repr(self._counters)


def _comparable(value: Any) -> int:
    if isinstance(value, Counter):
        return value.value
    if not isinstance(value, int):
        raise TypeError(f"an integer is needed, not {value!r}")
    return value


def _addend(value: Any) -> int:
    try:
        return _comparable(value)
    except TypeError as error:
        raise NotImplementedError(str(error)) from None

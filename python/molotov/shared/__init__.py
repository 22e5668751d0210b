"""What several processes share."""

from molotov.shared.counter import Counter, Counters

__all__ = ["Counter", "Counters"]

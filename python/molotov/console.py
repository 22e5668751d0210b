"""Our own lines on stdout. What a script prints itself is left alone."""

import os
import sys
from collections.abc import Iterable
from typing import Any

from molotov.tracebacks import failure_block


class Console:
    """Prints each block in one write, so that no other line comes between.

    In one of several processes every line begins with ``[pid] ``. A quiet one
    prints nothing.
    """

    def __init__(self, *, quiet: bool, several_processes: bool) -> None:
        self._quiet = quiet
        self._prefix = f"[{os.getpid()}] " if several_processes else ""
        # A script may well redirect sys.stdout for a while.
        self._stdout = sys.stdout

    @property
    def quiet(self) -> bool:
        return self._quiet

    def print(self, text: Any) -> None:
        """Prints anything, its lines without the spaces around them."""
        self._write(line.strip() for line in str(text).split("\n"))

    def print_error(self, error: BaseException | str, title: str = "") -> None:
        """Prints an error's block, below a title where one is given; a text as
        ``print()`` does."""
        if isinstance(error, str):
            self.print(error)
        elif not self._quiet:
            titles = [title] if title else []
            self._write([*titles, *failure_block(error).split("\n")])

    def _write(self, lines: Iterable[str]) -> None:
        if self._quiet:
            return
        self._stdout.write("".join(f"{self._prefix}{x}\n" for x in lines))
        self._stdout.flush()

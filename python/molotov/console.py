"""Our own lines on stdout. What a script prints itself is left alone."""

import os
import sys
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

    def print(self, text: str) -> None:
        """Prints a line, or several."""
        if self._quiet:
            return
        lines = text.split("\n")
        self._stdout.write("".join(f"{self._prefix}{x}\n" for x in lines))
        self._stdout.flush()

    def print_text(self, text: Any) -> None:
        """Prints what a session's ``print()`` was given: anything, its lines
        without the spaces around them."""
        self.print("\n".join(x.strip() for x in str(text).split("\n")))

    def print_error(self, error: BaseException, title: str = "") -> None:
        """Prints an error's block, below a title where one is given."""
        if self._quiet:
            return
        block = failure_block(error)
        self.print(f"{title}\n{block}" if title else block)

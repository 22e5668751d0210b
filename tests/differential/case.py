"""What is run under both, and what is known to differ."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

# Each is a list of lines; see observed.py.
ASPECTS = ("status", "stdout", "stderr", "requests", "datagrams", "files")
# What every case is run with: the original's full-screen display is no text,
# and what it has not printed at its end is lost.
CONSOLE = ("-c", "--console-update", "0")


@dataclass(frozen=True)
class Differs:
    """A difference that is meant, and that has to be there: without it the case
    fails, so that no reason outlives what it is for.

    Lines that one side has and the other has not. In them, `…` stands for any
    text; alone, for any number of lines.
    """

    aspect: str
    why: str
    ours: tuple[str, ...] = ()
    original: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.aspect in ASPECTS, self.aspect
        assert self.why, "a difference without a reason"
        assert set(self.ours + self.original) - {"…"}, "it names no line"


@dataclass(frozen=True)
class Signal:
    """Sent to the command once the server has seen so many requests; answers
    that are held (/held) are given after it."""

    number: signal.Signals
    requests: int = 1


@dataclass(frozen=True)
class Case:
    """A script and a command line; loadtest.py is the script.

    In a script, `URL` is the server's address, `say()` prints a line that
    begins with `>`, and molotov's names are imported. In arguments, URL and
    UDP stand for the addresses of the server and of the recorder of datagrams,
    and FOLDER for where it is run.
    """

    name: str
    script: str = ""
    arguments: tuple[str, ...] = ("-r", "1")
    program: str = "molotov"
    files: dict[str, str] = field(default_factory=dict)
    typed: str = ""
    console: bool = True
    # Whether what the script says comes in the same order.
    ordered: bool = True
    # Whether how many runs there are is not for the case to say.
    any_count: bool = False
    signals: tuple[Signal, ...] = ()
    # Files that the command makes, by their names.
    makes: tuple[str, ...] = ()
    # Commands that are run in the folder first.
    before: tuple[tuple[str, ...], ...] = ()
    differs: tuple[Differs, ...] = ()
    quick: bool = False

    def command(self) -> list[str]:
        console = CONSOLE if self.console else ()
        return [
            *(console if self.program == "molotov" else ()),
            *self.arguments,
        ]

"""What is run with a session of either."""

from __future__ import annotations

from dataclasses import dataclass

# The fields of a request that nobody has asked for.
AUTOMATIC = (
    "Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | "
    "User-Agent: (own)"
)


@dataclass(frozen=True)
class ClientCase:
    """The lines of a coroutine, given a `session` made with these options.

    At hand are `URL`, that of a recording server of its own; `say()`, which
    keeps what it is given; `api`, which has the names of aiohttp; `asyncio`;
    and `seen()`, the class and the words of an exception. What the lines raise
    is kept too.
    """

    name: str
    lines: str
    options: str = "{}"
    at_hand: str = ""  # of the module
    # Whether it counts which requests share a connection; else that is left to
    # when the last of an answer arrives.
    connections: bool = False
    # Why ours differs on purpose, and all that differs: aiohttp's lines after
    # "- ", ours after "+ ".
    why: str = ""
    differs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert bool(self.why) == bool(self.differs), self.name

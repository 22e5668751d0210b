"""Versions of HTTP, as aiohttp has them."""

from typing import NamedTuple


class HttpVersion(NamedTuple):
    """A version of HTTP; equal to any tuple of the same numbers."""

    major: int
    minor: int


HttpVersion10 = HttpVersion(1, 0)
HttpVersion11 = HttpVersion(1, 1)

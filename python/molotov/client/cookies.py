"""What `cookies=` of a session or a request is sent as."""

from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Any

from molotov.client.arguments import pairs
from molotov.client.fields import TOKEN, ends_a_line


def render_cookies(cookies: Any) -> list[tuple[str, str]]:
    """The names and values of whatever `cookies=` was given. Values that are
    more than a word are quoted as http.cookies does it, like aiohttp's."""
    if cookies is None:
        return []
    found = [(str(n), coded(value)) for n, value in pairs("cookies", cookies)]
    for name, value in found:
        if not name or not TOKEN.issuperset(name):
            raise CookieError(f"Illegal key {name!r}")
        if ends_a_line(value):  # of a Morsel
            raise ValueError(f"Invalid value for cookie {name}: {value!r}")
    return found


def coded(value: Any) -> str:
    """A cookie's value as it is sent: a Morsel has it, others are quoted."""
    if isinstance(value, Morsel):
        return str(value.coded_value)
    return str(SimpleCookie().value_encode(value)[1])

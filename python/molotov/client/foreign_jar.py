"""Cookie jars that are not ours, such as aiohttp's: the engine asks here."""

from http.cookies import SimpleCookie
from typing import Any

from yarl import URL


def header_for(jar: Any, url: str, own: str) -> str:
    """The Cookie field's value for a request.

    :param own: cookies of the request alone, as "a=1; b=2", which replace the
        jar's of the same names.
    """
    cookies = {
        name: morsel.coded_value
        for name, morsel in jar.filter_cookies(URL(url)).items()
    }
    for pair in own.split("; "):
        name, equals, value = pair.partition("=")
        if equals:
            cookies[name] = value
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def store(jar: Any, url: str, values: list[str]) -> None:
    """Gives it the Set-Cookie fields of an answer from `url`."""
    if hasattr(jar, "update_cookies_from_headers"):
        jar.update_cookies_from_headers(values, URL(url))
        return
    cookies = SimpleCookie()
    for value in values:
        cookies.load(value)
    jar.update_cookies(cookies, URL(url))

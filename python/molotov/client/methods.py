"""The methods of requests (RFC 9110, section 9)."""

import re

# Whose requests have no body unless they are given one.
BODILESS_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
# Whose body has a type even where there is none, as with aiohttp.
TYPED_METHODS = frozenset(("POST", "PUT", "PATCH"))


def check_method(method: str) -> None:
    """Refuses what would be no request line, as aiohttp does.

    :raises ValueError: for what is no token.
    """
    found = re.search(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]", method)
    if found:
        raise ValueError(
            f"Method cannot contain non-token characters {method!r} "
            f"(found at least {found[0]!r})"
        )
    if not method:
        raise ValueError("The method is empty")

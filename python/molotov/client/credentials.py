"""The user of a request, as its Authorization field."""

import base64
from typing import Any

AUTHORIZED_TWICE = (
    "Cannot combine AUTHORIZATION header with AUTH argument or "
    "credentials encoded in URL"
)


def credentials(url: str, auth: Any, default: Any) -> str | None:
    """The Authorization field for `auth=`, for a URL with a user in it, or for
    the session's."""
    authority = url.partition("://")[2].partition("/")[0]
    if "@" not in authority:
        auth = default if auth is None else auth
        return None if auth is None else authorization(auth)
    if auth is not None:
        raise ValueError(
            "Cannot combine AUTH argument with credentials encoded in URL"
        )
    from yarl import URL

    parsed = URL(url)
    return basic(parsed.user or "", parsed.password or "", "latin1")


def authorization(auth: Any) -> str:
    """`auth=`: anything with aiohttp's BasicAuth's parts.

    :raises TypeError: for what has not got them.
    """
    if not hasattr(auth, "login"):
        raise TypeError("BasicAuth() tuple is required instead")
    encoding = getattr(auth, "encoding", "latin1")
    return basic(auth.login, auth.password, encoding)


def basic(login: str, password: str, encoding: str) -> str:
    """The Authorization field of a user (RFC 7617)."""
    pair = f"{login}:{password}".encode(encoding)
    return "Basic " + base64.b64encode(pair).decode()

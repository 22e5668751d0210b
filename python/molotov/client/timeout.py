"""How long a request may take."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

from molotov.client.arguments import seconds, wrong

TIMEOUT_PARTS = ("total", "connect", "sock_connect", "sock_read")

Timeout = tuple[float, float, float, float]
"""Each of these parts in seconds; 0: no bound."""

# Where nothing is said: known by its identity.
DEFAULT_PARTS: Timeout = (300.0, 0.0, 30.0, 0.0)


@dataclass(frozen=True, slots=True)
class ClientTimeout:
    """Bounds in seconds, for ``timeout=``; None or 0: no bound."""

    total: float | None = None
    """Of the whole exchange."""
    connect: float | None = None
    """To have a connection."""
    sock_read: float | None = None
    """Between two pieces of the answer."""
    sock_connect: float | None = None
    """To make a new connection."""
    ceil_threshold: float = 5
    """Taken for aiohttp's sake: our timers are not rounded."""


DEFAULT = ClientTimeout(total=300, sock_connect=30)


def timeout_parts(timeout: Any) -> Timeout:
    """`timeout=` as a number of seconds (of the whole exchange), or as an
    object with the parts of aiohttp's ClientTimeout."""
    if timeout is None:
        return (0.0, 0.0, 0.0, 0.0)
    if isinstance(timeout, int | float):
        return (float(timeout), *DEFAULT_PARTS[1:])
    if not any(hasattr(timeout, part) for part in TIMEOUT_PARTS):
        wanted = "a number of seconds or a ClientTimeout"
        raise wrong("timeout", wanted, timeout)
    total, connect, sock_connect, sock_read = (
        seconds(f"timeout.{part}", getattr(timeout, part, None))
        for part in TIMEOUT_PARTS
    )
    return (total, connect, sock_connect, sock_read)


def session_timeout_parts(timeout: Any) -> Timeout:
    """As timeout_parts(), but for a session's.

    :raises ValueError: for what is no timeout, as with aiohttp.
    """
    known = timeout is None or isinstance(timeout, int | float)
    if known or any(hasattr(timeout, part) for part in TIMEOUT_PARTS):
        return timeout_parts(timeout)
    raise ValueError(
        f"timeout parameter cannot be of {type(timeout)} type, "
        "please use 'timeout=ClientTimeout(...)'"
    )


def timeout_object(timeout: Any) -> Any:
    """What a session's `timeout` is read as."""
    if timeout is DEFAULT_PARTS:
        return DEFAULT
    if timeout is None or isinstance(timeout, int | float):
        total, connect, sock_connect, sock_read = timeout_parts(timeout)
        return ClientTimeout(
            total=total or None,
            connect=connect or None,
            sock_read=sock_read or None,
            sock_connect=sock_connect or None,
        )
    return timeout


def older_timeout(timeout: Any, total: Any, connect: Any) -> Any:
    """What `read_timeout=` and `conn_timeout=` make of `timeout=`.

    :raises ValueError: where that is given as well.
    """
    parts: dict[str, Any] = {}
    given = timeout is not DEFAULT_PARTS and timeout is not None
    for name, part, given_seconds, unset in (
        ("read", "total", total, DEFAULT_PARTS),
        ("conn", "connect", connect, None),
    ):
        if given_seconds is unset:
            continue
        if given:
            raise ValueError(
                f"{name}_timeout and timeout parameters conflict, please "
                f"setup timeout.{'read' if name == 'read' else 'connect'}"
            )
        warnings.warn(
            f"{name}_timeout is deprecated, use timeout argument instead",
            DeprecationWarning,
            stacklevel=4,
        )
        seconds(f"{name}_timeout", given_seconds)
        parts[part] = given_seconds
    return replace(DEFAULT, **parts)

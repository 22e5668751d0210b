"""Connectors of aiohttp's: what they say is read, and done by one of ours."""

import weakref
from typing import Any

from molotov.client.connector import (
    UNSET,
    BaseConnector,
    TCPConnector,
    UnixConnector,
)

# So that sessions which share one share ours.
_ours: "weakref.WeakKeyDictionary[Any, BaseConnector]"
_ours = weakref.WeakKeyDictionary()


def adopted(given: Any) -> BaseConnector:
    """Ours in place of aiohttp's: always the same one, which is closed when
    that is.

    :raises TypeError: for what is no connector.
    """
    known = _ours.get(given) if is_connector(given) else None
    if known is not None:
        return known
    kinds = {c.__name__ for c in type(given).__mro__ if is_aiohttps(c)}
    if "TCPConnector" in kinds:
        ours: BaseConnector = tcp_connector_like(given)
    elif "UnixConnector" in kinds:
        ours = UnixConnector(given.path, **usual_options(given))
    else:
        raise TypeError(
            "connector must be a TCPConnector or a UnixConnector, of Molotov "
            f"or of aiohttp, not {type(given).__name__}"
        )
    if given.closed:
        ours._close()
    _ours[given] = ours
    follow(ours, given)
    return ours


def is_aiohttps(cls: type) -> bool:
    return cls.__module__ == "aiohttp.connector"


def is_connector(given: Any) -> bool:
    return any(is_aiohttps(cls) for cls in type(given).__mro__)


def usual_options(given: Any) -> dict[str, Any]:
    """Those that all connectors have."""
    keepalive = getattr(given, "_keepalive_timeout", UNSET)
    return {
        "limit": given.limit,
        "limit_per_host": given.limit_per_host,
        "force_close": given.force_close,
        "keepalive_timeout": None if given.force_close else keepalive,
        "loop": given._loop,
    }


def tcp_connector_like(given: Any) -> TCPConnector:
    """What an older aiohttp does not have is as usual."""
    options = usual_options(given)
    options["family"] = given.family
    options["use_dns_cache"] = given.use_dns_cache
    names = getattr(given, "_cached_hosts", None)
    options["ttl_dns_cache"] = getattr(names, "_ttl", 10)
    options["dns_cache_max_size"] = getattr(names, "_max_size", 1000)
    for name in ("happy_eyeballs_delay", "interleave", "socket_factory", "ssl"):
        if hasattr(given, "_" + name):
            options[name] = getattr(given, "_" + name)
    local = getattr(given, "_local_addr_infos", None)
    if local:
        options["local_addr"] = local[0][4]
    if not getattr(given, "_resolver_owner", True):
        options["resolver"] = given._resolver
    return TCPConnector(**options)


def follow(ours: BaseConnector, given: Any) -> None:
    """Has ours do what the script tells the other one, and both be closed
    together."""
    close = given._close
    more = ours._close_more
    twin = weakref.ref(given)

    def closing(**options: Any) -> Any:
        waited_for = close(**options)
        ours._close()
        return waited_for

    def close_both() -> None:
        if more is not None:
            more()
        theirs = twin()
        if theirs is not None:
            type(theirs)._close(theirs)

    given._close = closing
    ours._close_more = close_both
    if isinstance(ours, TCPConnector):
        forget = given.clear_dns_cache

        def forgetting(
            host: str | None = None, port: int | None = None
        ) -> None:
            forget(host, port)
            ours.clear_dns_cache(host, port)

        given.clear_dns_cache = forgetting

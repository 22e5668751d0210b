"""`ssl=` where most say nothing of TLS: molotov.client.tls, and with it
Python's ssl, is imported for the others alone."""

from typing import TYPE_CHECKING, Any

from molotov.client.arguments import text

if TYPE_CHECKING:
    from molotov.client.tls import Security


def default_ssl(ssl: Any, connector: Any) -> Any:
    """A session's `ssl=`, or that of its connector, ours or aiohttp's."""
    if ssl is None or ssl is True:
        ssl = getattr(connector, "_ssl", True)
    if ssl is True:
        return True
    from molotov.client.tls import merged

    return merged(ssl)


def security_for(
    ssl: Any, server_hostname: str | None = None, default: Any = True
) -> "Security | None":
    """As molotov.client.tls.security_of(), without a look at it where nothing
    is said of TLS."""
    if (
        ssl is True
        and default is True
        and not text("server_hostname", server_hostname)
    ):
        return None
    from molotov.client.tls import security_of

    return security_of(ssl, server_hostname, default)

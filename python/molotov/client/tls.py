"""How https is spoken: what ``ssl=`` and its older names mean."""

import hashlib
import ssl as ssl_module
import warnings
from collections.abc import Sized
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from molotov._engine import SslClient
from molotov.client.arguments import text, wrong

EXCLUSIVE = (
    "verify_ssl, ssl_context, fingerprint and ssl "
    "parameters are mutually exclusive"
)
# MD5's and SHA-1's.
WEAK_DIGEST_SIZES = (16, 20)


class Fingerprint:
    """The certificate that a server is to have: ``ssl=Fingerprint(digest)``.
    Who has signed it does not matter.

    :param fingerprint: its SHA-256 digest, 32 bytes.
    :raises ValueError: for one of another size.
    :raises TypeError: for what has no size.
    """

    def __init__(self, fingerprint: bytes) -> None:
        if not isinstance(fingerprint, Sized):
            raise wrong("fingerprint", "bytes", fingerprint)
        if len(fingerprint) in WEAK_DIGEST_SIZES:
            raise ValueError(
                "md5 and sha1 are insecure and not supported. Use sha256."
            )
        if len(fingerprint) != hashlib.sha256().digest_size:
            raise ValueError("fingerprint has invalid length")
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> bytes:
        """As it was given."""
        return self._fingerprint


class Security(NamedTuple):
    """How TLS is spoken, as the engine takes it (security.cc reads it)."""

    client: bool | SslClient
    """By the engine: whether it verifies; or by a context."""
    server_name: bytes
    """SNI and verification; empty: the host's."""
    fingerprint: bytes
    """Of the certificate; empty: any."""


# Of each context; the engine's does not keep it.
_clients: WeakKeyDictionary[ssl_module.SSLContext, SslClient] = (
    WeakKeyDictionary()
)


def merged(
    ssl: Any,
    verify_ssl: bool | None = None,
    ssl_context: Any = None,
    fingerprint: bytes | None = None,
) -> Any:
    """``ssl=`` together with its older names, as aiohttp merges them.

    :returns: a bool, an ``ssl.SSLContext``, or a fingerprint object.
    :raises TypeError: for an ``ssl`` that is none of these.
    :raises ValueError: where two of them are given.
    """
    given = True if ssl is None else ssl
    if verify_ssl is not None and not verify_ssl:
        _warn("verify_ssl is deprecated, use ssl=False instead")
        given = _in_place_of(given, False)
    if ssl_context is not None:
        _warn("ssl_context is deprecated, use ssl=context instead")
        given = _in_place_of(given, ssl_context)
    if fingerprint is not None:
        _warn(
            "fingerprint is deprecated, "
            "use ssl=Fingerprint(fingerprint) instead"
        )
        if given is not True:
            raise ValueError(EXCLUSIVE)
        given = Fingerprint(fingerprint)
    if (
        isinstance(given, bool | ssl_module.SSLContext)
        or _digest_of(given) is not None
    ):
        return given
    raise TypeError(
        "ssl should be SSLContext, bool, Fingerprint or None, "
        f"got {given!r} instead."
    )


def _warn(text: str) -> None:
    # Of whoever calls the method of the session.
    warnings.warn(text, DeprecationWarning, stacklevel=5)


def _in_place_of(ssl: Any, older: Any) -> Any:
    if ssl is not True:
        raise ValueError(EXCLUSIVE)
    return older


def _digest_of(ssl: Any) -> bytes | None:
    """Of a fingerprint object, ours or aiohttp's; None: it is none."""
    digest = getattr(ssl, "fingerprint", None)
    return digest if isinstance(digest, bytes) else None


def security_of(
    ssl: Any, server_hostname: str | None = None, default: Any = True
) -> Security:
    """What a request is sent with.

    :param ssl: as merged().
    :param server_hostname: as of the request.
    :param default: likewise, of its session.
    """
    name = text("server_hostname", server_hostname)
    digest = _digest_of(ssl) or _digest_of(default) or b""
    return Security(
        _client_of(default if ssl is True else ssl),
        _encoded(name) if name else b"",
        digest,
    )


def _client_of(ssl: Any) -> bool | SslClient:
    if not isinstance(ssl, ssl_module.SSLContext):
        return ssl is True  # a fingerprint stands for verification
    client = _clients.get(ssl)
    if client is None:
        client = _clients[ssl] = SslClient(ssl)
    return client


def _encoded(name: str) -> bytes:
    """In the form that certificates have names in."""
    return name.encode() if name.isascii() else name.encode("idna")

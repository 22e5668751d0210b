"""Users and passwords as a field of a request (RFC 7617)."""

import base64
import binascii
from typing import NamedTuple

from yarl import URL

from molotov.client.credentials import basic


def encode_basic_auth(
    login: str, password: str = "", encoding: str = "utf-8"
) -> str:
    """The value of an ``Authorization`` field.

    :param encoding: of user and password.
    :raises ValueError: for a colon in the login.
    """
    if ":" in login:
        raise ValueError('A ":" is not allowed in login (RFC 7617#section-2)')
    return basic(login, password, encoding)


class _BasicAuth(NamedTuple):
    login: str
    password: str
    encoding: str


class BasicAuth(_BasicAuth):
    """A user and a password: for ``auth=``."""

    __slots__ = ()

    def __new__(
        cls, login: str, password: str = "", encoding: str = "latin1"
    ) -> "BasicAuth":
        """
        :raises ValueError: for None, and for a colon in the login.
        """
        if login is None:
            raise ValueError("None is not allowed as login value")
        if password is None:
            raise ValueError("None is not allowed as password value")
        if ":" in login:
            raise ValueError(
                'A ":" is not allowed in login (RFC 1945#section-11.1)'
            )
        return super().__new__(cls, login, password, encoding)

    @classmethod
    def decode(cls, auth_header: str, encoding: str = "latin1") -> "BasicAuth":
        """What an ``Authorization`` field says.

        :raises ValueError: for one of another kind, or that is broken.
        """
        kind, space, credentials = auth_header.partition(" ")
        if not space:
            raise ValueError("Could not parse authorization header.")
        if kind.lower() != "basic":
            raise ValueError(f"Unknown authorization method {kind}")
        try:
            decoded = base64.b64decode(
                credentials.encode("ascii"), validate=True
            ).decode(encoding)
        except binascii.Error:
            raise ValueError("Invalid base64 encoding.") from None
        login, colon, password = decoded.partition(":")
        if not colon:
            raise ValueError("Invalid credentials.")
        return cls(login, password, encoding)

    @classmethod
    def from_url(
        cls, url: URL, *, encoding: str = "latin1"
    ) -> "BasicAuth | None":
        """The user of a URL; None where there is none.

        :raises TypeError: for what is no ``yarl.URL``.
        """
        if not isinstance(url, URL):
            raise TypeError("url should be yarl.URL instance")
        if url.raw_user is None and url.raw_password is None:
            return None
        # A colon in it, percent-encoded, is the server's matter.
        return tuple.__new__(
            cls, (url.user or "", url.password or "", encoding)
        )

    def encode(self) -> str:
        """The value of an ``Authorization`` field."""
        return encode_basic_auth(self.login, self.password, self.encoding)

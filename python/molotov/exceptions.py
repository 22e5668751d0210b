"""What requests raise: the names, attributes and tree of aiohttp's exceptions.

Scripts were written against aiohttp, so they may catch these classes or
aiohttp's. We never import aiohttp; but when a script has, what is raised is a
subclass of both (see `exception_class`).
"""

import asyncio
import ssl as _ssl
import sys
from typing import Any, NamedTuple

from molotov.masking import mask_fields, mask_user

__all__ = [
    "ClientConnectionError",
    "ClientConnectionResetError",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientHttpProxyError",
    "ClientOSError",
    "ClientPayloadError",
    "ClientProxyConnectionError",
    "ClientResponseError",
    "ClientSSLError",
    "ConnectionTimeoutError",
    "ContentTypeError",
    "EofStream",
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidUrlRedirectClientError",
    "NonHttpUrlClientError",
    "NonHttpUrlRedirectClientError",
    "RedirectClientError",
    "ServerConnectionError",
    "ServerDisconnectedError",
    "ServerFingerprintMismatch",
    "ServerTimeoutError",
    "SocketTimeoutError",
    "TooManyRedirects",
    "UnixClientConnectorError",
    "UploadAbortedError",
    "WSMessageTypeError",
    "WSServerHandshakeError",
    "WebSocketError",
    "exception_class",
]


class ConnectionKey(NamedTuple):
    """Where a connection was to go."""

    host: str
    port: int | None
    is_ssl: bool
    ssl: Any  # True for the default verification


class RequestInfo(NamedTuple):
    """The request that an answer was for."""

    url: Any
    method: str
    headers: Any
    real_url: Any


class ClientError(Exception):
    """Whatever goes wrong with a request."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Through args and attributes, and by the class that has a name.
        return _rebuild, (_public_class(type(self)), self.args, self.__dict__)


class ClientConnectionError(ClientError):
    """The connection failed."""


class ClientConnectionResetError(ClientConnectionError, ConnectionResetError):
    """The connection was reset while it was written to."""


class ClientOSError(ClientConnectionError, OSError):
    """The system reported an error, which ``errno`` has."""

    def __init__(self, *args: Any) -> None:
        OSError.__init__(self, *args)


class ClientConnectorError(ClientOSError):
    """No connection could be made."""

    def __init__(self, connection_key: Any, os_error: OSError) -> None:
        OSError.__init__(self, os_error.errno, os_error.strerror)
        self._connection_key = connection_key
        self._os_error = os_error
        self.args = (connection_key, os_error)

    @property
    def os_error(self) -> OSError:
        """What the system said."""
        return self._os_error

    @property
    def host(self) -> str:
        """That was to be connected to."""
        return str(self._connection_key.host)

    @property
    def port(self) -> int | None:
        """That was to be connected to."""
        port: int | None = self._connection_key.port
        return port

    @property
    def ssl(self) -> Any:
        """The request's ``ssl``; True: the default verification."""
        return self._connection_key.ssl

    def __str__(self) -> str:
        ssl = "default" if self.ssl is True else self.ssl
        return (
            f"Cannot connect to host {self.host}:{self.port} ssl:{ssl} "
            f"[{self.strerror}]"
        )


class ClientConnectorDNSError(ClientConnectorError):
    """The host's name could not be resolved."""


class ClientProxyConnectionError(ClientConnectorError):
    """No connection to the proxy could be made."""


class UnixClientConnectorError(ClientConnectorError):
    """No connection to the Unix socket could be made."""

    def __init__(
        self, path: str, connection_key: Any, os_error: OSError
    ) -> None:
        super().__init__(connection_key, os_error)
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        args = (self._path, *self.args)
        return _rebuild, (_public_class(type(self)), args, self.__dict__)

    @property
    def path(self) -> str:
        """That of the socket."""
        return self._path

    def __str__(self) -> str:
        ssl = "default" if self.ssl is True else self.ssl
        return (
            f"Cannot connect to unix socket {self.path} ssl:{ssl} "
            f"[{self.strerror}]"
        )


class ClientSSLError(ClientConnectorError):
    """TLS failed."""


class ClientConnectorSSLError(ClientSSLError, _ssl.SSLError):
    """The TLS handshake failed."""


class ClientConnectorCertificateError(ClientSSLError, _ssl.CertificateError):
    """The server's certificate is not to be trusted."""

    def __init__(
        self, connection_key: Any, certificate_error: Exception
    ) -> None:
        is_os_error = isinstance(certificate_error, OSError)
        os_error = certificate_error if is_os_error else OSError()
        super().__init__(connection_key, os_error)  # type: ignore[arg-type]
        self._certificate_error = certificate_error
        self.args = (connection_key, certificate_error)

    @property
    def certificate_error(self) -> Exception:
        """What verification said."""
        return self._certificate_error

    @property
    def ssl(self) -> bool:
        """Whether TLS was used."""
        return bool(self._connection_key.is_ssl)

    def __str__(self) -> str:
        error = self.certificate_error
        return (
            f"Cannot connect to host {self.host}:{self.port} ssl:{self.ssl} "
            f"[{type(error).__name__}: {error.args}]"
        )


class ServerConnectionError(ClientConnectionError):
    """The server failed the connection."""


class ServerDisconnectedError(ServerConnectionError):
    """The server closed the connection instead of answering."""

    def __init__(self, message: Any = None) -> None:
        self.message: Any = (
            "Server disconnected" if message is None else message
        )
        """What is known of it."""
        self.args = (self.message,)


class ServerTimeoutError(ServerConnectionError, asyncio.TimeoutError):
    """The server did not do something in time."""

    def __init__(self, *args: Any) -> None:
        OSError.__init__(self, *args)


class ConnectionTimeoutError(ServerTimeoutError):
    """No connection was made in time."""


class SocketTimeoutError(ServerTimeoutError):
    """Nothing was read, or written, in time."""


class ServerFingerprintMismatch(ServerConnectionError):
    """The server's certificate is not the one that was expected."""

    def __init__(
        self, expected: bytes, got: bytes, host: str, port: int
    ) -> None:
        self.expected = expected
        """The digest that the request had."""
        self.got = got
        """That of the certificate."""
        self.host = host
        """The server's address."""
        self.port = port
        """Likewise."""
        self.args = (expected, got, host, port)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} expected={self.expected!r} "
            f"got={self.got!r} host={self.host!r} port={self.port!r}>"
        )


class ClientPayloadError(ClientError):
    """An answer's body is not what was promised."""


class ClientResponseError(ClientError):
    """An answer came, but not a good one."""

    def __init__(
        self,
        request_info: Any,
        history: tuple[Any, ...],
        *,
        status: int | None = None,
        message: str = "",
        headers: Any = None,
    ) -> None:
        self.request_info = request_info
        """What was asked."""
        self.history = history
        """The answers that redirected."""
        self.status = 0 if status is None else status
        """Of the answer; 0: there was none to be had."""
        self.message = message
        """What is wrong with it."""
        self.headers = headers
        """Of the answer; None where there are none."""
        self.args = (request_info, history)

    def __str__(self) -> str:
        url = str(self.request_info.real_url)
        return f"{self.status}, message={self.message!r}, url={url!r}"

    def __repr__(self) -> str:
        info = self.request_info
        if hasattr(info, "_replace"):
            info = info._replace(headers=mask_fields(info.headers))
        shown = [repr(info), repr(self.history)]
        if self.status:
            shown.append(f"status={self.status!r}")
        if self.message:
            shown.append(f"message={self.message!r}")
        if self.headers is not None:
            shown.append(f"headers={mask_fields(self.headers)!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


class ContentTypeError(ClientResponseError):
    """The answer's content type is not the expected one."""


class ClientHttpProxyError(ClientResponseError):
    """The proxy refused to make a tunnel."""


class TooManyRedirects(ClientResponseError):
    """The server redirected too often."""


class WSServerHandshakeError(ClientResponseError):
    """The server's answer opens no WebSocket."""


class WebSocketError(Exception):
    """What the server sent on a WebSocket breaks its protocol."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        """The close code that the server was told."""
        super().__init__(code, message)

    def __str__(self) -> str:
        return str(self.args[1])


class UploadAbortedError(ClientError):
    """A request's body was not sent whole."""


class LineTooLong(Exception):
    """A line that was read from a body is longer than was allowed."""

    code = 400
    """As of an answer that is none."""
    headers: Any = None
    """None."""

    def __init__(self, line: bytes, limit: int) -> None:
        self.message = f"Got more than {limit} bytes when reading: {line!r}."
        """What is wrong."""
        super().__init__(line, limit, "Unknown")

    def __str__(self) -> str:
        return f"{self.code}, message:\n  {self.message}"


class EofStream(Exception):
    """The stream has ended."""


class WSMessageTypeError(TypeError):
    """A message of a WebSocket is of another type than was asked for."""


class InvalidURL(ClientError, ValueError):
    """A URL that cannot be used."""

    def __init__(self, url: Any, description: str | None = None) -> None:
        given = (url, description) if description else (url,)
        ValueError.__init__(self, *given)
        self._url = url
        self._description = description

    @property
    def url(self) -> Any:
        """As it was given."""
        return self._url

    @property
    def description(self) -> str | None:
        """What is wrong with it, where that is known."""
        return self._description

    def __repr__(self) -> str:
        # str() is aiohttp's. On the console it is said what is wrong, too.
        why = f" - {mask_user(str(self.__cause__))}" if self.__cause__ else ""
        return f"<{type(self).__name__} {self}{why}>"

    def __str__(self) -> str:
        shown = mask_user(str(self._url))
        if self._description:
            return f"{shown} - {mask_user(self._description)}"
        return shown


class InvalidUrlClientError(InvalidURL):
    """A URL that is none."""


class RedirectClientError(ClientError):
    """A redirect that cannot be followed."""


class NonHttpUrlClientError(ClientError):
    """A URL of a scheme that is not HTTP's."""


class InvalidUrlRedirectClientError(InvalidUrlClientError, RedirectClientError):
    """A redirect to a URL that is none."""


class NonHttpUrlRedirectClientError(NonHttpUrlClientError, RedirectClientError):
    """A redirect to a scheme that is not HTTP's."""


# Name -> the class that is raised while aiohttp is imported.
_bound: dict[str, type[Exception]] = {}


def exception_class(name: str) -> type[Any]:
    """The class to raise for that name of aiohttp's.

    It is the one of this module; once a script has imported aiohttp, a subclass
    of that and of aiohttp's, so that an ``except`` of either catches it.
    """
    ours: type[Exception] = globals()[name]
    aiohttp = sys.modules.get("aiohttp")
    if aiohttp is None:
        return ours
    bound = _bound.get(name)
    if bound is None:
        bound = _bound[name] = _bind(ours, aiohttp)
    return bound


def _bind(ours: type[Exception], aiohttp: object) -> type[Exception]:
    # Which have names that aiohttp itself has not: UnixClientConnectorError.
    homes = (
        aiohttp,
        getattr(aiohttp, "client_exceptions", None),
        getattr(aiohttp, "http_exceptions", None),
    )
    for base in ours.__mro__:
        # An older aiohttp lacks the newest names, but has their bases.
        found = (getattr(home, base.__name__, None) for home in homes)
        theirs = next(filter(None, found), None)
        if base.__module__ == __name__ and isinstance(theirs, type):
            body = {"__doc__": ours.__doc__, "__module__": __name__}
            return type(ours.__name__, (ours, theirs), body)
    return ours


def _public_class(raised: type[ClientError]) -> type[Exception]:
    public: type[Exception] = globals()[raised.__name__]
    return public


def _rebuild(
    cls: type[Exception], args: tuple[Any, ...], state: dict[str, Any]
) -> Exception:
    error: Exception = exception_class(cls.__name__)(*args)
    error.__dict__.update(state)
    return error

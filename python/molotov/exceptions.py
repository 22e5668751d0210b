"""What requests raise: the names, attributes and tree of aiohttp's exceptions.

Scripts were written against aiohttp, so they may catch these classes or
aiohttp's. We never import aiohttp; but when a script has, what is raised is a
subclass of both (see `exception_class`).
"""

import asyncio
import os
import socket
import ssl as _ssl
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = [
    "ClientConnectionError",
    "ClientConnectionResetError",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientOSError",
    "ClientPayloadError",
    "ClientResponseError",
    "ClientSSLError",
    "ConnectionTimeoutError",
    "ContentTypeError",
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidUrlRedirectClientError",
    "NonHttpUrlClientError",
    "NonHttpUrlRedirectClientError",
    "RedirectClientError",
    "ServerConnectionError",
    "ServerDisconnectedError",
    "ServerTimeoutError",
    "SocketTimeoutError",
    "TooManyRedirects",
    "exception_class",
    "from_error",
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
        return str(self._connection_key.host)

    @property
    def port(self) -> int | None:
        port: int | None = self._connection_key.port
        return port

    @property
    def ssl(self) -> Any:
        return self._connection_key.ssl

    def __str__(self) -> str:
        ssl = "default" if self.ssl is True else self.ssl
        return (
            f"Cannot connect to host {self.host}:{self.port} ssl:{ssl} "
            f"[{self.strerror}]"
        )


class ClientConnectorDNSError(ClientConnectorError):
    """The host's name could not be resolved."""


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
        self.message = "Server disconnected" if message is None else message
        self.args = (self.message,)


class ServerTimeoutError(ServerConnectionError, asyncio.TimeoutError):
    """The server did not do something in time."""

    def __init__(self, *args: Any) -> None:
        OSError.__init__(self, *args)


class ConnectionTimeoutError(ServerTimeoutError):
    """No connection was made in time."""


class SocketTimeoutError(ServerTimeoutError):
    """Nothing was read, or written, in time."""


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
        self.history = history
        self.status = 0 if status is None else status
        self.message = message
        self.headers = headers
        self.args = (request_info, history)

    def __str__(self) -> str:
        url = str(self.request_info.real_url)
        return f"{self.status}, message={self.message!r}, url={url!r}"

    def __repr__(self) -> str:
        shown = [repr(self.request_info), repr(self.history)]
        if self.status:
            shown.append(f"status={self.status!r}")
        if self.message:
            shown.append(f"message={self.message!r}")
        if self.headers is not None:
            shown.append(f"headers={self.headers!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


class ContentTypeError(ClientResponseError):
    """The answer's content type is not the expected one."""


class TooManyRedirects(ClientResponseError):
    """The server redirected too often."""


class InvalidURL(ClientError, ValueError):
    """A URL that cannot be used."""

    def __init__(self, url: Any, description: str | None = None) -> None:
        given = (url, description) if description else (url,)
        ValueError.__init__(self, *given)
        self._url = url
        self._description = description

    @property
    def url(self) -> Any:
        return self._url

    @property
    def description(self) -> str | None:
        return self._description

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"

    def __str__(self) -> str:
        if self._description:
            return f"{self._url} - {self._description}"
        return str(self._url)


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
    for base in ours.__mro__:
        # An older aiohttp lacks the newest names, but has their bases.
        theirs = getattr(aiohttp, base.__name__, None)
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


class _Failure(NamedTuple):
    """A failed request, as the engine tells it."""

    detail: str
    errno: int
    key: ConnectionKey
    url: str
    request_info: Any
    history: tuple[Any, ...]

    def text(self, default: str) -> str:
        return self.detail or default

    def os_error(self) -> OSError:
        if not self.errno:
            return OSError(0, self.text("unknown error"))
        return OSError(self.errno, os.strerror(self.errno))


def from_error(
    code: str,
    detail: str,
    errno: int = 0,
    host: str = "",
    port: int | None = None,
    ssl: Any = True,
    *,
    url: str = "",
    request_info: Any = None,
    history: tuple[Any, ...] = (),
) -> BaseException:
    """The exception for an error of the engine.

    :param code: the name of an ErrorCode (src/base/error.h).
    :param ssl: as given to the request; True is the default verification.
    """
    if request_info is None:
        shown = url or f"{host}:{port}"
        request_info = RequestInfo(shown, "", {}, shown)
    key = ConnectionKey(host, port, url.startswith("https:"), ssl)
    failure = _Failure(detail, errno, key, url, request_info, history)
    make = _MAKERS.get(code)
    if make is None:
        return _client_error("ClientError", f"{code}: {detail}")
    return make(failure)


def _client_error(name: str, *args: Any, **keywords: Any) -> BaseException:
    error: BaseException = exception_class(name)(*args, **keywords)
    return error


def _connector(failure: _Failure) -> BaseException:
    return _client_error(
        "ClientConnectorError", failure.key, failure.os_error()
    )


def _dns(eai: int, default: str) -> "_Maker":
    def make(failure: _Failure) -> BaseException:
        error = socket.gaierror(eai, failure.text(default))
        return _client_error("ClientConnectorDNSError", failure.key, error)

    return make


def _connect_timeout(failure: _Failure) -> BaseException:
    where = failure.url or f"{failure.key.host}:{failure.key.port}"
    text = f"Connection timeout to host {where}"
    if failure.detail:
        text += f" ({failure.detail})"
    return _client_error("ConnectionTimeoutError", text)


def _tls(failure: _Failure) -> BaseException:
    error = _ssl.SSLError(1, failure.text("TLS handshake failed"))
    return _client_error("ClientConnectorSSLError", failure.key, error)


def _tls_configuration(failure: _Failure) -> BaseException:
    error = OSError(failure.errno, failure.text("TLS cannot be set up"))
    return _client_error("ClientSSLError", failure.key, error)


def _certificate(failure: _Failure) -> BaseException:
    text = failure.text("certificate verify failed")
    error = _ssl.SSLCertVerificationError(1, text)
    key = failure.key._replace(is_ssl=True)
    return _client_error("ClientConnectorCertificateError", key, error)


def _bad_response(failure: _Failure) -> BaseException:
    return _client_error(
        "ClientResponseError",
        failure.request_info,
        failure.history,
        status=400,
        message=failure.text("Bad response"),
    )


def _too_many_redirects(failure: _Failure) -> BaseException:
    return _client_error(
        "TooManyRedirects",
        failure.request_info,
        failure.history,
        message=failure.text("Too many redirects"),
    )


def _invalid_url(failure: _Failure) -> BaseException:
    scheme, colon, _ = failure.url.partition("://")
    if colon and scheme.lower() not in ("http", "https"):
        return _client_error("NonHttpUrlClientError", failure.url)
    return _unusable_url("InvalidUrlClientError", failure)


def _invalid_redirect(failure: _Failure) -> BaseException:
    return _unusable_url("InvalidUrlRedirectClientError", failure)


def _unusable_url(name: str, failure: _Failure) -> BaseException:
    description = failure.detail or (None if failure.url else "not a URL")
    return _client_error(name, failure.url, description)


def _reset(failure: _Failure) -> BaseException:
    text = failure.text(os.strerror(failure.errno))
    return _client_error("ClientOSError", failure.errno, text)


def _local(failure: _Failure) -> BaseException:
    """A failure on this side: descriptors, memory, system calls."""
    if failure.errno:
        return _connector(failure)
    text = failure.text("a limit of this machine was reached")
    return _client_error("ClientConnectionError", text)


def _named(name: str, default: str) -> "_Maker":
    return lambda failure: _client_error(name, failure.text(default))


_Maker = Callable[[_Failure], BaseException]

_READ_TIMEOUT = "Timeout on reading data from socket"
_WRITE_TIMEOUT = "Timeout on writing data to socket"

_MAKERS: dict[str, _Maker] = {
    "system": _local,
    "limit": _local,
    "invalid_argument": lambda failure: ValueError(
        failure.text("invalid argument")
    ),
    "cancelled": _named("ClientConnectionError", "Connection closed"),
    "dns_not_found": _dns(socket.EAI_NONAME, "Name or service not known"),
    "dns_failed": _dns(socket.EAI_FAIL, "Name resolution failed"),
    "dns_timeout": _dns(socket.EAI_AGAIN, "Timeout in name resolution"),
    "connect_refused": _connector,
    "connect_unreachable": _connector,
    "connect_timeout": _connect_timeout,
    "connect_failed": _connector,
    "tls_handshake": _tls,
    "tls_untrusted": _certificate,
    "tls_expired": _certificate,
    "tls_wrong_host": _certificate,
    "tls_configuration": _tls_configuration,
    "http_malformed": _bad_response,
    "http_too_large": _bad_response,
    "http_truncated": _named(
        "ClientPayloadError", "Response payload is not completed"
    ),
    "http_disconnected": _named(
        "ServerDisconnectedError", "Server disconnected"
    ),
    "http_content_coding": _named(
        "ClientPayloadError", "Response payload cannot be decoded"
    ),
    "http_too_many_redirects": _too_many_redirects,
    "http_invalid_url": _invalid_url,
    "http_invalid_redirect": _invalid_redirect,
    "reset": _reset,
    "read_timeout": _named("SocketTimeoutError", _READ_TIMEOUT),
    "write_timeout": _named("SocketTimeoutError", _WRITE_TIMEOUT),
    # As aiohttp's total timeout: asyncio.TimeoutError itself.
    "total_timeout": lambda failure: TimeoutError(
        failure.text("Timeout of the whole request")
    ),
}

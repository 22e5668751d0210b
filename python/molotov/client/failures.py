"""What the engine says went wrong, as the exception that aiohttp raises."""

import os
import re
import socket
import ssl as _ssl
from collections.abc import Callable
from typing import Any, NamedTuple

from molotov.exceptions import ConnectionKey, RequestInfo, exception_class
from molotov.masking import mask_user


class _Proxy(NamedTuple):
    """A proxy, as the engine tells of it."""

    host: str
    port: int
    is_tls: bool
    reached: bool  # it was connected to
    connect_fields: bytes
    answer: bytes  # the head of the one that refuses a tunnel

    def url(self) -> str:
        scheme = "https" if self.is_tls else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == (443 if self.is_tls else 80)
        return f"{scheme}://{host}" + ("" if is_default else f":{self.port}")


class _Failure(NamedTuple):
    """A failed request, as the engine tells it."""

    detail: str
    errno: int
    key: ConnectionKey
    url: str
    request_info: Any
    history: tuple[Any, ...]
    location: str  # of a redirect that cannot be followed
    connector: str  # the exception for a connection that was not made
    has_head: bool  # there is an answer, of which something is amiss
    proxy: "_Proxy | None"
    verify_code: int  # OpenSSL's, of a certificate that was refused
    raised: BaseException | None = None  # by the script, which made it fail

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
    response: Any = None,
    has_head: bool = False,
    proxy: tuple[Any, ...] | None = None,
    unix_path: bytes = b"",
    verify_code: int = 0,
    raised: BaseException | None = None,
) -> BaseException:
    """The exception for an error of the engine.

    :param code: the name of an ErrorCode (src/base/error.h).
    :param ssl: as given to the request; True is the default verification.
    :param response: the engine's; its request and its history are told.
    :param has_head: the answer's head had come.
    :param proxy: the parts of a _Proxy, where the way went through one.
    :param unix_path: that of the Unix socket, where the way went to one.
    :param verify_code: why a certificate was refused: OpenSSL's number.
    :param raised: by code of the script, where that made it fail.
    """
    if response is not None and code in _TOLD_OF_REQUEST:
        request_info = response.request_info
        history = response.history
    if request_info is None:
        shown = url or f"{host}:{port}"
        request_info = RequestInfo(shown, "", {}, shown)
    key = ConnectionKey(host, port, url.startswith("https:"), ssl)
    location = url
    if response is not None and code == "http_invalid_redirect":
        location = response.headers.get("Location", url)
    connector = "ClientConnectorError"
    by = None if proxy is None else _Proxy(*proxy)
    if by is not None and not by.reached:
        key = ConnectionKey(by.host, by.port, by.is_tls, ssl)
        connector = "ClientProxyConnectionError"
    failure = _Failure(
        detail,
        errno,
        key,
        url,
        request_info,
        history,
        location,
        connector,
        has_head,
        by,
        verify_code,
        raised,
    )
    if unix_path and code in _UNIX_CODES:
        return _unix(failure, os.fsdecode(unix_path))
    make = _MAKERS.get(code)
    if make is None:
        return _client_error("ClientError", f"{code}: {detail}")
    return make(failure)


def _client_error(name: str, *args: Any, **keywords: Any) -> BaseException:
    error: BaseException = exception_class(name)(*args, **keywords)
    return error


def _connector(failure: _Failure) -> BaseException:
    return _client_error(failure.connector, failure.key, failure.os_error())


def _unix(failure: _Failure, path: str) -> BaseException:
    return _client_error(
        "UnixClientConnectorError", path, failure.key, failure.os_error()
    )


def _proxy_refused(failure: _Failure) -> BaseException:
    """The user in the URL of the proxy is told nobody."""
    from yarl import URL

    from molotov._observed import headers_of

    by = failure.proxy
    status, _, reason = failure.detail.partition(" ")
    if by is None or not status.isdigit():  # nothing is known of the proxy
        return _bad_response(failure)
    host = f"Host: {failure.url.partition('://')[2].partition('/')[0]}\r\n"
    request_info = RequestInfo(
        URL(failure.url),
        "CONNECT",
        headers_of(b"\r\n" + host.encode() + by.connect_fields + b"\r\n"),
        URL(by.url()),
    )
    return _client_error(
        "ClientHttpProxyError",
        request_info,
        (),
        status=int(status),
        message=reason,
        headers=headers_of(by.answer),
    )


def _dns(eai: int, default: str) -> "_Maker":
    def make(failure: _Failure) -> BaseException:
        error = socket.gaierror(eai, failure.text(default))
        return _client_error("ClientConnectorDNSError", failure.key, error)

    return make


def _custom(name: str) -> "_Maker":
    """Of a resolver, or of what makes sockets: as aiohttp, which knows what
    OSErrors mean, and passes on all others."""

    def make(failure: _Failure) -> BaseException:
        raised = failure.raised or OSError(failure.detail)
        if not isinstance(raised, OSError):
            return raised
        error = _client_error(name, failure.key, raised)
        error.__cause__ = raised
        return error

    return make


def _connect_timeout(failure: _Failure) -> BaseException:
    where = failure.url or f"{failure.key.host}:{failure.key.port}"
    text = f"Connection timeout to host {where}"
    if failure.detail:
        text += f" ({failure.detail})"
    return _client_error("ConnectionTimeoutError", text)


def _tls(failure: _Failure) -> BaseException:
    if failure.errno:  # the connection failed, not TLS
        return _connector(failure)
    error = _ssl.SSLError(1, failure.text("TLS handshake failed"))
    return _by(_as_ssl_does(error), "ClientConnectorSSLError", failure.key)


def _as_ssl_does(error: _ssl.SSLError) -> _ssl.SSLError:
    """With the attributes that the ssl module gives it, from its text."""
    if found := re.match(r"\[(\w+): (\w+)\]", error.strerror or ""):
        error.library, error.reason = found.groups()
    return error


def _by(cause: Exception, name: str, key: ConnectionKey) -> BaseException:
    """As raised from the error that it tells of."""
    error = _client_error(name, key, cause)
    error.__cause__ = cause
    return error


def _tls_configuration(failure: _Failure) -> BaseException:
    error = OSError(failure.errno, failure.text("TLS cannot be set up"))
    return _client_error("ClientSSLError", failure.key, error)


def _certificate(failure: _Failure) -> BaseException:
    text = failure.text("certificate verify failed")
    error = _ssl.SSLCertVerificationError(1, text)
    said = re.search(r"certificate verify failed: (.*?)(?: \(|$)", text)
    error.verify_code = failure.verify_code
    error.verify_message = said[1] if said else text
    key = failure.key._replace(is_ssl=True)
    return _by(_as_ssl_does(error), "ClientConnectorCertificateError", key)


# As net/tls_client.cc words it; of a Unix socket there is no port.
_PINNED = re.compile(
    r"of (?P<host>[\d.]+|\[.+\]|.+?)(:(?P<port>\d+))? has the SHA-256 "
    r"fingerprint (?P<got>\w*), not (?P<expected>\w*)"
)


def _fingerprint(failure: _Failure) -> BaseException:
    found = _PINNED.search(failure.detail)
    told = found.groupdict() if found else {}
    error = _client_error(
        "ServerFingerprintMismatch",
        bytes.fromhex(told.get("expected") or ""),
        bytes.fromhex(told.get("got") or ""),
        (told.get("host") or failure.key.host).strip("[]"),
        int(told.get("port") or failure.key.port or 0),
    )
    return _because(error, ValueError, failure)


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
        failure.history[0].request_info
        if failure.history
        else failure.request_info,
        failure.history,
    )


def _invalid_url(failure: _Failure) -> BaseException:
    if _scheme(failure.url) not in ("http", "https", "ws", "wss", ""):
        return _client_error("NonHttpUrlClientError", mask_user(failure.url))
    description = failure.detail or (None if failure.url else "not a URL")
    return _client_error("InvalidUrlClientError", failure.url, description)


def _scheme(url: str) -> str:
    """None of `localhost:8080/`, which is a host without a scheme."""
    from yarl import URL

    if re.match(r"[^:/]*:\d", url):
        return ""
    try:
        return URL(url).scheme
    except ValueError:
        return ""


def _invalid_redirect(failure: _Failure) -> BaseException:
    location = failure.location
    if _scheme(location) not in ("http", "https", ""):
        return _client_error(
            "NonHttpUrlRedirectClientError", mask_user(location)
        )
    error = _client_error(
        "InvalidUrlRedirectClientError",
        location,
        "Server attempted redirecting to a location that does not look like a "
        "URL",
    )
    return _because(error, ValueError, failure)


def _reset(failure: _Failure) -> BaseException:
    if failure.has_head:
        return _truncated(failure)
    text = failure.text(os.strerror(failure.errno))
    return _client_error("ClientOSError", failure.errno, text)


def _local(failure: _Failure) -> BaseException:
    """A failure on this side: descriptors, memory, system calls."""
    if failure.errno:
        return _connector(failure)
    text = failure.text("a limit of this machine was reached")
    return _client_error("ClientConnectionError", text)


def _truncated(failure: _Failure) -> BaseException:
    text = "Response payload is not completed"
    if failure.detail.startswith("Not enough data"):
        by_length = "content length" in failure.detail
        kind = "ContentLengthError" if by_length else "TransferEncodingError"
        text += f": <{kind}: 400, message={failure.detail!r}>"
    elif failure.detail:
        text += f": {failure.detail}"
    if failure.errno:
        text += f". {failure.os_error()!r}"
    return _client_error("ClientPayloadError", text)


def _disconnected(failure: _Failure) -> BaseException:
    error = _client_error("ServerDisconnectedError", "Server disconnected")
    return _because(error, ConnectionError, failure)


def _content_coding(failure: _Failure) -> BaseException:
    coding = re.search(r"(gzip|deflate|br|zstd) body", failure.detail)
    text = "400, message:\n  Can not decode content-encoding: "
    text += coding[1] if coding else "unknown"
    return _because(
        _client_error("ClientPayloadError", text), ValueError, failure
    )


def _because(
    error: BaseException, kind: type[Exception], failure: _Failure
) -> BaseException:
    """With what the engine says, where aiohttp's message has no place for it,
    as its cause."""
    if failure.detail:
        error.__cause__ = kind(mask_user(failure.detail))
    return error


def _named(name: str, default: str) -> "_Maker":
    return lambda failure: _client_error(name, failure.text(default))


# What ends an attempt to connect to a Unix socket.
_UNIX_CODES = frozenset(
    (
        "system",
        "invalid_argument",
        "connect_refused",
        "connect_unreachable",
        "connect_failed",
    )
)

_Maker = Callable[[_Failure], BaseException]

_TOLD_OF_REQUEST = frozenset(
    ("http_malformed", "http_too_large", "http_too_many_redirects")
)
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
    "dns_custom": _custom("ClientConnectorDNSError"),
    "connect_refused": _connector,
    "connect_unreachable": _connector,
    "connect_timeout": _connect_timeout,
    "connect_failed": _connector,
    "pool_closed": _named("ClientConnectionError", "Connector is closed."),
    "connect_custom": _custom("ClientConnectorError"),
    "tls_handshake": _tls,
    "tls_untrusted": _certificate,
    "tls_expired": _certificate,
    "tls_wrong_host": _certificate,
    "tls_configuration": _tls_configuration,
    "tls_fingerprint": _fingerprint,
    # As an SSLError that a transport of asyncio's is lost to.
    "tls_failed": lambda failure: _client_error(
        "ClientOSError",
        _ssl.SSLErrorNumber.SSL_ERROR_SSL.value,
        failure.text("TLS failed"),
    ),
    "http_malformed": _bad_response,
    "http_too_large": _bad_response,
    "http_truncated": _truncated,
    "http_disconnected": _disconnected,
    "http_content_coding": _content_coding,
    "http_too_many_redirects": _too_many_redirects,
    "http_invalid_url": _invalid_url,
    "http_invalid_redirect": _invalid_redirect,
    "http_body_consumed": _named(
        "ClientPayloadError", "The body cannot be sent again"
    ),
    "http_proxy_refused": _proxy_refused,
    "reset": _reset,
    # As a transport of asyncio's that is closed.
    "closing": _named(
        "ClientConnectionResetError", "Cannot write to closing transport"
    ),
    "read_timeout": _named("SocketTimeoutError", _READ_TIMEOUT),
    "write_timeout": _named("SocketTimeoutError", _WRITE_TIMEOUT),
    # As aiohttp's total timeout: asyncio.TimeoutError itself.
    "total_timeout": lambda failure: TimeoutError(
        failure.text("Timeout of the whole request")
    ),
}

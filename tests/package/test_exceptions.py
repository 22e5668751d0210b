"""Our exceptions beside aiohttp's: the same names, tree, attributes and texts.

Whether aiohttp is imported matters, so each side runs in a Python of its own.
"""

import errno
import inspect
import pickle
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from molotov import exceptions
from molotov.client.failures import from_error

ROOT = Path(__file__).resolve().parents[2]

# Name -> the nearest of ours or Python's that it is a kind of.
OURS = [
    name
    for name in exceptions.__all__
    if inspect.isclass(getattr(exceptions, name))
]

HOST = {"host": "127.0.0.1", "port": 1}


def error_codes() -> list[str]:
    """The names of the engine's ErrorCode."""
    text = (ROOT / "src/base/error.h").read_text()
    body = re.search(r"enum class ErrorCode .*?\{(.*?)\};", text, re.S)
    assert body
    names = re.findall(r"^\s*(\w+) = \d+,", body.group(1), re.M)
    return [name for name in names if name != "none"]


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": str(ROOT / "python")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("code", error_codes())
def test_every_code_says_what_and_where(code: str) -> None:
    error = from_error(code, "the detail", errno.EPIPE, **HOST)
    assert isinstance(error, Exception)
    assert not str(error).startswith(code), "not in the table"
    assert re.search(
        "the detail|Cannot connect to host 127.0.0.1:1|TooManyRedirects",
        # Where aiohttp's message has no place for it, it is the cause.
        f"{error!r} {error} {error.__cause__}",
    )
    assert str(from_error(code, "", 0, **HOST))


def test_an_unknown_code_is_told_as_it_is() -> None:
    error = from_error("new_one", "the detail")
    # Another test of this session may have imported aiohttp, whose classes ours
    # then extend; so the class is asked for as it is raised.
    assert type(error) is exceptions.exception_class("ClientError")
    assert str(error) == "new_one: the detail"


def test_refused() -> None:
    error = from_error(
        "connect_refused", "connect: refused", errno.ECONNREFUSED, **HOST
    )
    assert isinstance(error, exceptions.ClientConnectorError)
    assert isinstance(error, OSError)
    assert (error.host, error.port, error.ssl) == ("127.0.0.1", 1, True)
    assert error.errno == error.os_error.errno == errno.ECONNREFUSED
    assert str(error) == (
        "Cannot connect to host 127.0.0.1:1 ssl:default [Connection refused]"
    )


def test_unresolved() -> None:
    error = from_error(
        "dns_not_found", "no such host", host="nowhere.invalid", port=80
    )
    assert isinstance(error, exceptions.ClientConnectorDNSError)
    assert isinstance(error.os_error, socket.gaierror)
    assert str(error) == (
        "Cannot connect to host nowhere.invalid:80 ssl:default [no such host]"
    )


def test_a_bad_certificate() -> None:
    error = from_error(
        "tls_expired", "certificate has expired", host="example.com", port=443
    )
    assert isinstance(error, exceptions.ClientConnectorCertificateError)
    assert str(error) == (
        "Cannot connect to host example.com:443 ssl:True "
        "[SSLCertVerificationError: (1, 'certificate has expired')]"
    )


@pytest.mark.parametrize(
    "code, detail, expected",
    [
        (
            "connect_timeout",
            "after 5 s",
            "Connection timeout to host 127.0.0.1:1 (after 5 s)",
        ),
        ("connect_timeout", "", "Connection timeout to host 127.0.0.1:1"),
        ("read_timeout", "waited for headers", "waited for headers"),
        ("read_timeout", "", "Timeout on reading data from socket"),
        ("total_timeout", "5 s for GET /", "5 s for GET /"),
    ],
)
def test_timeouts_say_what_was_waited_for(
    code: str, detail: str, expected: str
) -> None:
    error = from_error(code, detail, **HOST)
    assert isinstance(error, TimeoutError)
    assert str(error) == expected


def test_total_timeout_is_asyncios_own() -> None:
    assert type(from_error("total_timeout", "")) is TimeoutError


@pytest.mark.parametrize(
    "url, name",
    [
        ("ftp://example.com", "NonHttpUrlClientError"),
        ("http://", "InvalidUrlClientError"),
        ("nonsense", "InvalidUrlClientError"),
    ],
)
def test_bad_urls(url: str, name: str) -> None:
    error = from_error("http_invalid_url", "", url=url)
    assert type(error).__name__ == name
    assert str(error) == url


def test_malformed_answers_name_the_url() -> None:
    error = from_error("http_malformed", "no status line", url="http://a/b")
    assert isinstance(error, exceptions.ClientResponseError)
    assert str(error) == "400, message='no status line', url='http://a/b'"


@pytest.mark.parametrize("code", error_codes())
def test_they_can_be_pickled(code: str) -> None:
    error = from_error(code, "the detail", errno.EPIPE, **HOST)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (type(error), str(error))


def test_aiohttp_is_not_imported_by_us() -> None:
    code = (
        "import sys, molotov.client.failures as f\n"
        "f.from_error('connect_refused', '')\n"
        "print('aiohttp' in sys.modules)"
    )
    assert run_python(code) == "False\n"


def test_a_proxy_that_refuses() -> None:
    proxy = ("::1", 3128, True, True, b"A: 1\r\n", b"HTTP/1.1 407 W\r\nB: 2")
    error = from_error(
        "http_proxy_refused", "407 W", url="https://a.b/c", proxy=proxy, **HOST
    )
    assert isinstance(error, exceptions.ClientHttpProxyError)
    assert str(error) == "407, message='W', url='https://[::1]:3128'"
    assert dict(error.headers) == {"B": "2"}
    info = error.request_info
    assert (info.method, str(info.url)) == ("CONNECT", "https://a.b/c")
    assert dict(info.headers) == {"Host": "a.b", "A": "1"}


def test_a_proxy_that_is_not_reached() -> None:
    proxy = ("::1", 80, False, False, b"", b"")
    error = from_error(
        "connect_refused", "", 111, url="https://a.b/c", proxy=proxy, **HOST
    )
    assert isinstance(error, exceptions.ClientProxyConnectionError)
    assert (error.host, error.port) == ("::1", 80)


# From here on beside the real aiohttp.


def of_aiohttp(name: str) -> type:
    import aiohttp

    # Not every one is to be had of aiohttp itself.
    found = getattr(aiohttp, name, None)
    theirs: type = found or getattr(aiohttp.client_exceptions, name)
    return theirs


@pytest.fixture(scope="module")
def with_aiohttp() -> None:
    pytest.importorskip("aiohttp")


@pytest.mark.usefixtures("with_aiohttp")
@pytest.mark.parametrize("name", OURS)
def test_the_tree_is_aiohttps(name: str) -> None:
    def named_bases(cls: type) -> set[str]:
        return {base.__name__ for base in cls.__mro__}

    theirs = of_aiohttp(name)
    assert named_bases(getattr(exceptions, name)) == named_bases(theirs)


@pytest.mark.usefixtures("with_aiohttp")
@pytest.mark.parametrize("name", OURS)
def test_attributes_of_aiohttps_are_ours_too(name: str) -> None:
    def public(cls: type) -> set[str]:
        return {name for name in dir(cls) if not name.startswith("_")}

    missing = public(of_aiohttp(name)) - public(getattr(exceptions, name))
    assert missing <= {"code"}  # deprecated


@pytest.mark.usefixtures("with_aiohttp")
@pytest.mark.parametrize("name", OURS)
def test_what_is_raised_is_both(name: str) -> None:
    raised = exceptions.exception_class(name)
    assert issubclass(raised, getattr(exceptions, name))
    assert issubclass(raised, of_aiohttp(name))
    assert raised.__name__ == name
    assert exceptions.exception_class(name) is raised


@pytest.mark.usefixtures("with_aiohttp")
def test_texts_are_the_same_with_aiohttp() -> None:
    lines = (
        "from molotov.client.failures import from_error\n"
        f"for code in {error_codes()!r}:\n"
        "    e = from_error(code, 'detail', 104, 'host', 80, url='http://h/')\n"
        "    print(code, type(e).__name__, ascii(str(e)), repr(e),"
        " getattr(e, 'errno', 0))"
    )
    alone = run_python(lines)
    assert len(alone.splitlines()) == len(error_codes())
    assert run_python("import aiohttp\n" + lines) == alone


@pytest.mark.usefixtures("with_aiohttp")
def test_a_class_imported_before_aiohttp_still_catches() -> None:
    code = (
        "from molotov.client.failures import from_error\n"
        "from molotov.exceptions import ClientError\n"
        "assert type(from_error('reset', '')).__mro__[1] is not object\n"
        "import aiohttp\n"
        "error = from_error('connect_refused', '')\n"
        "print(isinstance(error, ClientError),"
        " isinstance(error, aiohttp.ClientConnectorError))"
    )
    assert run_python(code) == "True True\n"


@pytest.mark.usefixtures("with_aiohttp")
def test_an_older_aiohttp_lends_the_nearest_name() -> None:
    code = (
        "import aiohttp; del aiohttp.ConnectionTimeoutError\n"
        "from molotov.client.failures import from_error\n"
        "error = from_error('connect_timeout', '')\n"
        "print(isinstance(error, aiohttp.ServerTimeoutError))"
    )
    assert run_python(code) == "True\n"

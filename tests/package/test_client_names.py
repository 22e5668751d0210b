"""The client's public names: that they are there, cost nothing unless they are
used, and do what aiohttp's do."""

import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from yarl import URL

from molotov import client

aiohttp = pytest.importorskip("aiohttp")


# Other names of what has one already, in aiohttp too.
ALIASES = {"DefaultResolver"}


def test_each_is_there() -> None:
    for name in client.__all__:
        value = getattr(client, name)
        assert getattr(value, "__name__", name) == name or name in ALIASES
    assert set(client.__all__) <= set(dir(client))


def test_they_are_aiohttps_names() -> None:
    assert [name for name in client.__all__ if not hasattr(aiohttp, name)] == []


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="'Nothing'"):
        _ = client.Nothing


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    script = """
import sys
import molotov, molotov.client
found = [m for m in sys.modules if m.startswith("molotov.client.")]
assert found == [], found
assert not {"yarl", "multidict", "aiohttp"} & set(sys.modules)
from molotov.client import BasicAuth
assert "molotov.client.authorization" in sys.modules
assert "molotov.client.multipart" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr


# What is done with a module that has aiohttp's names.
USES: dict[str, Callable[[Any], Any]] = {
    "auth": lambda m: m.BasicAuth("me"),
    "its parts": lambda m: tuple(m.BasicAuth("me", "pw", "utf-8")),
    "encoded": lambda m: m.BasicAuth("mé", "p:w").encode(),
    "encoded in UTF-8": lambda m: m.BasicAuth("mé", "pw", "utf-8").encode(),
    "decoded": lambda m: m.BasicAuth.decode("basic bWU6cDp3"),
    "decoded and empty": lambda m: m.BasicAuth.decode("Basic Og=="),
    "nothing to decode": lambda m: m.BasicAuth.decode("Basic"),
    "another kind": lambda m: m.BasicAuth.decode("Digest abc"),
    "no base64": lambda m: m.BasicAuth.decode("Basic b!d"),
    "no colon": lambda m: m.BasicAuth.decode("Basic bWU="),
    "of a URL": lambda m: m.BasicAuth.from_url(URL("http://m%C3%A9:p%40@h/")),
    "of a URL with a user": lambda m: m.BasicAuth.from_url(URL("http://me@h")),
    "of a URL without": lambda m: m.BasicAuth.from_url(URL("http://h/")),
    "of no URL": lambda m: m.BasicAuth.from_url("http://h/"),
    "no login": lambda m: m.BasicAuth(None),
    "no password": lambda m: m.BasicAuth("me", None),
    "a colon": lambda m: m.BasicAuth("m:e"),
    "equal": lambda m: m.BasicAuth("a", "b") == m.BasicAuth("a", "b"),
    "a field": lambda m: m.encode_basic_auth("mé", "pw"),
    "a field in latin-1": lambda m: m.encode_basic_auth("mé", "p", "latin-1"),
    "a field with a colon": lambda m: m.encode_basic_auth("m:e"),
    "time-outs": lambda m: m.ClientTimeout(total=1, sock_read=2),
    "no time-outs": lambda m: m.ClientTimeout(),
    "equal time-outs": lambda m: m.ClientTimeout(1) == m.ClientTimeout(1),
    "a time-out for good": lambda m: setattr(m.ClientTimeout(1), "total", 2),
    "a form": lambda m: m.FormData({"a": "b"})().headers["Content-Type"],
    "a writer": lambda m: m.MultipartWriter(boundary="B").content_type,
    "digest": lambda m: m.DigestAuthMiddleware("a:b", "c"),
    "a context": lambda m: m.TraceConfig().trace_config_ctx({"a": 1}),
    "a context of one's own": lambda m: m.TraceConfig(
        lambda trace_request_ctx: ["own", trace_request_ctx]
    ).trace_config_ctx(1),
    "signals": lambda m: len(m.TraceConfig().on_request_start),
    "parameters": lambda m: m.TraceDnsCacheHitParams("host"),
    "parameters of a start": lambda m: m.TraceRequestStartParams(
        "GET", URL("http://h/"), {}
    ),
    "equal parameters": lambda m: (
        m.TraceDnsCacheHitParams("a") == m.TraceDnsCacheHitParams("a")
    ),
}


def outcome(use: Callable[[Any], Any], module: Any) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiohttp's BasicAuth warns
            return repr(use(module))
    except Exception as error:
        frozen = "Frozen" in type(error).__name__
        return "frozen" if frozen else repr(error)


@pytest.mark.parametrize("name", USES)
def test_it_is_as_with_aiohttp(name: str) -> None:
    assert outcome(USES[name], client) == outcome(USES[name], aiohttp)


def test_a_signal_takes_no_more_once_it_is_frozen() -> None:
    config = client.TraceConfig()

    async def told(*_: Any) -> None: ...

    config.on_request_end.append(told)
    config.freeze()
    assert list(config.on_request_end) == [told]
    assert config.on_request_end.frozen
    for change in (
        lambda: config.on_request_end.append(told),
        lambda: config.on_request_end.__delitem__(0),
        lambda: config.on_request_end.__setitem__(0, told),
    ):
        with pytest.raises(RuntimeError, match="frozen"):
            change()


def test_a_signal_that_is_not_frozen_tells_nobody() -> None:
    signal = client.TraceConfig().on_request_end
    with pytest.raises(RuntimeError, match="non-frozen"):
        signal.send().send(None)

"""What ``trust_env=True`` reads: the variables that name proxies (HTTP_PROXY,
NO_PROXY and the like), and the users in ``.netrc``."""

import contextlib
import logging
import netrc
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from molotov.client.credentials import authorization

log = logging.getLogger(__name__)

SCHEMES = ("http", "https", "ws", "wss")


class User(NamedTuple):
    """With the parts of aiohttp's BasicAuth."""

    login: str
    password: str


class Environment:
    """The environment as it is when this is made."""

    def __init__(self) -> None:
        self._variables = getproxies()
        self._netrc = load_netrc()
        self._proxies: dict[str, tuple[URL, User | None]] = dict(
            self._read_proxies()
        )

    def proxy_for(self, url: str) -> tuple[URL, User | None] | None:
        """The proxy for the URL, and its user; None where there is none, or
        NO_PROXY has the host."""
        scheme, host = scheme_and_host(url)
        found = self._proxies.get(scheme)
        if found is None or not host:
            return None
        if proxy_bypass(host, self._variables):
            return None
        return found

    def authorization_for(self, url: str) -> str | None:
        """The field that ``.netrc`` makes for the URL's host."""
        if self._netrc is None:
            return None
        user = self._user_of(scheme_and_host(url)[1])
        return None if user is None else authorization(user)

    def _read_proxies(self) -> Any:
        for scheme, text in self._variables.items():
            if scheme not in SCHEMES:
                continue
            given = URL(text)
            proxy = given.with_user(None) if given.raw_authority else given
            if proxy.scheme in ("https", "wss"):
                log.warning(
                    "%s proxies %s are not supported, ignoring",
                    proxy.scheme.upper(),
                    proxy,
                )
                continue
            if given.raw_user is None and given.raw_password is None:
                user = self._user_of(proxy.host)
            else:
                user = User(given.user or "", given.password or "")
            yield scheme, (proxy, user)

    def _user_of(self, host: str | None) -> User | None:
        if self._netrc is None or host is None:
            return None
        found = self._netrc.authenticators(host)
        if found is None:
            return None
        login, account, password = found
        return User(login or account or "", password or "")


def scheme_and_host(url: str) -> tuple[str, str | None]:
    """Of a URL, which may be none: the engine says what is wrong with it."""
    try:
        parsed = URL(url)
    except ValueError:
        return "", None
    return parsed.scheme, parsed.host


def load_netrc() -> netrc.netrc | None:
    """That of the variable NETRC, or of the home folder. None, and a warning,
    where it cannot be used; None alone where nobody asked for one."""
    named = os.environ.get("NETRC")
    try:
        path = Path.home() / ".netrc" if named is None else Path(named)
    except RuntimeError as error:
        log.debug("Could not resolve home directory for .netrc: %s", error)
        return None
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError as error:
        with contextlib.suppress(OSError):
            if named or path.is_file():
                _warn_once(f"Could not read .netrc file: {error}")
    return None


@lru_cache(maxsize=8)
def _warn_once(text: str) -> None:
    log.warning("%s", text)


@lru_cache(maxsize=8)
def _parsed(path: Path, mtime_ns: int) -> netrc.netrc | None:
    """A file that stays as it is is read, and complained of, once: each worker
    has a session."""
    try:
        return netrc.netrc(str(path))
    except netrc.NetrcParseError as error:
        log.warning("Could not parse .netrc file: %s", error)
    return None

"""Cookie jars with aiohttp's interface. The engine keeps the cookies and sends
them by itself."""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import formatdate
from http.cookies import BaseCookie, Morsel, SimpleCookie
from pathlib import Path
from time import time
from types import MappingProxyType
from typing import Any, NamedTuple

from yarl import URL

from molotov import _engine

_NO_URL = URL()


class _Stored(NamedTuple):
    """A cookie as the engine has it."""

    name: str
    value: str  # as it is sent
    domain: str  # "": every host
    path: str
    expires: float | None  # in seconds since 1970
    host_only: bool
    secure: bool
    http_only: bool

    def morsel(self) -> "Morsel[str]":
        morsel: Morsel[str] = Morsel()
        plain = SimpleCookie().value_decode(self.value)[0]
        # set() would refuse names that servers use all the same.
        morsel.__setstate__(  # type: ignore[attr-defined]
            {"key": self.name, "value": plain, "coded_value": self.value}
        )
        morsel["domain"] = self.domain
        morsel["path"] = self.path
        if self.expires is not None:
            morsel["expires"] = formatdate(self.expires, usegmt=True)
        if self.secure:
            morsel["secure"] = True
        if self.http_only:
            morsel["httponly"] = True
        return morsel


class CookieJar(_engine.CookieJar):
    """A jar of a session's cookies (RFC 6265), or of several sessions'."""

    def __init__(
        self,
        *,
        unsafe: bool = False,
        quote_cookie: bool = True,
        treat_as_secure_origin: Any = None,
        loop: Any = None,
    ) -> None:
        """
        :param unsafe: whether hosts that are IP addresses may set cookies.
        :param quote_cookie: whether values that are more than a word are
            quoted.
        :param treat_as_secure_origin: a URL, or several, whose ``http`` gets
            ``Secure`` cookies too.
        :param loop: ignored.
        """
        self._unsafe = unsafe
        self._quote_cookie = quote_cookie
        self._secure_origins = _origins(treat_as_secure_origin)
        super().__init__(
            unsafe=unsafe,
            quote_cookie=quote_cookie,
            secure_origins=tuple(str(url) for url in self._secure_origins),
        )

    @property
    def unsafe(self) -> bool:
        """Whether hosts that are IP addresses may set cookies."""
        return self._unsafe

    @property
    def quote_cookie(self) -> bool:
        """Whether values that are more than a word are quoted."""
        return self._quote_cookie

    @property
    def treat_as_secure_origin(self) -> frozenset[URL]:
        """Whose ``http`` gets ``Secure`` cookies too."""
        return self._secure_origins

    @property
    def cookies(self) -> Mapping[tuple[str, str], SimpleCookie]:
        """What it holds now, by domain and path."""
        found: dict[tuple[str, str], SimpleCookie] = {}
        for stored in self._stored():
            path = stored.path.rstrip("/") if stored.domain else ""
            cookies = found.setdefault((stored.domain, path), SimpleCookie())
            dict.__setitem__(cookies, stored.name, stored.morsel())
        return MappingProxyType(found)

    @property
    def host_only_cookies(self) -> frozenset[tuple[str, str, str]]:
        """Domain, path and name of those that go to their host alone."""
        return frozenset(
            (c.domain, c.path.rstrip("/"), c.name)
            for c in self._stored()
            if c.host_only
        )

    def __iter__(self) -> Iterator["Morsel[str]"]:
        return iter([stored.morsel() for stored in self._stored()])

    def __len__(self) -> int:
        return len(self._all())

    def update_cookies(self, cookies: Any, response_url: URL = _NO_URL) -> None:
        """Takes up cookies.

        :param cookies: names and values, or morsels: a dict, pairs, a
            ``SimpleCookie``.
        :param response_url: where they are from; without one those that have
            no domain are for every host.
        """
        host = response_url.raw_host or ""
        if not self._unsafe and _is_address(host):
            return
        items = cookies.items() if isinstance(cookies, Mapping) else cookies
        for name, cookie in items:
            self._take_up(str(name), cookie, host, response_url)

    def update_cookies_from_headers(
        self, headers: Iterable[str], response_url: URL
    ) -> None:
        """Takes up ``Set-Cookie`` fields.

        :param headers: their values.
        :param response_url: where they are from.
        """
        for text in headers:
            self._store(text, str(response_url))

    def filter_cookies(self, request_url: Any = _NO_URL) -> "BaseCookie[str]":
        """Those that a request would be sent with.

        :param request_url: where it goes to.
        """
        url = URL(request_url)
        if url.raw_host:
            found = [_Stored(*entry) for entry in self._matching(str(url))]
            # The most specific last, as with aiohttp.
            found.reverse()
        else:
            found = [c for c in self._stored() if not c.domain]
        filtered: BaseCookie[str] = BaseCookie()
        for stored in found:
            morsel: Morsel[str] = Morsel()
            plain = SimpleCookie().value_decode(stored.value)[0]
            morsel.__setstate__(  # type: ignore[attr-defined]
                {
                    "key": stored.name,
                    "value": plain,
                    "coded_value": stored.value,
                }
            )
            dict.__setitem__(filtered, stored.name, morsel)
        return filtered

    def clear(
        self, predicate: Callable[["Morsel[str]"], bool] | None = None
    ) -> None:
        """Removes cookies.

        :param predicate: says of each whether it goes; None: all do.
        """
        if predicate is None:
            self._clear()
            return
        for stored in self._stored():
            if predicate(stored.morsel()):
                self._remove(stored.name, stored.domain, stored.path)

    def clear_domain(self, domain: str) -> None:
        """Removes those of a domain and of what is under it."""
        self.clear(lambda morsel: _domain_matches(domain, morsel["domain"]))

    def save(self, file_path: Any) -> None:
        """Writes them to a file, as JSON in the form of aiohttp's, which only
        its owner may read."""
        data: dict[str, dict[str, Any]] = {}
        for stored in self._stored():
            path = stored.path.rstrip("/") if stored.domain else ""
            of_place = data.setdefault(f"{stored.domain}|{path}", {})
            of_place[stored.name] = _as_json(stored)
        with open(
            file_path, "w", encoding="utf-8", opener=_open_for_owner
        ) as file:
            json.dump(data, file, indent=2)

    def load(self, file_path: Any) -> None:
        """Replaces what it holds by what save() wrote, or aiohttp's.

        :raises ValueError: for a file that is not of that form; the jar is
            as it was then.
        """
        data = json.loads(Path(file_path).read_text(encoding="utf-8"))
        try:
            found = [
                _from_json(place.partition("|")[0], entry)
                for place, cookies in data.items()
                for entry in cookies.values()
            ]
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not a file of cookies: {error!r}") from error
        self._clear()
        for stored in found:
            self._put(*stored)

    def _stored(self) -> list[_Stored]:
        return [_Stored(*entry) for entry in self._all()]

    def _take_up(self, name: str, cookie: Any, host: str, url: URL) -> None:
        morsel = cookie if isinstance(cookie, Morsel) else _made(name, cookie)
        domain = morsel["domain"]
        host_only = False
        if domain.endswith("."):
            domain = ""
        domain = domain.removeprefix(".").lower()
        if not domain and host:
            domain, host_only = host, True
        elif domain and host and not _domain_matches(domain, host):
            return
        path = morsel["path"]
        if not path.startswith("/"):
            path = url.path[: url.path.rfind("/")] or "/"
        self._put(
            name,
            self._sent(morsel),
            domain,
            path,
            _expiry(morsel),
            host_only,
            bool(morsel["secure"]),
            bool(morsel["httponly"]),
        )

    def _sent(self, morsel: "Morsel[str]") -> str:
        if not self._quote_cookie:
            return str(morsel.value)
        if morsel.coded_value.startswith('"'):
            return morsel.coded_value
        return str(SimpleCookie().value_encode(morsel.value)[1])


class DummyCookieJar:
    """A jar that stays empty: for a session without cookies."""

    def __init__(self, *, loop: Any = None) -> None:
        """
        :param loop: ignored.
        """

    unsafe = False
    quote_cookie = True
    treat_as_secure_origin: frozenset[URL] = frozenset()
    cookies: Mapping[tuple[str, str], SimpleCookie] = MappingProxyType({})
    host_only_cookies: frozenset[tuple[str, str, str]] = frozenset()

    def __iter__(self) -> Iterator["Morsel[str]"]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def update_cookies(self, cookies: Any, response_url: URL = _NO_URL) -> None:
        """Takes up none."""

    def update_cookies_from_headers(
        self, headers: Iterable[str], response_url: URL
    ) -> None:
        """Takes up none."""

    def filter_cookies(self, request_url: Any = _NO_URL) -> "BaseCookie[str]":
        """None."""
        return SimpleCookie()

    def clear(
        self, predicate: Callable[["Morsel[str]"], bool] | None = None
    ) -> None:
        """Does nothing."""

    def clear_domain(self, domain: str) -> None:
        """Does nothing."""


def _origins(given: Any) -> frozenset[URL]:
    if given is None:
        return frozenset()
    urls = [given] if isinstance(given, str | URL) else given
    return frozenset(URL(url).origin() for url in urls)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _domain_matches(domain: str, host: str) -> bool:
    if host == domain:
        return True
    return host.endswith(f".{domain}") and not _is_address(host)


def _made(name: str, value: Any) -> "Morsel[str]":
    cookies = SimpleCookie()
    cookies[name] = value
    return cookies[name]


def _expiry(morsel: "Morsel[str]") -> float | None:
    """In seconds since 1970; None: never."""
    if morsel["max-age"]:
        with contextlib.suppress(ValueError):
            return time() + int(morsel["max-age"])
    if morsel["expires"]:
        from email.utils import parsedate_to_datetime

        with contextlib.suppress(ValueError, TypeError):
            return parsedate_to_datetime(morsel["expires"]).timestamp()
    return None


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _as_json(stored: _Stored) -> dict[str, Any]:
    morsel = stored.morsel()
    entry: dict[str, Any] = {
        "key": morsel.key,
        "value": morsel.value,
        "coded_value": morsel.coded_value,
        "path": stored.path,
    }
    for name in ("domain", "secure", "httponly"):
        if morsel[name]:
            entry[name] = morsel[name]
    if stored.host_only:
        entry["host_only"] = True
    if stored.expires is not None:
        entry["expires_timestamp"] = stored.expires
    return entry


def _from_json(domain: str, entry: Mapping[str, Any]) -> _Stored:
    return _Stored(
        entry["key"],
        entry["coded_value"],
        domain,
        entry.get("path") or "/",
        entry.get("expires_timestamp"),
        bool(entry.get("host_only")),
        bool(entry.get("secure")),
        bool(entry.get("httponly")),
    )

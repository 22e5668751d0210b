"""The way of a request where it is not simply to its URL's host: through a
proxy, or to a Unix socket."""

import os
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.client.credentials import AUTHORIZED_TWICE, authorization, basic
from molotov.client.fields import (
    Fields,
    header_items,
    merge,
    render,
    with_automatic,
)
from molotov.exceptions import exception_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from yarl import URL

    from molotov.client.environment import Environment

# What of a session's fields is not the proxy's to know.
PRIVATE = frozenset(("authorization", "cookie", "host"))


class Proxy(NamedTuple):
    """A proxy as the engine takes it (route.cc reads it)."""

    host: str
    port: int
    is_tls: bool
    connect_fields: bytes  # of a CONNECT, but for its Host
    forward_fields: bytes  # of each request that it passes on


Route = Proxy | bytes | None
"""A proxy, the path of a Unix socket, or neither."""


_NO_OPTIONS = SimpleNamespace(proxy=None, proxy_auth=None, proxy_headers=None)


class Routes:
    """The ways of a session's requests."""

    def __init__(
        self,
        fields: Fields,
        *,
        has_auth: bool = False,
        proxy: Any = None,
        proxy_auth: Any = None,
        unix_path: Any = None,
        environment: "Environment | None" = None,
    ) -> None:
        """
        :param fields: those of the session, but for what its ``auth`` makes.
        :param has_auth: that it has a user, who goes before ``.netrc``.
        :param proxy: of requests that name none.
        :param proxy_auth: likewise.
        :param unix_path: of the socket that they go to, or None.
        :param environment: asked where there is no proxy otherwise.
        """
        self._has_auth = has_auth
        self._authorized = any(f[0].lower() == "authorization" for f in fields)
        self._has_proxy_user = any(
            f[0].lower() == "proxy-authorization" for f in fields
        )
        self._fields = [f for f in fields if f[0].lower() not in PRIVATE]
        self._proxy = proxy
        self._proxy_auth = proxy_auth
        self._unix_path = None if unix_path is None else os.fsencode(unix_path)
        self._environment = environment

    def for_engine(self) -> tuple[Route, bool]:
        """The way of requests without options, and whether it is to be asked
        for each of them instead: it depends on the URL, or raises."""
        if self._environment is not None or self._has_proxy_user:
            return None, True
        try:
            return self.way_of("", _NO_OPTIONS), False
        except Exception:  # of a proxy's URL; the request raises it
            return None, True

    def way_of(self, url: str, options: Any) -> Route:
        """Of a request.

        :param options: with ``proxy``, ``proxy_auth`` and ``proxy_headers``.
        :raises InvalidURL: for a proxy that is none.
        :raises TypeError: for a proxy that is no URL, and the like.
        :raises ValueError: for a proxy's user that has no parts.
        """
        if self._unix_path is not None:
            return self._unix_path
        proxy = self._proxy if options.proxy is None else options.proxy
        if proxy is None:
            return self._way_by_environment(url)
        auth = options.proxy_auth
        return proxy_of(
            proxy,
            self._proxy_auth if auth is None else auth,
            merge(
                self._fields,
                header_items(options.proxy_headers, "proxy_headers"),
            ),
        )

    def router_of(self, options: Any) -> "Callable[[str], Any] | None":
        """What tells the way of a redirected hop, and its Authorization, where
        both depend on its URL."""
        if self._environment is None:
            return None
        return lambda url: (self.way_of(url, options), self._line_for(url))

    def authorization_for(self, url: str) -> str | None:
        """What the environment has for the host of the URL.

        :raises ValueError: where the session has an Authorization field too.
        """
        given = self._user_of(url)
        if given is not None and self._authorized:
            raise ValueError(AUTHORIZED_TWICE)
        return given

    def _user_of(self, url: str) -> str | None:
        if self._environment is None or self._has_auth:
            return None
        return self._environment.authorization_for(url)

    def _way_by_environment(self, url: str) -> Route:
        found = self._environment and self._environment.proxy_for(url)
        return proxy_of(*found, []) if found else None

    def _line_for(self, url: str) -> bytes:
        given = self._user_of(url)
        return render([("Authorization", given)]) if given else b""


def proxy_of(proxy: Any, auth: Any, fields: Fields) -> Proxy | None:
    """What the engine is told of a proxy.

    :param proxy: its URL, a ``str`` or a ``yarl.URL``; with an empty one there
        is no proxy, as with aiohttp.
    :param auth: an object with ``login`` and ``password``, or None.
    :param fields: those of a CONNECT, over the client's own.
    :raises InvalidURL: for a URL that cannot be used.
    :raises TypeError: for what is no URL.
    :raises ValueError: for an ``auth`` without its parts.
    """
    from yarl import URL

    try:
        url = URL(proxy)
    except ValueError as error:
        raise exception_class("InvalidURL")(proxy) from error
    if not url:
        return None
    if not url.raw_host or url.port is None:
        raise exception_class("InvalidURL")(url)
    return _made(url, authorization_of(url, auth), tuple(fields))


def authorization_of(url: "URL", auth: Any) -> str | None:
    """The user that a proxy is told, as a field's value.

    :raises ValueError: for an ``auth`` without its parts.
    """
    if auth is not None:
        if not hasattr(auth, "login") or not hasattr(auth, "password"):
            raise ValueError("proxy_auth must be None or BasicAuth() tuple")
        return authorization(auth)
    if url.raw_user is None and url.raw_password is None:
        return None
    return basic(url.user or "", url.password or "", "latin1")


@lru_cache(maxsize=1024)
def _made(
    url: "URL", user: str | None, fields: tuple[tuple[str, str], ...]
) -> Proxy:
    """What was asked for before is the same object again: the engine finds it
    by its hash."""
    own: Fields = []
    for name, value in fields:
        match name.lower():
            case "host":
                pass  # of a CONNECT, it is the request's
            case "authorization":
                user = user or value
            case _:
                own.append((name, value))
    forward: Fields = []
    if user is not None:
        forward = [("Proxy-Authorization", user)]
        own = [f for f in own if f[0].lower() != "proxy-authorization"]
    assert url.raw_host is not None
    assert url.port is not None
    return Proxy(
        host=url.raw_host,
        port=url.port,
        is_tls=url.scheme in ("https", "wss"),
        connect_fields=render(with_automatic(own) + forward),
        forward_fields=render(forward),
    )

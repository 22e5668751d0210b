"""The keywords of a session."""

import json as json_module
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.client.arguments import several, wrong
from molotov.client.cookies import render_cookies
from molotov.client.credentials import authorization
from molotov.client.fields import (
    FRAMING,
    Fields,
    connection_field,
    header_items,
    names_of,
    render,
    skipped_names,
    split,
    with_automatic,
)
from molotov.client.http_version import HttpVersion11
from molotov.client.reading import USUAL_READING, Reading, reading_of
from molotov.client.security import default_ssl, security_for
from molotov.client.timeout import (
    DEFAULT_PARTS,
    older_timeout,
    session_timeout_parts,
    timeout_object,
)
from molotov.client.urls import checked_base

if TYPE_CHECKING:
    from molotov.client.routes import Routes


class SessionDefaults(NamedTuple):
    """What a session's requests are prepared with."""

    fields: Fields
    json_serialize: Callable[[Any], str]
    json_serialize_bytes: Callable[[Any], bytes] | None
    raise_for_status: Any
    auth: Any
    skip_auto_headers: frozenset[str]
    base_url: Any  # a yarl.URL or None
    cookie_jar: Any
    cookies: Any  # for that jar
    reading: Reading
    timeout: Any
    version: Any
    connector: Any
    connector_owner: bool
    force_close: bool  # by the connector
    requote_redirect_url: bool
    resolve_charset: Callable[[Any, bytes], str]
    routes: "Routes | None"  # None: straight to each URL's host
    routed: bool  # each request's way is to be asked for
    trust_env: bool
    ssl: Any  # of requests that do not say it
    trace_configs: list[Any]
    middlewares: tuple[Any, ...]


def always_utf8(_response: Any, _body: bytes) -> str:
    """The charset of a body whose answer does not say it."""
    return "utf-8"


def session_options(
    *,
    headers: Any = None,
    cookies: Any = None,
    auth: Any = None,
    timeout: Any = DEFAULT_PARTS,
    raise_for_status: Any = False,
    json_serialize: Callable[[Any], str] = json_module.dumps,
    json_serialize_bytes: Callable[[Any], bytes] | None = None,
    auto_decompress: bool = True,
    base_url: Any = None,
    cookie_jar: Any = None,
    skip_auto_headers: Iterable[str] | None = None,
    version: Any = HttpVersion11,
    connector_owner: bool = True,
    requote_redirect_url: bool = True,
    read_bufsize: int | None = None,
    max_line_size: int | None = None,
    max_field_size: int | None = None,
    max_headers: int | None = None,
    fallback_charset_resolver: Callable[[Any, bytes], str] = always_utf8,
    proxy: Any = None,
    proxy_auth: Any = None,
    trust_env: bool = False,
    connector: Any = None,
    ssl: Any = True,
    trace_configs: Iterable[Any] | None = None,
    middlewares: Iterable[Any] = (),
    read_timeout: Any = DEFAULT_PARTS,
    conn_timeout: Any = None,
) -> tuple[dict[str, Any], SessionDefaults]:
    """What a session is made with: for its native half, and for Python's."""
    if read_timeout is not DEFAULT_PARTS or conn_timeout is not None:
        timeout = older_timeout(timeout, read_timeout, conn_timeout)
    fields = header_items(headers)
    skipped = skipped_names(skip_auto_headers)
    if cookie_jar is not None and not hasattr(cookie_jar, "filter_cookies"):
        raise wrong("cookie_jar", "a CookieJar", cookie_jar)
    force_close = bool(getattr(connector, "force_close", False))
    reading = reading_of(
        USUAL_READING,
        auto_decompress=auto_decompress,
        read_bufsize=read_bufsize,
        max_line_size=max_line_size,
        max_field_size=max_field_size,
        max_headers=max_headers,
        version=version,
    )
    routes = None
    path = getattr(connector, "path", None)
    if trust_env or not (proxy is proxy_auth is path is None):
        routes = make_routes(fields, auth, proxy, proxy_auth, trust_env, path)
    route, routed = (None, False) if routes is None else routes.for_engine()
    ssl = default_ssl(ssl, connector)
    has_jar = cookie_jar is not None
    native = {
        "fields": session_fields(fields, auth, skipped, force_close),
        "timeout": (
            timeout
            if timeout is DEFAULT_PARTS
            else session_timeout_parts(timeout)
        ),
        "cookies": dict(render_cookies(None if has_jar else cookies)),
        "raise_for_status": (
            bool(raise_for_status) and not callable(raise_for_status)
        ),
        "reading": reading,
        "requotes": bool(requote_redirect_url),
        "route": route,
        "security": security_for(ssl),
    }
    ours = SessionDefaults(
        fields=fields,
        json_serialize=json_serialize,
        json_serialize_bytes=json_serialize_bytes,
        raise_for_status=raise_for_status,
        auth=auth,
        skip_auto_headers=skipped,
        base_url=None if base_url is None else checked_base(base_url),
        cookie_jar=cookie_jar,
        cookies=cookies,
        reading=reading,
        timeout=timeout_object(timeout),
        version=version,
        connector=connector,
        connector_owner=connector_owner,
        force_close=force_close,
        requote_redirect_url=requote_redirect_url,
        resolve_charset=fallback_charset_resolver,
        routes=routes,
        routed=routed,
        trust_env=trust_env,
        ssl=ssl,
        trace_configs=several("trace_configs", trace_configs),
        middlewares=tuple(several("middlewares", middlewares)),
    )
    return native, ours


def make_routes(
    fields: Fields,
    auth: Any,
    proxy: Any,
    proxy_auth: Any,
    trust_env: bool,
    unix_path: Any,
) -> "Routes":
    """The ways of a session's requests, where it says something of them."""
    from molotov.client.routes import Routes

    environment = None
    if trust_env:
        from molotov.client.environment import Environment

        environment = Environment()
    return Routes(
        fields,
        has_auth=auth is not None,
        proxy=proxy,
        proxy_auth=proxy_auth,
        unix_path=unix_path,
        environment=environment,
    )


def session_fields(
    fields: Fields, auth: Any, skipped: Iterable[str], force_close: bool
) -> tuple[bytes, bytes, bytes, bytes]:
    """A session's fields as the engine takes them: the host, the lines, the
    cookies, and the lines behind those.

    :param skipped: those of the client's own that are left out.
    :param force_close: that a connection serves one request.
    """
    last = connection_field(fields, 1, force_close)
    if auth is not None:
        last.append(("Authorization", authorization(auth)))
    host, kept, cookies = split(fields)
    lines = render(with_automatic(kept, skipped))
    return host.encode(), lines, "; ".join(cookies).encode(), render(last)


def authorizes_twice(defaults: SessionDefaults) -> bool:
    """Whether each of its requests has to be refused for that."""
    return defaults.auth is not None and any(
        name.lower() == "authorization" for name, _ in defaults.fields
    )


def sends_plain_json(defaults: SessionDefaults) -> bool:
    """Whether `json=` alone means to such a session what it means to any."""
    given = names_of(defaults.fields, defaults.skip_auto_headers)
    return (
        defaults.json_serialize is json_module.dumps
        and defaults.json_serialize_bytes is None
        and given.isdisjoint(("content-type", *FRAMING))
    )


# In the words of who is wrong about them: an unknown keyword's message begins
# with the function's name.
session_options.__qualname__ = "ClientSession.__init__"

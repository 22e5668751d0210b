"""What the engine is to send, worked out of a request's keywords and of its
session's."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.client.arguments import count
from molotov.client.cookies import render_cookies
from molotov.client.credentials import AUTHORIZED_TWICE, credentials
from molotov.client.fields import (
    FRAMING,
    Fields,
    connection_field,
    expectation,
    header_items,
    merge,
    render,
    skipped_names,
    split,
    with_automatic,
)
from molotov.client.methods import check_method
from molotov.client.reading import Reading
from molotov.client.request_body import prepare_body
from molotov.client.request_options import UNSET, Options
from molotov.client.security import security_for
from molotov.client.timeout import Timeout, timeout_parts
from molotov.client.urls import authority, with_params

if TYPE_CHECKING:
    from molotov.client.routes import Route
    from molotov.client.tls import Security
    from molotov.client.upload import Upload
    from molotov.session import ClientSession


class Prepared(NamedTuple):
    """A request as the engine takes it (prepared_request.cc reads it)."""

    method: str
    url: str
    requotes: bool  # that URL's encoding is brought into one form
    host: bytes  # in the Host field, in place of the URL's
    fields: bytes
    cookies: bytes
    last_fields: bytes  # behind the cookies
    fields_frame_body: bool  # they have Content-Length or Transfer-Encoding
    # (descriptor, offset, bytes, what keeps it open) of a file.
    body: "bytes | tuple[int, int, int, object] | Upload | None"
    told_body: Any  # to listeners: bytes, or a payload
    content_fields: bytes
    timeout: Timeout | None
    allow_redirects: bool
    max_redirects: int
    security: "Security | None"  # None: as any other
    raise_for_status: bool
    expect_continue: bool
    reading: Reading | None
    check: Any  # raise_for_status= that is a function, or None
    route: "Route"
    router: Callable[[str], Any] | None  # of redirected hops; see Routes
    ssl: Any  # that the security was made of
    name: str  # of its endpoint; empty: made of its URL


def prepare(
    session: "ClientSession",
    method: str,
    url: Any,
    plain: Options,
    own_fields: bool = False,
) -> Prepared:
    """What the engine is to send.

    :param own_fields: its headers are all that it has, the session's among
        them.
    """
    defaults = session._defaults
    method = method.upper()
    check_method(method)
    whole = session._whole_url(url)
    text = str(whole)
    own = header_items(plain.headers)
    fields = own if own_fields else merge(defaults.fields, own)
    last: Fields = []
    default_auth = None if own_fields else session.auth_for(text)
    given = credentials(text, plain.auth, default_auth)
    routes = defaults.routes
    if routes is not None and given is None:
        given = routes.authorization_for(text)
    if given is not None:
        if any(name.lower() == "authorization" for name, _ in fields):
            raise ValueError(AUTHORIZED_TWICE)
        last.append(("Authorization", given))
    host, fields, cookies = split(fields)
    own_skipped = skipped_names(plain.skip_auto_headers)
    skipped = {*defaults.skip_auto_headers, *own_skipped}
    has_body = plain.data is not None or plain.json is not None
    expects, fields = expectation(plain.expect100, has_body, fields)
    body = prepare_body(session, method, plain, fields, skipped)
    reading = plain.reading(defaults.reading)
    if not host and reading is not None and reading.minor_version != 1:
        host = authority(text)
    minor_version = defaults.reading.minor_version
    last = connection_field(fields, minor_version, defaults.force_close) + last
    check = plain.raise_for_status
    if check is None:
        check = defaults.raise_for_status
    own_cookies = dict(render_cookies(plain.cookies))
    cookies += [f"{n}={v}" for n, v in own_cookies.items()]
    if routes is None and plain.proxy is not None:
        from molotov.client.routes import Routes

        routes = Routes(defaults.fields)
    route = None if routes is None else routes.way_of(text, plain)
    if isinstance(route, tuple) and route.forward_fields:
        fields = [f for f in fields if f[0].lower() != "proxy-authorization"]
    asked = with_params(whole, plain.params)
    return Prepared(
        method=method,
        url=str(asked),
        # A URL is as yarl has it, or as whoever made it wants it.
        requotes=isinstance(asked, str),
        host=host.encode(),
        fields=render(with_automatic(fields, skipped)),
        cookies="; ".join(cookies).encode(),
        last_fields=render(last),
        fields_frame_body=any(f[0].lower() in FRAMING for f in fields),
        body=body.content,
        told_body=body.told,
        content_fields=render(body.fields),
        timeout=(
            None if plain.timeout is UNSET else timeout_parts(plain.timeout)
        ),
        allow_redirects=bool(plain.allow_redirects),
        max_redirects=count("max_redirects", plain.max_redirects),
        security=security_for(plain.ssl, plain.server_hostname, defaults.ssl),
        raise_for_status=bool(check) and not callable(check),
        expect_continue=expects,
        reading=reading,
        check=check if callable(check) else None,
        route=route,
        router=None if routes is None else routes.router_of(plain),
        ssl=plain.ssl,
        name=endpoint_name(plain.name),
    )


def endpoint_name(name: Any) -> str:
    """That of the keyword ``name``; empty for None.

    :raises TypeError: for what is no str.
    :raises ValueError: for an empty one.
    """
    if name is None:
        return ""
    if not isinstance(name, str):
        raise TypeError(f"name needs to be a str, not {name!r}")
    if not name:
        raise ValueError("name needs to be a name, not ''")
    return name

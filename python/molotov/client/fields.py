"""Header fields (RFC 9110, section 5) as names and values: checked, merged and
rendered."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from molotov.client.arguments import pairs, several
from molotov.client.codings import accept_encoding

Fields = list[tuple[str, str]]

USER_AGENT = "Molotov/3.0"
AUTOMATIC = (
    ("Accept", "*/*"),
    ("Accept-Encoding", accept_encoding()),
    ("User-Agent", USER_AGENT),
)
# In fields: RFC 9110, section 5.5.
FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
FRAMING = ("content-length", "transfer-encoding")
TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


def header_items(headers: Any, argument: str = "headers") -> Fields:
    """The fields of whatever `headers=` was given.

    :param argument: what it was given as.
    """
    if headers is None:
        return []
    found = pairs(argument, headers)
    for name, value in found:
        check_header(name, value)
    return found


def check_header(name: Any, value: Any) -> None:
    """Refuses what cannot be sent, in aiohttp's words where it does so too."""
    if not isinstance(name, str):
        raise TypeError(
            "CIMultiDict keys should be either str or subclasses of str"
        )
    if not isinstance(value, str):
        raise TypeError(f"Cannot serialize non-str key {value!r}")
    if FORBIDDEN.search(value) or FORBIDDEN.search(name):
        raise ValueError(
            "Forbidden control character detected in headers. "
            "Potential header injection attack."
        )
    if not name or not TOKEN.issuperset(name):
        raise ValueError(f"Invalid header name: {name!r}")


def names_of(fields: Fields, others: Iterable[str]) -> set[str]:
    """The names of the fields, and others, in lower case."""
    names = {name.lower() for name, _ in fields}
    names.update(name.lower() for name in others)
    return names


def skipped_names(skip_auto_headers: Any) -> frozenset[str]:
    """The names of whatever `skip_auto_headers=` was given."""
    return frozenset(
        str(name) for name in several("skip_auto_headers", skip_auto_headers)
    )


def ends_a_line(value: str) -> bool:
    """Whether it would break the header that it is put into."""
    return any(c in value for c in "\r\n\0")


def merge(defaults: Fields, own: Fields) -> Fields:
    """A request's fields put over its session's."""
    if not own:
        return defaults
    own = last_spelled(own)
    replaced = {name.lower() for name, _ in own}
    # In the place of those that they replace, as aiohttp has them.
    own_by_name: dict[str, Fields] = {}
    for item in own:
        own_by_name.setdefault(item[0].lower(), []).append(item)
    merged: Fields = []
    for item in defaults:
        if item[0].lower() in replaced:
            merged += own_by_name.pop(item[0].lower(), [])
        else:
            merged.append(item)
    return merged + [item for item in own if item[0].lower() in own_by_name]


def last_spelled(fields: Fields) -> Fields:
    """Of a name in several spellings the last one's: `x` and `X` are no two
    fields, while several of one spelling are."""
    spellings = {name.lower(): name for name, _ in fields}
    return [item for item in fields if spellings[item[0].lower()] == item[0]]


class Split(NamedTuple):
    """A request's fields, and those that go elsewhere."""

    host: str
    fields: Fields
    cookies: list[str]  # of Cookie fields, as "name=value"


def split(fields: Fields) -> Split:
    """Takes out Host and Cookie, of which a request has one each."""
    host = ""
    kept: Fields = []
    cookies: list[str] = []
    for name, value in fields:
        match name.lower():
            case "host":
                host = value
            case "cookie":
                pairs = (pair.strip() for pair in value.split(";"))
                cookies += [pair for pair in pairs if pair]
            case _:
                kept.append((name, value))
    return Split(host, kept, cookies)


def with_automatic(fields: Fields, skipped: Iterable[str] = ()) -> Fields:
    """The fields, and those that every request has unless they are given."""
    given = names_of(fields, skipped)
    return fields + [f for f in AUTOMATIC if f[0].lower() not in given]


def connection_field(
    fields: Fields, minor_version: int, force_close: bool
) -> Fields:
    """What a request that says nothing of its connection says of it, where
    that is not what the version of HTTP means anyhow."""
    if any(name.lower() == "connection" for name, _ in fields):
        return []
    if force_close:
        return [("Connection", "close")] if minor_version == 1 else []
    return [("Connection", "keep-alive")] if minor_version == 0 else []


def expectation(
    asked: Any, has_body: bool, fields: Fields
) -> tuple[bool, Fields]:
    """Whether the server is asked before a body is sent, by `expect100=` or by
    a field; and the fields without that one, which the engine adds."""
    if not has_body:
        return bool(asked), fields
    kept = [f for f in fields if not asks_to_continue(*f)]
    return bool(asked) or len(kept) < len(fields), kept


def asks_to_continue(name: str, value: str) -> bool:
    """Whether it is the field by which a client waits for a 100 (RFC 9110,
    section 10.1.1)."""
    return name.lower() == "expect" and value.lower() == "100-continue"


def render(fields: Iterable[tuple[str, str]]) -> bytes:
    """As they are sent, a line each."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode(
        "utf-8", "surrogateescape"
    )

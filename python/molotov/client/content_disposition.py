"""What a Content-Disposition field says (RFC 6266, RFC 8187, RFC 2231), of an
answer or of a part: as aiohttp reads it."""

import re
import warnings
from collections.abc import Mapping
from itertools import count
from urllib.parse import unquote

from molotov.client.fields import TOKEN

ESCAPED = re.compile(r"\\([\x00-\x7f])")
# Of a parameter that is told piece by piece: filename*0, filename*1*.
PIECE = re.compile(r"[^*]*\*[0-9]+\*?")


class BadContentDispositionHeader(RuntimeWarning):
    """A Content-Disposition that cannot be read, or not all of it."""


class BadContentDispositionParam(RuntimeWarning):
    """A parameter of one that cannot be read, and is left out."""


def parse_content_disposition(
    header: str | None,
) -> tuple[str | None, dict[str, str]]:
    """Its type, in lower case, and its parameters by their names, likewise.
    Where it cannot be read there is a warning, and nothing.

    :param header: the field's value.
    """
    kind, *items = (header or "").split(";")
    kind = kind.strip()
    if not header:
        return None, {}
    if not is_token(kind):
        return unreadable(header)
    parameters: dict[str, str] = {}
    while items:
        item = items.pop(0)
        if not item:
            warnings.warn(BadContentDispositionHeader(header), stacklevel=2)
            continue
        name, equals, text = item.partition("=")
        name, text = name.strip().lower(), text.lstrip()
        if not equals or name in parameters:
            return unreadable(header)
        value: str | None = None
        if PIECE.fullmatch(name):
            value = piece_of(text)
        elif name.endswith("*"):
            value = extended(text)
        elif is_token(name):
            value = plain(text)
            if value is None and items:  # a semicolon in quotes
                value = plain(f"{text};{items.pop(0)}")
            if value is None:
                return unreadable(header)
        if value is None or not is_token(name):
            warnings.warn(BadContentDispositionParam(item), stacklevel=2)
            continue
        parameters[name] = value
    return kind.lower(), parameters


def content_disposition_filename(
    params: Mapping[str, str], name: str = "filename"
) -> str | None:
    """The file name, put together where it is told in pieces; None where there
    is none.

    :param params: as parse_content_disposition() gives them.
    :param name: of another parameter that is meant.
    """
    for whole in (name + "*", name):
        if whole in params:
            return params[whole]
    pieces: list[str] = []
    for number in count():
        key = f"{name}*{number}"
        piece = params.get(key, params.get(key + "*"))
        if piece is None:
            break
        pieces.append(piece)
    text = "".join(pieces)
    if "'" in text:
        return decoded(text)
    return text if pieces else None


def unreadable(header: str) -> tuple[None, dict[str, str]]:
    warnings.warn(BadContentDispositionHeader(header), stacklevel=3)
    return None, {}


def is_token(text: str) -> bool:
    return bool(text) and TOKEN.issuperset(text)


def is_quoted(text: str) -> bool:
    return len(text) >= 2 and text[0] == text[-1] == '"'


def unescaped(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


def plain(text: str) -> str | None:
    """A token's or a quoted text's; never a path that leads elsewhere."""
    stripped = text.rstrip()
    if is_quoted(stripped):
        return unescaped(stripped[1:-1].lstrip("\\/"))
    return text if is_token(text) else None


def piece_of(text: str) -> str | None:
    if is_quoted(text):
        return unescaped(text[1:-1])
    return text if is_token(text) else None


def extended(text: str) -> str | None:
    """What `UTF-8'en'%c3%a9` says."""
    if not is_token(text) or text.count("'") != 2:
        return None
    return decoded(text)


def decoded(text: str) -> str | None:
    charset, _, rest = text.partition("'")
    try:
        return unquote(rest.partition("'")[2], charset or "utf-8", "strict")
    except (LookupError, UnicodeDecodeError):
        return None

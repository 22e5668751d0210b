"""What a ``Content-Type`` says, as aiohttp reads it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

DEFAULT = "application/octet-stream"  # RFC 9110 section 8.3
# Nothing that is meant well is longer, and the parser is slow.
READ_CHARACTERS = 1024


@lru_cache(maxsize=64)
def parse_content_type(value: str) -> tuple[str, Mapping[str, str]]:
    """The type, and its parameters by their names in small letters.

    :param value: of the field, however odd.
    """
    from email.parser import HeaderParser
    from email.policy import HTTP

    text = f"Content-Type: {value[:READ_CHARACTERS]}"
    try:
        # Which takes on what is not ASCII, and parameters of RFC 2231.
        message = HeaderParser(policy=HTTP).parsestr(text)
        _, *parameters = message.get_params() or [("", "")]
    except (IndexError, RecursionError):  # faults of that parser's
        return DEFAULT, {}
    kind = str(message["Content-Type"]).partition(";")[0].strip().lower()
    return (
        kind if kind.count("/") == 1 else DEFAULT,
        MappingProxyType({name.lower(): said for name, said in parameters}),
    )


def said_charset(value: str) -> str | None:
    """The charset that a body is decoded by, which is looked for in a simpler
    way than the parameters are, as with aiohttp.

    :param value: of the field.
    """
    for parameter in value.lower().split(";")[1:]:
        name, _, said = parameter.partition("=")
        if name.strip() == "charset":
            return said.strip(' "')
    return None

"""What is kept out of dumps and of errors' texts: whoever reads a log is not to
learn who the requests were made for."""

import re
from typing import Any

MASK = "***"
# Of header fields and of query parameters.
SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|passw|pwd|credential|signature"
    r"|session|jwt|api.?key|access.?key|(^|[-_.])(auth|key|sig)$",
    re.IGNORECASE,
)
URL_FIELDS = frozenset(("location", "content-location", "referer"))
# With and without a scheme before it.
USER_INFO = re.compile(r"(?:(?<=//)|^)[^/?#@\s]+@")
PARAMETER = re.compile(r"(?<=[?&;])([^=&;#]+)=([^&;#]*)")


def mask_user(text: str) -> str:
    """The text without the users of the URLs in it."""
    return USER_INFO.sub(f"{MASK}@", text)


def mask_field(name: str, value: str) -> str:
    """A header's value, as far as it may be shown."""
    if SECRET_NAME.search(name):
        return MASK
    return mask_url(value) if name.lower() in URL_FIELDS else value


def mask_fields(headers: Any) -> Any:
    """The same header, as far as it may be shown."""
    if not headers:
        return headers
    from multidict import CIMultiDict, CIMultiDictProxy

    return CIMultiDictProxy(
        CIMultiDict((name, mask_field(name, v)) for name, v in headers.items())
    )


def mask_url(url: str) -> str:
    """The URL without its user, and without the values of secret parameters."""
    from urllib.parse import unquote_plus

    def masked(found: re.Match[str]) -> str:
        secret = SECRET_NAME.search(unquote_plus(found[1]))
        return f"{found[1]}={MASK}" if secret else found[0]

    return PARAMETER.sub(masked, mask_user(url))

"""The URLs of requests. yarl is imported where one has to be looked into."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yarl import URL


def checked_base(url: Any) -> Any:
    """`base_url=` as a URL.

    :raises ValueError: where it is not absolute, or does not end in a slash.
    """
    from yarl import URL

    base = URL(url)
    base.origin()  # raises where it is not absolute
    if not base.path.endswith("/"):
        raise ValueError("base_url must have a trailing '/'")
    return base


def with_params(url: "str | URL", params: Any) -> "str | URL":
    """The URL with `params=` added to its query."""
    if not params:
        return url
    from yarl import URL

    return URL(url).extend_query(params)


def authority(url: str) -> str:
    """What the Host field of a request says."""
    from yarl import URL

    return URL(url).host_port_subcomponent or ""

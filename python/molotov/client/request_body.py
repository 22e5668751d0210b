"""What the keywords of a request make its body."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from molotov.client.fields import Fields, names_of
from molotov.client.methods import BODILESS_METHODS, TYPED_METHODS

if TYPE_CHECKING:
    from molotov.client.request_options import Options
    from molotov.client.upload import Upload
    from molotov.session import ClientSession


class Body(NamedTuple):
    """A body, and the fields that go with it."""

    content: "bytes | tuple[int, int, int, object] | Upload | None"
    fields: Fields
    told: Any


def prepare_body(
    session: "ClientSession",
    method: str,
    options: "Options",
    fields: Fields,
    skipped: Iterable[str],
) -> Body:
    """What `data=`, `json=` and the like make the body.

    :raises TypeError: for data that can be none.
    :raises ValueError: for options that do not go together.
    """
    if options.data is not None and options.json is not None:
        raise ValueError(
            "data and json parameters can not be used at the same time"
        )
    given = names_of(fields, skipped)
    own: Fields = []
    content: Any = None
    told: Any = None
    if options.data is options.json is None and options.chunked:
        options.data = b""
    if options.json is not None:
        defaults = session._defaults
        if defaults.json_serialize_bytes is not None:
            content = defaults.json_serialize_bytes(options.json)
        else:
            content = defaults.json_serialize(options.json).encode()
        own = [("Content-Type", "application/json")]
    elif options.data is not None:
        from molotov.client.body import content_of

        content, own, told = content_of(session, options, fields)
    elif method not in BODILESS_METHODS:
        content = b""
        if method in TYPED_METHODS:
            own = [("Content-Type", "application/octet-stream")]
    return Body(
        content,
        [f for f in own if f[0].lower() not in given],
        content if told is None else told,
    )

"""What the engine asks about a request, of whatever is not a plain GET of a
URL."""

from typing import TYPE_CHECKING, Any

from molotov.client.prepared import Prepared, prepare
from molotov.client.request_options import Options

# That are sent without Python's help: a tuple is a part of a file.
PLAIN_BODIES = (bytes, tuple, type(None))

if TYPE_CHECKING:
    from molotov.client.stepped import Stepped
    from molotov.session import ClientSession


def prepare_request(
    session: "ClientSession", method: str, url: Any, options: dict[str, Any]
) -> "Prepared | Stepped | Exception":
    """Works out what the options of one request mean.

    :returns: where somebody traces it or stands between, what drives it; or
        what is wrong with it, for whoever awaits the request.
    :raises TypeError: for an option that aiohttp does not have, or that is
        not supported yet.
    """
    plain = Options(**options)
    try:
        plain.merge_ssl()
    except Exception as error:
        return error
    watched = plain.upload_tracker is not None
    if session._stepped or plain.middlewares or watched:
        from molotov.client.stepped import Stepped

        return Stepped(session, method, url, plain)
    try:
        prepared = prepare(session, method, url, plain)
    except Exception as error:
        return error
    if type(prepared.body) in PLAIN_BODIES or not plain.allow_redirects:
        return prepared
    from molotov.client.redirect import repeatable

    # What the engine sends from Python it can send only once.
    if not repeatable(prepared.told_body):
        return prepared
    from molotov.client.stepped import Stepped

    plain.data = prepared.told_body
    return Stepped(session, method, url, plain)

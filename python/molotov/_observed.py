"""What listeners ask of a request, made when they do: the attributes of
``_engine.ClientRequest``."""

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL


def url_of(text: str) -> URL:
    return URL(text, encoded=True)


def headers_of(head: bytes) -> CIMultiDictProxy[str]:
    """The fields of a request's head, in their order."""
    text = head.decode("utf-8", "surrogateescape")
    _, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    fields = (line.partition(":") for line in lines)
    return CIMultiDictProxy(
        CIMultiDict((name, value.strip()) for name, _, value in fields)
    )

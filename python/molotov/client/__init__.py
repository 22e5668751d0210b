"""The HTTP client's public names, of which each is imported when it is asked
for: a script that uses none of them pays for none."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molotov.client.authorization import BasicAuth as BasicAuth
    from molotov.client.authorization import (
        encode_basic_auth as encode_basic_auth,
    )
    from molotov.client.body_part import BodyPartReader as BodyPartReader
    from molotov.client.client_request import ClientRequest as ClientRequest
    from molotov.client.connector import BaseConnector as BaseConnector
    from molotov.client.connector import TCPConnector as TCPConnector
    from molotov.client.connector import UnixConnector as UnixConnector
    from molotov.client.content_disposition import (
        BadContentDispositionHeader as BadContentDispositionHeader,
    )
    from molotov.client.content_disposition import (
        BadContentDispositionParam as BadContentDispositionParam,
    )
    from molotov.client.content_disposition import (
        content_disposition_filename as content_disposition_filename,
    )
    from molotov.client.content_disposition import (
        parse_content_disposition as parse_content_disposition,
    )
    from molotov.client.cookie_jar import CookieJar as CookieJar
    from molotov.client.cookie_jar import DummyCookieJar as DummyCookieJar
    from molotov.client.digest import (
        DigestAuthMiddleware as DigestAuthMiddleware,
    )
    from molotov.client.form_data import FormData as FormData
    from molotov.client.http_version import HttpVersion as HttpVersion
    from molotov.client.multipart import MultipartWriter as MultipartWriter
    from molotov.client.multipart_reader import (
        MultipartReader as MultipartReader,
    )
    from molotov.client.resolver import AsyncResolver as AsyncResolver
    from molotov.client.resolver import ThreadedResolver as ThreadedResolver
    from molotov.client.timeout import ClientTimeout as ClientTimeout
    from molotov.client.tls import Fingerprint as Fingerprint
    from molotov.client.tracing import TraceConfig as TraceConfig
    from molotov.client.upload_tracker import UploadTracker as UploadTracker
    from molotov.client.websocket import (
        ClientWebSocketResponse as ClientWebSocketResponse,
    )
    from molotov.client.websocket import ClientWSTimeout as ClientWSTimeout

# Module: the names that are taken from there.
_NAMES = {
    "molotov.client.authorization": ["BasicAuth", "encode_basic_auth"],
    "molotov.client.body_part": ["BodyPartReader"],
    "molotov.client.client_request": ["ClientRequest"],
    "molotov.client.connector": [
        "BaseConnector",
        "NamedPipeConnector",
        "TCPConnector",
        "UnixConnector",
    ],
    "molotov.client.content_disposition": [
        "BadContentDispositionHeader",
        "BadContentDispositionParam",
        "content_disposition_filename",
        "parse_content_disposition",
    ],
    "molotov.client.cookie_jar": ["CookieJar", "DummyCookieJar"],
    "molotov.client.digest": ["DigestAuthMiddleware"],
    "molotov.client.form_data": ["FormData"],
    "molotov.client.http_version": [
        "HttpVersion",
        "HttpVersion10",
        "HttpVersion11",
    ],
    "molotov.client.multipart": ["MultipartWriter"],
    "molotov.client.multipart_reader": ["MultipartReader"],
    "molotov.client.resolver": [
        "AsyncResolver",
        "DefaultResolver",
        "ThreadedResolver",
    ],
    "molotov.client.streams": ["StreamReader"],
    "molotov.client.timeout": ["ClientTimeout"],
    "molotov.client.tls": ["Fingerprint"],
    "molotov.client.tracing": [
        "TraceConfig",
        "TraceConnectionCreateEndParams",
        "TraceConnectionCreateStartParams",
        "TraceConnectionQueuedEndParams",
        "TraceConnectionQueuedStartParams",
        "TraceConnectionReuseconnParams",
        "TraceDnsCacheHitParams",
        "TraceDnsCacheMissParams",
        "TraceDnsResolveHostEndParams",
        "TraceDnsResolveHostStartParams",
        "TraceRequestChunkSentParams",
        "TraceRequestEndParams",
        "TraceRequestExceptionParams",
        "TraceRequestHeadersSentParams",
        "TraceRequestRedirectParams",
        "TraceRequestStartParams",
        "TraceResponseChunkReceivedParams",
    ],
    "molotov.client.upload_tracker": ["UploadTracker"],
    "molotov.client.websocket": ["ClientWebSocketResponse", "ClientWSTimeout"],
    "molotov.client.websocket_messages": [
        "WSCloseCode",
        "WSMessage",
        "WSMsgType",
    ],
    "molotov.session": ["ClientSession"],
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})

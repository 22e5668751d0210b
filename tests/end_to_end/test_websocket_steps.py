"""What opens a WebSocket goes through middlewares, and trace configurations are
told of it, as of any request: beside aiohttp."""

import pytest
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
NOT_TOLD = ("user-agent", "accept-encoding", "sec-websocket-key")

def names(headers):
    return sorted(k.lower() for k in headers if k.lower() not in NOT_TOLD)

def config(seen):
    config = aiohttp.TraceConfig()
    def add(signal):
        async def told(session, context, params):
            seen.append((
                signal, str(params.url), names(params.headers),
                getattr(getattr(params, "response", None), "status", None),
                type(getattr(params, "exception", None)).__name__,
            ))
        getattr(config, "on_request_" + signal).append(told)
    for signal in ("start", "headers_sent", "end", "exception"):
        add(signal)
    return config

def standing_between(seen):
    async def between(request, handler):
        seen.append((
            request.method, str(request.url), names(request.headers)
        ))
        request.headers["X-Between"] = "b"
        response = await handler(request)
        seen.append((response.status, str(response.url), response.method))
        return response
    return between

async def opened(session, url, **options):
    seen = []
    new = make(
        session, trace_configs=[config(seen)],
        middlewares=[standing_between(seen)],
    )
    try:
        async with new.ws_connect(url, headers={"X-Own": "o"}, **options) as ws:
            await ws.send_str("hello")
            seen.append((await ws.receive_str(), ws.protocol))
    except aiohttp.ClientError as error:
        seen.append((type(error).__name__, str(error)))
    finally:
        await new.close()
    return seen
"""
)

# See beside_aiohttp.answers().
SAME = {
    "by http": """
        return await opened(session, URL + "/ws")
    """,
    "by ws": """
        return await opened(session, URL.replace("http", "ws") + "/ws")
    """,
    "with a subprotocol and an origin": """
        return await opened(
            session, URL + "/ws", protocols=("a", "b"), origin="http://o"
        )
    """,
    "none is opened": """
        return await opened(session, URL.replace("http", "ws") + "/status/403")
    """,
    "a request of ws": """
        async with session.get(URL.replace("http", "ws") + "/status/204") as r:
            return r.status, str(r.url), str(r.request_info.url)
    """,
    "redirects to ws": """
        location = URL.replace("http", "ws")
        try:
            async with session.ws_connect(location + "/redirect/1") as ws:
                return type(ws).__name__
        except aiohttp.ClientError as error:
            return type(error).__name__, str(error)
    """,
    "a keyword that is none": """
        try:
            session.ws_connect(URL, nonsense=1)
        except TypeError as error:
            return str(error)
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs
    assert not theirs.startswith("raised"), theirs

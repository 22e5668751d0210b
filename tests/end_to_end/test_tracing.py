"""Whom trace configurations tell of what, beside aiohttp."""

import pytest
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
SIGNALS = [
    "on_" + name for name in (
        "request_start request_chunk_sent response_chunk_received request_end "
        "request_exception request_redirect connection_queued_start "
        "connection_queued_end connection_create_start connection_create_end "
        "connection_reuseconn dns_resolvehost_start dns_resolvehost_end "
        "dns_cache_hit dns_cache_miss request_headers_sent"
    ).split()
]
NAMES = [
    "host", "method", "url", "chunk", "headers", "response", "exception"
]

def shown(name, value):
    if name == "headers":
        left_out = ("user-agent", "accept-encoding")
        return sorted(
            (k.lower(), v) for k, v in value.items()
            if k.lower() not in left_out
        )
    if name == "response":
        return value.status
    if name == "exception":
        return type(value).__name__
    return value

def config(seen, make):
    config = make()
    def add(signal):
        async def told(session, context, params):
            await asyncio.sleep(0)
            has = [n for n in NAMES if hasattr(params, n)]
            kind = type(params).__name__
            seen.append((signal, kind, context.trace_request_ctx) + tuple(
                (n, shown(n, getattr(params, n))) for n in has
            ))
        getattr(config, signal).append(told)
    for signal in SIGNALS:
        add(signal)
    return config

def local(url):
    # A name, and not an address.
    return url.replace("127.0.0.1", "localhost")

async def traced(session, *calls, read=True, kinds=2, **options):
    import molotov.client
    all_seen = []
    theirs = isinstance(session, aiohttp.ClientSession)
    for kind in (aiohttp.TraceConfig, molotov.client.TraceConfig)[:kinds]:
        seen = []
        all_seen.append(seen)
        made = config(seen, aiohttp.TraceConfig if theirs else kind)
        new = make(session, trace_configs=[made], **options)
        assert new.trace_configs == [made]
        for method, path, more in calls:
            url = path if "://" in path else URL + path
            try:
                async with new.request(method, url, **more) as r:
                    if read:
                        await r.read()
                        await r.text()
            except Exception as error:
                seen.append(type(error).__name__)
        await new.close()
    return all_seen

async def pieces():
    for i in range(3):
        await asyncio.sleep(0)
        yield b"piece%d " % i
"""
)

GET = '("GET", "/headers", {})'
SAME = {
    "a GET, twice": f"return await traced(session, {GET}, {GET})\n",
    "its context": """
        return await traced(
            session, ("GET", "/headers", {"trace_request_ctx": {"a": 1}})
        )
    """,
    "a body": """
        return await traced(
            session,
            ("POST", "/echo", {"data": b"bytes", "params": {"a": "b c"}}),
            ("PUT", "/echo", {"json": {"a": 1}}),
            ("POST", "/echo", {}),
        )
    """,
    "a body in pieces": """
        return await traced(session, ("POST", "/echo", {"data": pieces()}))
    """,
    "redirects": """
        return await traced(
            session, ("GET", "/redirect/2", {"headers": {"X-A": "b"}})
        )
    """,
    "too many redirects": """
        return await traced(
            session, ("GET", "/redirect/5", {"max_redirects": 2})
        )
    """,
    "an error status": """
        return await traced(
            session, ("GET", "/status/404", {"raise_for_status": True})
        )
    """,
    "nobody there": """
        return await traced(session, ("GET", "http://127.0.0.1:9/", {}))
    """,
    "no such name": """
        return await traced(session, ("GET", "http://no.invalid/", {}))
    """,
    "no URL": """
        return await traced(session, ("GET", "ftp://127.0.0.1/", {}))
    """,
    "a name, new and known": """
        call = ("GET", local(URL) + "/close", {})
        return await traced(session, call, call, kinds=1)
    """,
    "a user": """
        return await traced(
            session,
            ("GET", URL.replace("//", "//me:pw@") + "/headers", {}),
            ("GET", "/headers", {"auth": BasicAuth("me", "pw")}),
        )
    """,
    "nothing is read": f"return await traced(session, {GET}, read=False)\n",
    "headers set on the way": """
        async def start(session, context, params):
            params.headers["X-Set"] = "on the way"
        made = aiohttp.TraceConfig()
        made.on_request_start.append(start)
        new = make(session, trace_configs=[made])
        async with new.get(URL + "/headers") as r:
            seen = fields(await r.text(), "x-")
        await new.close()
        return seen
    """,
    "one that raises": """
        async def start(session, context, params):
            raise KeyError("told")
        made = aiohttp.TraceConfig()
        made.on_request_start.append(start)
        new = make(session, trace_configs=[made])
        try:
            await new.get(URL + "/headers")
        finally:
            await new.close()
    """,
    "answers": """
        new = make(session, trace_configs=[aiohttp.TraceConfig()])
        async with new.get(URL + "/redirect/2") as r:
            found = (
                r.status, str(r.url).replace(URL, ""),
                [h.status for h in r.history], len(await r.read()),
                parsed(await r.text()).keys(), r.method,
            )
        async with new.get(URL + "/json") as r:
            found += (await r.json(), await r.text(encoding="latin1"))
        await new.close()
        return found
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs

"""The HTTP client: redirects, and what goes along with them."""

from __future__ import annotations

from differential.asking import asks
from differential.case import Differs

CASES = [
    asks(
        "redirects",
        """
        for status in (301, 302, 303, 307, 308):
            path = f"{URL}/redirect/{status}/next"
            for method in ("get", "post", "put", "head"):
                body = {"data": b"x"} if method in ("post", "put") else {}
                async with session.request(method, path, **body) as response:
                    say(status, method, response.method, response.status,
                        response.url.path, [r.status for r in response.history])
        """,
        quick=True,
    ),
    asks(
        "redirects that are not followed",
        """
        url = URL + "/redirect/302/next"
        async with session.get(url, allow_redirects=False) as response:
            say(response.status, response.headers["Location"], response.history)
        async with session.head(url, allow_redirects=True) as response:
            say(response.status)
        """,
    ),
    asks(
        "too many redirects",
        """
        path = "/redirect/302" * 4 + "/end"
        async with session.get(URL + path, max_redirects=5) as response:
            say(len(response.history))
        try:
            async with session.get(URL + path, max_redirects=3) as response:
                say("never")
        except Exception as error:
            say(type(error).__name__, error.status)
        """,
    ),
    asks(
        "a redirect to another host",
        """
        headers = {"Authorization": "secret", "X-Mine": "1", "Cookie": "own=1"}
        async with session.get(URL + "/absolute/next", headers=headers) as r:
            say(r.status, r.url.host)
        """,
        Differs(
            "requests",
            "cookies given for a host stay with it, as credentials do",
            ours=("GET /next | …Host: localhost:PORT | … | X-Mine: 1",),
            original=("GET /next | …Cookie: own=1 | …X-Mine: 1",),
        ),
    ),
    asks(
        "authentication of the session",
        """
        async with session.get(URL) as response:
            say(response.status)
        async with session.get(URL + "/redirect/302/next") as response:
            say(response.status)
        async with session.get(URL + "/absolute/next") as response:
            say(response.status)
        """,
        Differs(
            "requests",
            "credentials given for a host stay with it",
            ours=("GET /next | …Host: localhost:PORT | …",),
            original=(
                "GET /next | …Authorization: Basic YTpi | Host: localhost…",
            ),
        ),
        setup="{'auth': __import__('aiohttp').BasicAuth('a', 'b')}",
    ),
]

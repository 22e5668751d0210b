"""The HTTP client: cookies."""

from __future__ import annotations

from differential.asking import asks
from differential.case import Differs

CASES = [
    asks(
        "cookies from the server",
        """
        local = URL.replace("127.0.0.1", "localhost")
        url = local + "/cookies?a=1&b=2%3B+Path%3D/x&c=3%3B+Max-Age%3D0"
        async with session.get(url) as response:
            say(sorted((k, m.value) for k, m in response.cookies.items()))
        for path in ("/", "/x", "/x/y", "/xy"):
            async with session.get(local + path) as response:
                say(path, response.status)
        """,
        Differs(
            "requests",
            "the cookie of the longer path is the first (RFC 6265, 5.4)",
            ours=(
                "GET /x | …Cookie: b=2; a=1 | …",
                "GET /x/y | …Cookie: b=2; a=1 | …",
            ),
            original=(
                "GET /x | …Cookie: a=1; b=2 | …",
                "GET /x/y | …Cookie: a=1; b=2 | …",
            ),
        ),
        quick=True,
    ),
    asks(
        "cookies of an address",
        """
        async with session.get(URL + "/cookies?a=1") as response:
            say(response.cookies["a"].value)
        async with session.get(URL) as response:
            say(response.status)
        """,
    ),
    asks(
        "cookies stay for the worker's next run",
        """
        local = URL.replace("127.0.0.1", "localhost")
        async with session.get(local + "/cookies?a=1&b=2") as response:
            say(response.status)
        """,
        arguments=("-r", "3"),
    ),
    asks(
        "cookies of a request",
        """
        for cookies in (
            {"one": "1"}, {"blank": "a b"}, {"semi": "a;b"}, {"comma": "a,b"},
            {"quote": 'a"b'}, {"umlaut": "ü"}, {"empty": ""},
            {"back": "a\\\\b"}, {"equals": "a=b"}, {"quoted": '"a b"'},
        ):
            async with session.get(URL, cookies=cookies) as response:
                say(response.status)
        """,
        quick=True,
    ),
    asks(
        "cookies of the session",
        """
        async with session.get(URL) as response:
            say(response.status)
        async with session.get(URL, cookies={"b": "2"}) as response:
            say(response.status)
        async with session.get(URL) as response:
            say(response.status)
        """,
        setup="{'cookies': {'a': '1'}}",
    ),
    asks(
        "cookies in a header",
        """
        headers = {"Cookie": "x=1; y=2"}
        async with session.get(URL, headers=headers) as response:
            say(response.status)
        """,
    ),
]

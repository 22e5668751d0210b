"""The HTTP client: what goes to the server."""

from __future__ import annotations

from differential.asking import asks
from differential.case import Differs

CASES = [
    asks(
        "each method",
        """
        for method in ("get", "post", "put", "delete", "patch", "options"):
            async with getattr(session, method)(URL + "/m") as response:
                say(method, response.status, await response.text())
        async with session.head(URL + "/m") as response:
            say("head", response.status, await response.text())
        async with session.request("get", URL + "/m") as response:
            say(response.method)
        """,
        quick=True,
    ),
    asks(
        "params",
        """
        for params in (
            {"a": "1", "b": "zwei drei"},
            [("a", "1"), ("a", "2")],
            {"n": 5, "f": 1.5},
            {"u": "ü/&=+?#%"},
            {"list": ["1", "2"]},
            "raw=1&x=a b",
            {},
        ):
            async with session.get(URL + "/p?x=0", params=params) as response:
                say(response.url.query_string)
        """,
        quick=True,
    ),
    asks(
        "targets",
        """
        for path in (
            "/", "/a b", "/a%20b", "/%7Euser", "/ü", "/a?b=c d",
            "/a//b", "/a/../b", "/a/./b", "/?", "/%zz", "/a+b?c+d=%2B",
            "/(x)!*'$,;:@",
        ):
            async with session.get(URL + path) as response:
                say(str(response.url).removeprefix(URL))
        """,
    ),
    asks(
        "a yarl URL",
        """
        from yarl import URL as Y
        async with session.get(Y(URL) / "a b" % {"c": "d"}) as response:
            say(response.url.path, response.url.raw_path)
        async with session.get(Y(URL + "/a%2Fb", encoded=True)) as response:
            say(response.url.raw_path)
        """,
    ),
    asks(
        "data of each kind",
        """
        import io
        for data in (
            "text ü", b"bytes", bytearray(b"array"), {"a": "1", "b": "zwei ü"},
            [("a", "1"), ("a", "2")], "", b"",
        ):
            async with session.post(URL + "/echo", data=data) as response:
                say(response.content_type, await response.read())
        """,
        quick=True,
    ),
    asks(
        "data with a type",
        """
        headers = {"Content-Type": "application/x-own"}
        async with session.post(URL, data="a", headers=headers) as response:
            say(response.status)
        async with session.put(URL, data={"a": 1}, headers=headers) as response:
            say(response.status)
        async with session.post(URL, json=1, headers=headers) as response:
            say(response.status)
        """,
    ),
    asks(
        "a form of numbers",
        """
        async with session.post(URL, data={"a": 1, "b": 2.5}) as response:
            say(response.status)
        """,
    ),
    asks(
        "json of each kind",
        """
        for value in ({"a": [1, None, True, "ü"]}, [], "text", 1.5, {}):
            async with session.post(URL + "/echo", json=value) as response:
                say(response.content_type, await response.text())
        """,
        quick=True,
    ),
    asks(
        "json with a serializer",
        """
        async with session.post(URL + "/echo", json={"a": 1}) as response:
            say(await response.text())
        """,
        setup="{'json_serialize': lambda value: 'J' + repr(value)}",
    ),
    asks(
        "json and data",
        """
        try:
            await session.post(URL, json={}, data="a")
        except ValueError:
            say("ValueError")
        """,
    ),
    asks(
        "headers",
        """
        from multidict import CIMultiDict
        for headers in (
            {"X-Mine": "1", "x-lower": "a"},
            [("X-Twice", "1"), ("X-Twice", "2")],
            CIMultiDict([("X-Multi", "a"), ("X-Multi", "b")]),
            {"Accept": "text/html", "Accept-Encoding": "identity"},
            {"User-Agent": "mine"},
            {"X-Empty": "", "X-Space": " a  b "},
            {"Connection": "close"},
        ):
            async with session.get(URL, headers=headers) as response:
                say(response.status)
        """,
        quick=True,
    ),
    asks(
        "headers of the session",
        """
        async with session.get(URL) as response:
            say(response.status)
        async with session.get(URL, headers={"x-one": "other"}) as response:
            say(response.status)
        """,
        setup="{'headers': {'X-One': '1', 'Accept': 'a/b'}}",
    ),
    asks(
        "headers that are refused",
        """
        for headers in ({"X": "a\\r\\nb"},):
            try:
                await session.get(URL, headers=headers)
                say("sent")
            except Exception as error:
                say(type(error).__name__)
        """,
    ),
    asks(
        "basic authentication",
        """
        import aiohttp
        auth = aiohttp.BasicAuth("user", "pass:ü", encoding="utf-8")
        async with session.get(URL, auth=auth) as response:
            say(response.status)
        """,
        setup="{}",
    ),
    asks(
        "options that are none",
        """
        try:
            await session.get(URL, nonsense=1)
        except TypeError:
            say("TypeError")
        """,
    ),
    asks(
        "requests at the same time",
        """
        async def get(number):
            async with session.get(f"{URL}/{number}") as response:
                return response.status
        say(await asyncio.gather(*(get(number) for number in range(8))))
        """,
    ),
    asks(
        "without async with",
        """
        response = await session.get(URL)
        say(response.status, await response.text())
        """,
    ),
    asks(
        "a session of the script's own",
        """
        import aiohttp
        async with aiohttp.ClientSession(headers={"X-Own": "1"}) as own:
            async with own.get(URL) as response:
                say(response.status)
        say(own.closed, session.closed)
        """,
        Differs(
            "stderr",
            "what is not measured is said, once",
            ours=("molotov: requests of a script's own …",),
        ),
    ),
    asks(
        "what a session is",
        """
        say(session.closed, session.loop is asyncio.get_running_loop())
        session.mine = 5
        say(session.mine)
        """,
    ),
    asks(
        "a closed session",
        """
        await session.close()
        say(session.closed)
        try:
            await session.get(URL)
        except Exception as error:
            say(type(error).__name__, error)
        """,
    ),
    asks(
        "connections of a worker",
        """
        import aiohttp
        ports = set()
        for _ in range(5):
            async with session.get(URL) as response:
                await response.read()
        say("done")
        """,
        arguments=("-r", "2"),
    ),
    asks(
        "addresses that are none",
        """
        import aiohttp
        for url in ("", "/path", "nonsense", "http://",
                    "http://127.0.0.1:99999/"):
            try:
                await session.get(url)
                say("sent")
            except aiohttp.InvalidURL:
                say(url, "InvalidURL")
        """,
    ),
]

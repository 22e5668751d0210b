# ruff: noqa: E501 (code of the cases)
"""What a request is made of: its method, its target, its fields."""

from __future__ import annotations

from differential.client.case import ClientCase

CASES = [
    ClientCase(
        "methods",
        """
        for name in "get post put patch delete options head".split():
            async with getattr(session, name)(URL + "/a") as r:
                say(name, r.status, r.method, await r.text())
        """,
    ),
    ClientCase(
        "methods of one's own",
        """
        for name in ("PURGE", "purge", "Trace", "M-SEARCH", "GET"):
            async with session.request(name, URL + "/a") as r:
                say(r.method, await r.text())
        """,
    ),
    ClientCase(
        "awaited, and released",
        """
        r = await session.get(URL)
        say(r.status, r.closed)
        r.release()
        say(r.closed)
        r = await session.request(method="GET", url=URL)
        say(await r.text())
        r.close()
        say(r.closed)
        """,
    ),
    ClientCase(
        "targets",
        """
        for path in ("", "/", "?a=b", "/a b", "/%41%2f", "/é", "/a/../b", "/./c",
                     "//d", "/?q=é&r=a+b", "/a;b=c", "/#fragment", "/a?b#c", "/%zz",
                     "/a|b", "/a?b=[c]", "/~u/-_.!*'()"):
            async with session.get(URL + path) as r:
                say(path, str(r.url), str(r.real_url))
        """,
    ),
    ClientCase(
        "params",
        """
        for params in ({"a": "1", "b": "x y&=+é"}, [("a", "1"), ("a", "2")], {"n": 3},
                       {"f": 1.5}, "q=1&r=a%20b", {}, "", {"e": ""}, (("t", "u"),),
                       {"l": ["1", "2"]}, {"s": "a;b"}, {"u": "/?:@"}, {"p": "100%"}):
            async with session.get(URL + "/p?z=0", params=params) as r:
                say(params, str(r.url))
        """,
    ),
    ClientCase(
        "params that cannot be",
        """
        for params in ({"a": True}, {"a": None}, {"a": object}, 5, {"f": float("nan")},
                       {"f": float("inf")}, b"a=b", {1: "a"}):
            try:
                async with session.get(URL, params=params) as r:
                    say(str(r.url))
            except Exception as error:
                say(type(error).__name__)
        """,
    ),
    ClientCase(
        "a URL as an object",
        """
        from yarl import URL as Yarl
        async with session.get(Yarl(URL) / "a b" % {"c": "d e"}) as r:
            say(str(r.url), type(r.url).__name__)
        async with session.get(Yarl(URL + "/%2Fa", encoded=True)) as r:
            say(str(r.url))
        """,
    ),
    ClientCase(
        "URLs that are none",
        """
        for url in ("", "nonsense", "/only/path", "http://", "http:///a", "ftp://h/",
                    "mailto:a@b", "//127.0.0.1/", "http://h:99999/", "http://[::1",
                    "http://a b/", "file:///etc/passwd", "http://:80/"):
            try:
                await session.get(url)
            except Exception as error:
                say(url, type(error).__name__)
                if isinstance(error, api.InvalidURL):
                    say(str(error.url))
        """,
        why="what can be no host, or has no scheme, is said to be no URL",
        differs=(
            "- '//127.0.0.1/' 'AssertionError'",
            "+ '//127.0.0.1/' 'InvalidUrlClientError'",
            "+ '//127.0.0.1/'",
            "- 'http://a b/' 'ClientConnectorDNSError'",
            "+ 'http://a b/' 'InvalidUrlClientError'",
            "+ 'http://a b/'",
        ),
    ),
    ClientCase(
        "a URL that is no text",
        """
        for url in (5, None, b"http://a/"):
            try:
                await session.get(url)
            except Exception as error:
                say(url, type(error).__name__)
        """,
    ),
    ClientCase(
        "fields",
        """
        from multidict import CIMultiDict
        for headers in ({"X-Own": "1"}, {"x-common": "other"}, {},
                        [("X-Own", "a"), ("X-Own", "b")], (("X", "y"),),
                        CIMultiDict([("M", "1"), ("M", "2")]), {"X-Empty": ""},
                        {"X-Space": "  a  b  "}, {"X-Utf": "é"}):
            async with session.get(URL, headers=headers) as r:
                say(r.status)
        """,
        options='{"headers": {"X-Common": "c", "X-More": "d"}}',
    ),
    ClientCase(
        "fields over the client's own",
        """
        for headers in ({"User-Agent": "me"}, {"accept": "text/html"},
                        {"Accept-Encoding": "identity"}, {"Host": "example.com"},
                        {"Connection": "close"}, {"Content-Type": "a/b"},
                        {"connection": "keep-alive"}):
            async with session.post(URL, data=b"x", headers=headers) as r:
                say(r.status)
        """,
    ),
    ClientCase(
        "fields that cannot be",
        """
        for headers in ({"a b": "c"}, {"A": "b\\r\\nC: d"}, {"": "a"}, {"A": 5},
                        {"A": None}, {"A\\n": "b"}, {"A": "b\\x00"}, {5: "a"}, {"A:": "b"}):
            try:
                await session.get(URL, headers=headers)
                say("sent", headers)
            except Exception as error:
                say(headers, type(error).__name__)
        """,
        why="what would break the request is refused",
        differs=(
            "- 'sent' {'a b': 'c'}",
            "+ {'a b': 'c'} 'ValueError'",
            "- 'sent' {'': 'a'}",
            "+ {'': 'a'} 'ValueError'",
            "+ {'A:': 'b'} 'ValueError'",
            "- 'sent' {'A:': 'b'}",
            "- GET / | Host: 127.0.0.1:PORT | b''",
            "- GET / | Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | b''",
            "- GET / | Host: 127.0.0.1:PORT | A: : b | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | b''",
        ),
    ),
    ClientCase(
        "fields that are left out",
        """
        for skip in ([], ["User-Agent"], ["accept", "Accept-Encoding"],
                     ("Content-Type",)):
            async with session.post(URL, data=b"x", skip_auto_headers=skip) as r:
                say(r.status)
        """,
    ),
    ClientCase(
        "fields that a session leaves out",
        """
        async with session.post(URL, data=b"x") as r:
            say(r.status)
        async with session.post(URL, data=b"x", skip_auto_headers=["Accept"]) as r:
            say(r.status, sorted(session.skip_auto_headers))
        """,
        options='{"skip_auto_headers": ["Content-Type", "User-Agent"]}',
    ),
    ClientCase(
        "what was sent",
        """
        async with session.post(URL + "/a?b", json=[1], headers={"X": "y"}) as r:
            info = r.request_info
            say(info.method, str(info.url), str(info.real_url))
            say([(k, v) for k, v in info.headers.items() if k != "User-Agent"])
            say(type(info.headers).__name__, type(info).__name__)
        """,
    ),
    ClientCase(
        "base_url",
        """
        for path in ("/path?a=b", "/", "sub", "?q", ""):
            async with session.get(path) as r:
                say(r.url.path_qs)
        """,
        options='{"base_url": URL}',
    ),
    ClientCase(
        "base_url with a path",
        """
        for path in ("a", "/b", "../c", "./d", "e/f?g=h", "?q=1"):
            async with session.get(path) as r:
                say(r.url.path_qs)
        async with session.get(URL + "/whole") as r:
            say(r.url.path_qs)
        """,
        options='{"base_url": URL + "/v1/x/"}',
    ),
    ClientCase(
        "connections are kept, or not",
        """
        for _ in range(3):
            async with session.get(URL) as r:
                await r.read()
        async with session.get(URL, headers={"Connection": "close"}) as r:
            await r.read()
        r = await session.get(URL + "/large")
        r.close()
        async with session.get(URL) as r:
            say(await r.text())
        """,
        connections=True,
    ),
    ClientCase(
        "HTTP/1.0",
        """
        for _ in range(2):
            async with session.get(URL) as r:
                say(r.version, await r.text())
        """,
        options='{"version": api.HttpVersion10}',
    ),
    ClientCase(
        "a session's attributes",
        """
        say(session.closed, sorted(session.headers.items()), session.auth)
        say(session.timeout, session.version, session.raise_for_status)
        say(session.requote_redirect_url, session.trust_env, session.auto_decompress)
        say(session.json_serialize is json.dumps, session.connector_owner)
        say(session.loop is asyncio.get_running_loop(), session.trace_configs)
        await session.close()
        say(session.closed)
        try:
            await session.get(URL)
        except Exception as error:
            say(seen(error))
        """,
        options='{"headers": {"A": "b"}}',
    ),
    ClientCase(
        "keywords that are none",
        """
        for keyword in ("headders", "verify", "stream", "body"):
            try:
                await session.get(URL, **{keyword: 1})
            except TypeError as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "auth",
        """
        for auth in (api.BasicAuth("me", "secret"), api.BasicAuth("é", "ü", "utf-8"),
                     api.BasicAuth("me"), None):
            async with session.get(URL, auth=auth) as r:
                say(r.status)
        async with session.get(URL.replace("://", "://you:p%40ss@")) as r:
            say(r.status, str(r.url).replace(URL, ""))
        """,
    ),
    ClientCase(
        "auth of a session",
        """
        async with session.get(URL) as r:
            say(r.status)
        async with session.get(URL, auth=api.BasicAuth("other", "one")) as r:
            say(r.status)
        """,
        options='{"auth": api.BasicAuth("me", "secret")}',
    ),
    ClientCase(
        "auth that cannot be",
        """
        for options in ({"auth": ("a", "b")}, {"auth": "a:b"},
                        {"auth": api.BasicAuth("a", "b"),
                         "headers": {"Authorization": "x"}}):
            try:
                await session.get(URL, **options)
            except Exception as error:
                say(type(error).__name__, str(error))
        """,
    ),
    ClientCase(
        "time-outs",
        """
        for timeout in (0.2, api.ClientTimeout(total=0.2),
                        api.ClientTimeout(sock_read=0.2)):
            try:
                async with session.get(URL + "/held", timeout=timeout) as r:
                    say(r.status)
            except Exception as error:
                say(type(error).__name__, isinstance(error, asyncio.TimeoutError))
        async with session.get(URL, timeout=api.ClientTimeout()) as r:
            say(r.status)
        async with session.get(URL, timeout=None) as r:
            say(r.status)
        """,
    ),
    ClientCase(
        "time-outs of other types",
        """
        for timeout in ("5", [1]):
            try:
                await session.get(URL, timeout=timeout)
                say("sent")
            except Exception as error:
                say(type(error).__name__)
        """,
    ),
    ClientCase(
        "methods that are none",
        """
        for method in ("a b", "A\\r\\nX: y", "é", "a/b", b"GET", 5):
            try:
                async with session.request(method, URL) as r:
                    say(r.status)
            except Exception as error:
                say(method, seen(error))
        """,
    ),
    ClientCase(
        "a URL by its keyword",
        """
        for method in ("get", "post", "head", "options"):
            async with getattr(session, method)(url=URL + "/k") as r:
                say(r.status)
            for call in (lambda: getattr(session, method)(),
                         lambda: getattr(session, method)(URL, {}, 5)):
                try:
                    await call()
                except TypeError as error:
                    say(seen(error))
        """,
    ),
    ClientCase(
        "a URL that is encoded already",
        """
        from yarl import URL as Yarl
        for text in ("/a%2fb%7e?c=%41%2b+d", "/x/../%2e", "/%zz"):
            async with session.get(Yarl(URL + text, encoded=True)) as r:
                say(str(r.url), str(r.request_info.url))
        """,
    ),
    ClientCase(
        "fields in several spellings",
        """
        from multidict import CIMultiDict
        for headers in ({"Accept": "a", "accept": "b"},
                        CIMultiDict([("x", "1"), ("X", "2")]),
                        [("X", "1"), ("X", "2"), ("x", "3")]):
            async with session.get(URL + "/h", headers=headers) as r:
                say(r.status)
        """,
    ),
    ClientCase(
        "auth of a session that has the field too",
        """
        for call in (session.get, session.post):
            try:
                await call(URL)
            except ValueError as error:
                say(seen(error))
        """,
        options='{"auth": api.BasicAuth("a", "b"), "headers": {"authorization": "x"}}',
    ),
    ClientCase(
        "older names of time-outs",
        """
        say(session.timeout.total, session.timeout.connect)
        for options in ({"timeout": api.ClientTimeout(), "conn_timeout": 1},
                        {"timeout": api.ClientTimeout(), "read_timeout": 1}):
            try:
                type(session)(**options)
            except ValueError as error:
                say(seen(error))
        """,
        options='{"conn_timeout": 3, "read_timeout": 4}',
    ),
    ClientCase(
        "a URL without a path",
        """
        for url in (URL, URL + "?q", URL + "#f", URL + "/"):
            async with session.get(url) as r:
                say(str(r.url), str(r.real_url))
        """,
    ),
]

# ruff: noqa: E501 (code of the cases)
"""Cookies: given, received, sent."""

from __future__ import annotations

from differential.client.case import ClientCase

UNSAFE = '{"cookie_jar": api.CookieJar(unsafe=True)}'

CASES = [
    ClientCase(
        "cookies that are given",
        """
        from http.cookies import SimpleCookie
        simple = SimpleCookie("s=t; u=v")
        for cookies in ({"a": "1"}, {"a": "b c"}, [("x", "y")], simple, {"q": 'a"b'},
                        {"e": ""}, {"semi": "a;b"}, {"n": 5}):
            try:
                async with session.get(URL, cookies=cookies) as r:
                    say(r.status)
            except Exception as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "cookies of a session",
        """
        async with session.get(URL) as r:
            say(r.status)
        async with session.get(URL, cookies={"b": "2", "a": "over"}) as r:
            say(r.status)
        """,
        options='{"cookies": {"a": "1"}}',
        why="cookies go in the order of RFC 6265 section 5.4",
        differs=(
            "- GET / | Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: a=over; b=2 | b''",
            "+ GET / | Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: b=2; a=over | b''",
        ),
    ),
    ClientCase(
        "cookies of an address",
        """
        for _ in range(2):
            async with session.get(URL + "/cookies?a=1&b=2;Path=/") as r:
                say({k: m.value for k, m in r.cookies.items()})
        say(len(session.cookie_jar))
        """,
    ),
    ClientCase(
        "cookies kept where that is asked for",
        """
        async with session.get(URL + "/cookies?a=1&b=2;Path=/x&c=3;Max-Age=0") as r:
            say(sorted(r.cookies))
        for path in ("/", "/x", "/x/y", "/xy"):
            async with session.get(URL + path) as r:
                say(r.status)
        say(sorted((c.key, c.value, c["path"]) for c in session.cookie_jar))
        async with session.get(URL + "/cookies?a=;Max-Age=0;Path=/") as r:
            say(r.status)
        say(sorted(c.key for c in session.cookie_jar))
        session.cookie_jar.clear()
        say(len(session.cookie_jar))
        """,
        options=UNSAFE,
    ),
    ClientCase(
        "no cookies are kept",
        """
        async with session.get(URL + "/cookies?a=1") as r:
            say(sorted(r.cookies))
        async with session.get(URL) as r:
            say(len(session.cookie_jar))
        """,
        options='{"cookie_jar": api.DummyCookieJar()}',
    ),
    ClientCase(
        "cookies of a host with a name",
        """
        url = URL.replace("127.0.0.1", "localhost")
        async with session.get(url + "/cookies?a=1;Path=/&b=2;Secure&c=3;HttpOnly") as r:
            say(sorted(r.cookies))
        async with session.get(url + "/a/b") as r:
            say(r.status)
        async with session.get(URL) as r:
            say(r.status)
        found = session.cookie_jar.filter_cookies(url)
        say(sorted((k, m.value) for k, m in found.items()))
        """,
    ),
    ClientCase(
        "cookies of other domains",
        """
        url = URL.replace("127.0.0.1", "localhost")
        async with session.get(
            url + "/cookies?a=1;Domain=example.com&b=2;Domain=localhost&c=3;Domain=com"
        ) as r:
            say(sorted(r.cookies))
        async with session.get(url) as r:
            say(sorted(c.key for c in session.cookie_jar))
        """,
    ),
    ClientCase(
        "cookies put into the jar",
        """
        from yarl import URL as Yarl
        jar = session.cookie_jar
        jar.update_cookies({"shared": "1"})
        jar.update_cookies({"ours": "2"}, Yarl(URL))
        jar.update_cookies({"theirs": "3"}, Yarl("http://example.com/"))
        async with session.get(URL) as r:
            say(r.status)
        jar.clear(lambda cookie: cookie.key == "shared")
        async with session.get(URL) as r:
            say(sorted(c.key for c in jar))
        jar.clear_domain("example.com")
        say(sorted(c.key for c in jar))
        """,
        options=UNSAFE,
        why="cookies go in the order of RFC 6265 section 5.4",
        differs=(
            "- GET / | Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: ours=2; shared=1 | b''",
            "+ GET / | Host: 127.0.0.1:PORT | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: shared=1; ours=2 | b''",
        ),
    ),
    ClientCase(
        "cookies with values of all kinds",
        """
        for value in ('"quoted"', "a b", "x,y", "p=q", "%20", '"a;b"', "é"):
            answer = ("HTTP/1.1 200 OK\\r\\nSet-Cookie: v=" + value +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                say(value, {k: (m.value, m.coded_value) for k, m in r.cookies.items()})
        """,
        options=UNSAFE,
    ),
    ClientCase(
        "Set-Cookie fields of all kinds",
        """
        for value in ("a=b; Expires=Wed, 09 Jun 2099 10:18:14 GMT", "nonsense", "=x",
                      "c=d; SameSite=Lax", "e", "f=g; Path=relative", "h=i; Domain=",
                      "j=k; Expires=junk", "l=m; Max-Age=junk", "n=o; unknown=1; Flag"):
            answer = ("HTTP/1.1 200 OK\\r\\nSet-Cookie: " + value +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                say(value, {k: m.value for k, m in r.cookies.items()})
        say(sorted(c.key for c in session.cookie_jar))
        async with session.get(URL) as r:
            say(r.status)
        """,
        options=UNSAFE,
    ),
]

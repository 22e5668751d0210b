# ruff: noqa: E501 (code of the cases)
"""Where redirects lead, and what they take along."""

from __future__ import annotations

from differential.client.case import ClientCase

CASES = [
    ClientCase(
        "redirects: statuses and methods",
        """
        for status in (300, 301, 302, 303, 307, 308):
            for method in ("get", "post", "put", "head", "delete"):
                data = b"x" if method in ("post", "put") else None
                async with getattr(session, method)(
                    f"{URL}/redirect/{status}/next", data=data, allow_redirects=True
                ) as r:
                    say(status, method, r.status, r.method, str(r.url),
                        [h.status for h in r.history])
        """,
    ),
    ClientCase(
        "redirects: not followed",
        """
        async with session.get(URL + "/redirect/302/a", allow_redirects=False) as r:
            say(r.status, r.headers["Location"], r.history, await r.text())
        async with session.head(URL + "/redirect/302/a") as r:
            say(r.status)
        """,
    ),
    ClientCase(
        "redirects: history",
        """
        async with session.get(URL + "/redirect/302/redirect/301/redirect/307/end") as r:
            for h in r.history:
                say(h.status, str(h.url), h.method, h.reason, h.headers["Location"])
            say(str(r.url), str(r.request_info.url))
        """,
    ),
    ClientCase(
        "redirects: too many",
        """
        long = "/redirect/302" * 5 + "/end"
        for most in (1, 4, 5, 6):
            try:
                async with session.get(URL + long, max_redirects=most) as r:
                    say(most, r.status, len(r.history))
            except api.TooManyRedirects as error:
                say(most, seen(error), error.status, [str(h.url) for h in error.history])
        """,
    ),
    ClientCase(
        "redirects: fragments and queries",
        """
        async with session.get(URL + "/redirect/302/n?a=1#frag") as r:
            say(str(r.url), r.url.fragment, str(r.real_url))
        """,
    ),
    ClientCase(
        "redirects: locations of all kinds",
        """
        for location in ("/abs", "rel", "../up", "?q=1", "//127.0.0.1:PORT/x", "",
                         "/a b", "/é", "/%41", "#only", "/x?a=b c", "./y"):
            location = location.replace("PORT", URL.rpartition(":")[2])
            answer = ("HTTP/1.1 302 Found\\r\\nLocation: " + location +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            try:
                async with session.get(URL + raw(answer), max_redirects=2) as r:
                    say(location, r.status, str(r.url)[-20:])
            except Exception as error:
                say(location, type(error).__name__)
        """,
    ),
    ClientCase(
        "redirects: locations that are none",
        """
        for location in ("http://", "ftp://a/b", "mailto:x", "http://h:99999/", "data:,x",
                         "javascript:alert(1)", "http://[::1"):
            answer = ("HTTP/1.1 302 Found\\r\\nLocation: " + location +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            try:
                await session.get(URL + raw(answer))
            except Exception as error:
                say(location, type(error).__name__)
                if isinstance(error, api.InvalidURL):
                    say(str(error.url))
        answer = b"HTTP/1.1 302 Found\\r\\nContent-Length: 2\\r\\n\\r\\nno"
        async with session.get(URL + raw(answer)) as r:
            say(r.status, await r.text())
        answer = b"HTTP/1.1 302 Found\\r\\nURI: /there\\r\\nContent-Length: 0\\r\\n\\r\\n"
        async with session.get(URL + raw(answer)) as r:
            say(r.status, r.url.path)
        """,
    ),
    ClientCase(
        "redirects: to the same origin: fields are kept",
        """
        async with session.get(
            URL + "/redirect/302/next", headers={"Authorization": "mine", "X": "y"},
            cookies={"a": "b"},
        ) as r:
            say(r.status)
        async with session.get(
            URL + "/redirect/302/next", auth=api.BasicAuth("u", "p"), params={"q": "1"}
        ) as r:
            say(r.status, str(r.url))
        """,
    ),
    ClientCase(
        "redirects: to another origin: secrets stay",
        """
        async with session.get(
            URL + "/absolute/next", headers={"Authorization": "mine", "X": "y",
                                             "Cookie": "own=1"},
            cookies={"a": "b"},
        ) as r:
            say(r.status, r.url.host)
        async with session.get(
            URL + "/absolute/next", auth=api.BasicAuth("u", "p")
        ) as r:
            say(r.status, r.url.host)
        """,
        why="cookies go in the order of RFC 6265 section 5.4",
        differs=(
            "- GET /absolute/next | Host: 127.0.0.1:PORT | Authorization: mine | X: y | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: a=b; own=1 | b''",
            "+ GET /absolute/next | Host: 127.0.0.1:PORT | Authorization: mine | X: y | Accept: */* | Accept-Encoding: gzip, deflate | User-Agent: (own) | Cookie: own=1; a=b | b''",
        ),
    ),
    ClientCase(
        "redirects: bodies",
        """
        import io
        for status in (302, 303, 307):
            for data in (b"bytes", "text", {"a": "b"}, io.BytesIO(b"file")):
                async with session.post(
                    f"{URL}/redirect/{status}/echo", data=data
                ) as r:
                    say(status, r.method, await r.read())
        """,
    ),
    ClientCase(
        "redirects: cookies on the way",
        """
        answer = (b"HTTP/1.1 302 Found\\r\\nSet-Cookie: way=1; Path=/\\r\\n"
                  b"Location: /next\\r\\nContent-Length: 0\\r\\n\\r\\n")
        async with session.get(URL + raw(answer)) as r:
            say(r.status, r.cookies, r.history[0].cookies["way"].value)
        """,
        options='{"cookie_jar": api.CookieJar(unsafe=True)}',
    ),
    ClientCase(
        "redirects: locations as they are",
        """
        for location in ("/%7e?a=%2f+%41", "/a/../%2e", "../%7e", "?%7e",
                         URL + "/x/../%2e%7e"):
            answer = ("HTTP/1.1 302 Found\\r\\nLocation: " + location +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer), max_redirects=2) as r:
                say(str(r.url)[-12:], r.status)
        """,
        options='{"requote_redirect_url": False}',
    ),
    ClientCase(
        "redirects: that a session is told to take as they are",
        """
        import warnings
        answer = (b"HTTP/1.1 302 Found\\r\\nLocation: /%7e"
                  b"\\r\\nContent-Length: 0\\r\\n\\r\\n")
        for requotes in (True, False, True):
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                session.requote_redirect_url = requotes
            say([str(w.message) for w in warned], session.requote_redirect_url)
            async with session.get(URL + raw(answer)) as r:
                say(str(r.url))
        """,
    ),
    ClientCase(
        "redirects: with a user",
        """
        for user in ("me:secret", "me", "me:a%20b%3a"):
            location = URL.replace("//", f"//{user}@") + "/in"
            answer = ("HTTP/1.1 307 Found\\r\\nLocation: " + location +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                say(str(r.url), r.status)
        """,
    ),
]

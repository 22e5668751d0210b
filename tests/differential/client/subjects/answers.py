# ruff: noqa: E501 (code of the cases)
"""What an answer tells."""

from __future__ import annotations

from differential.client.case import ClientCase

CASES = [
    ClientCase(
        "an answer's attributes",
        """
        async with session.get(URL + "/fields?a=b#c") as r:
            say(r.status, r.reason, r.ok, r.method, r.version, r.host)
            say(str(r.url), str(r.real_url), type(r.headers).__name__)
            say(r.content_type, r.charset, r.content_length, r.content_disposition)
            say(r.headers.getall("x-twice"), r.headers.get("x-lower"), r.history)
            say([(k, v) for k, v in r.raw_headers], r.cookies, dict(r.links))
        """,
    ),
    ClientCase(
        "each status",
        """
        for status in (200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 409, 418,
                       422, 429, 451, 500, 502, 503, 504, 511, 599):
            async with session.get(f"{URL}/status/{status}") as r:
                say(r.status, r.reason, r.ok, await r.text())
        """,
    ),
    ClientCase(
        "raise_for_status",
        """
        for status in (200, 204, 304, 400, 404, 500):
            try:
                async with session.get(f"{URL}/status/{status}") as r:
                    r.raise_for_status()
                    say("fine", status)
            except api.ClientResponseError as error:
                say(seen(error), error.status, error.message, error.history)
                say(error.headers["Content-Type"], error.request_info.method, r.closed)
        """,
    ),
    ClientCase(
        "raise_for_status of a session",
        """
        async with session.get(URL + "/status/404", raise_for_status=False) as r:
            say(r.status)
        try:
            await session.get(URL + "/status/404")
        except api.ClientResponseError as error:
            say(seen(error))
        async with session.get(URL) as r:
            say(r.status)
        """,
        options='{"raise_for_status": True}',
    ),
    ClientCase(
        "raise_for_status as a coroutine",
        """
        async def judge(response):
            say("judged", response.status)
            if response.status == 500:
                raise KeyError(await response.text())
        for status in (200, 404, 500):
            try:
                async with session.get(
                    f"{URL}/status/{status}", raise_for_status=judge
                ) as r:
                    say(r.status)
            except KeyError as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "raise_for_status as a session's coroutine",
        """
        try:
            await session.get(URL + "/status/500")
        except Exception as error:
            say(seen(error))
        async with session.get(URL + "/status/500", raise_for_status=False) as r:
            say(r.status)
        """,
        options='{"raise_for_status": judge}',
        at_hand="""
        async def judge(response):
            if not response.ok:
                raise ValueError(response.status)
        """,
    ),
    ClientCase(
        "text in its charset",
        """
        for kind in ("text/plain; charset=latin-1", "text/plain; charset=nonsense",
                     'text/html; charset="iso-8859-1"', "text/plain;charset=cp1252",
                     "text/plain; CHARSET=Latin1; a=b"):
            async with session.get(f"{URL}/typed/{kind}") as r:
                try:
                    say(kind, r.charset, r.content_type, await r.text())
                except Exception as error:
                    say(kind, type(error).__name__)
        """,
    ),
    ClientCase(
        "charsets that are said oddly",
        """
        for kind in ("text/plain; charset='latin-1'", "text/plain;charset=",
                     "text/plain; charset=utf-8-sig", "text/plain; charset=a; charset=cp437",
                     "text/plain; charset=base64", "text/plain; charset = latin-1",
                     "text/plain; x=y;charset=\\"cp1252", "application/json; charset=utf-16",
                     "text/plain; charset*=UTF-8''latin-1", "charset=latin-1"):
            answer = (f"HTTP/1.1 200 OK\\r\\nContent-Type: {kind}\\r\\n"
                      "Content-Length: 4\\r\\n\\r\\n").encode() + b"\\xff\\xfea\\x00"
            async with session.get(URL + raw(answer)) as r:
                try:
                    body = await r.read()
                    say(kind, r.charset, r.get_encoding(), await r.text())
                except Exception as error:
                    say(kind, seen(error))
        """,
    ),
    ClientCase(
        "a charset that a session finds out",
        """
        for kind in ("text/plain", "text/plain; charset=nonsense", "application/json",
                     "text/plain; charset=latin-1"):
            answer = (f"HTTP/1.1 200 OK\\r\\nContent-Type: {kind}\\r\\n"
                      "Content-Length: 1\\r\\n\\r\\n").encode() + b"\\xe9"
            async with session.get(URL + raw(answer)) as r:
                try:
                    say(kind, await r.text(), r.get_encoding())
                    say(await r.text("cp437"))
                except Exception as error:
                    say(kind, seen(error))
        say(ASKED)
        """,
        options='{"fallback_charset_resolver": found}',
        at_hand="""
        ASKED = []

        def found(response, body):
            ASKED.append((response.status, body))
            return "cp1252" if len(ASKED) < 3 else "nonsense"
        """,
    ),
    ClientCase(
        "text in a given charset",
        """
        for options in ({"encoding": "latin-1"}, {"errors": "replace"},
                        {"encoding": "ascii", "errors": "ignore"}, {}):
            async with session.get(f"{URL}/typed/text/plain") as r:
                try:
                    say(await r.text(**options))
                except Exception as error:
                    say(seen(error))
        """,
    ),
    ClientCase(
        "get_encoding",
        """
        for kind in ("text/plain", "text/plain; charset=UTF8", "application/json",
                     "application/rdap+json", "application/octet-stream"):
            async with session.get(f"{URL}/typed/{kind}") as r:
                await r.read()
                say(kind, r.get_encoding(), r.charset)
        """,
    ),
    ClientCase(
        "get_encoding before the body is there",
        """
        async with session.get(f"{URL}/typed/text/plain") as r:
            try:
                say(r.get_encoding())
            except Exception as error:
                say(seen(error))
        """,
    ),
    ClientCase(
        "answers of JSON",
        """
        async with session.get(URL + "/json") as r:
            say(await r.json(), await r.json(), await r.text())
        async with session.get(URL + "/json") as r:
            say(await r.json(loads=lambda text: text[:10]))
        """,
    ),
    ClientCase(
        "answers of JSON of other types",
        """
        kinds = ("text/plain", "application/problem+json", "application/jsonx",
                 "text/json", "application/json; charset=latin-1", "")
        for kind in kinds:
            for wanted in ("application/json", None, "text/plain", "", "json"):
                async with session.get(f"{URL}/typed/{kind}") as r:
                    try:
                        found = await r.json(content_type=wanted, encoding="latin-1")
                        say(kind, wanted, found)
                    except Exception as error:
                        say(kind, wanted, seen(error))
        """,
    ),
    ClientCase(
        "answers of JSON that is none",
        """
        for body in (b"", b"  ", b"{", b"nonsense", b"\\xff"):
            answer = (b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
                      b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
            async with session.get(URL + raw(answer)) as r:
                try:
                    say(body, await r.json())
                except Exception as error:
                    say(body, seen(error))
        """,
    ),
    ClientCase(
        "a body after its answer was released",
        """
        r = await session.get(URL)
        r.release()
        for read in (r.read, r.text, r.json):
            try:
                say(await read())
            except Exception as error:
                say(seen(error))
        r = await session.get(URL)
        await r.read()
        r.release()
        say(await r.text())
        r = await session.get(URL + "/large")
        r.close()
        try:
            say(len(await r.read()))
        except Exception as error:
            say(seen(error))
        """,
    ),
    ClientCase(
        "a body after the block",
        """
        async with session.get(URL + "/large") as r:
            pass
        for read in (r.read, r.text):
            try:
                say(len(await read()))
            except Exception as error:
                say(seen(error))
        async with session.get(URL) as r:
            await r.read()
        say(await r.text(), r.closed)
        """,
    ),
    ClientCase(
        "how an answer is shown",
        """
        async with session.get(URL + "/fields") as r:
            shown = repr(r).splitlines()
            say(shown[0], len(shown) > 1)
        async with session.get(URL + "/status/404") as r:
            say(str(r).splitlines()[0])
        """,
        why="one line is what failures are printed in",
        differs=(
            "- '<ClientResponse(http://127.0.0.1:PORT/fields) [200 Fine]>' True",
            "+ '<ClientResponse(http://127.0.0.1:PORT/fields) [200 Fine]>' False",
        ),
    ),
    ClientCase(
        "links",
        """
        for links in ('<http://a/b>; rel=next', '</c>; rel="prev"; title="x y"',
                      '<d>; rel=a, <e>; rel=b; x=y', '<f>', 'nonsense', '<>; rel=z'):
            answer = ("HTTP/1.1 200 OK\\r\\nLink: " + links +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                say({k: {n: str(v) for n, v in l.items()} if "raw" not in str(l)
                     else sorted(l) for k, l in r.links.items()})
        """,
    ),
    ClientCase(
        "content_disposition",
        """
        for value in ('attachment; filename="a b.txt"', "inline", "form-data; name=n",
                      "attachment; filename*=UTF-8''%c3%a9.txt", "attachment; filename=a",
                      'attachment; filename="x"; filename*=UTF-8\\'\\'y'):
            answer = ("HTTP/1.1 200 OK\\r\\nContent-Disposition: " + value +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                found = r.content_disposition
                say(found.type, dict(found.parameters), found.filename)
        """,
    ),
    ClientCase(
        "content codings",
        """
        async with session.get(URL + "/gzip") as r:
            say(await r.text(), r.headers.get("Content-Encoding"))
        async with session.get(URL + "/gzip", auto_decompress=False) as r:
            say(await r.read())
        """,
    ),
    ClientCase(
        "reasons and versions",
        """
        for line in (b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.0 200 Fine thing",
                     b"HTTP/1.1 299 \\xc3\\xa9", b"HTTP/1.1 404 a  b"):
            answer = line + b"\\r\\nContent-Length: 0\\r\\n\\r\\n"
            try:
                async with session.get(URL + raw(answer)) as r:
                    say(r.status, r.reason, r.version)
            except Exception as error:
                say(line, type(error).__name__)
        """,
    ),
    ClientCase(
        "content_disposition of all kinds",
        """
        for value in ('a; filename="a;b.txt"', "a; filename*0=a; filename*1=b",
                      "a; filename*0*=UTF-8\'\'%c3; filename*1*=%a9", "x y; a=b", "a;",
                      "a; filename", "a; name=a; name=b", "a; filename*=no\'\'x",
                      "a; filename*=x", "a; filename=a b", "a; foo bar=1; filename=z",
                      'a; filename="\\\\\\"q"', 'a; filename="/etc/x"', "a; filename=/x",
                      "a; FILENAME=Q ; x = y", 'a; filename=""', 'A ; filename= "x" ',
                      'a; filename*0="a b"; filename*2=c', "", " ; a=b"):
            answer = ("HTTP/1.1 200 OK\\r\\nContent-Disposition: " + value +
                      "\\r\\nContent-Length: 0\\r\\n\\r\\n").encode()
            async with session.get(URL + raw(answer)) as r:
                found = r.content_disposition
                say(value, found.type, dict(found.parameters), found.filename)
        """,
    ),
    ClientCase(
        "raise_for_status in its block",
        """
        async with session.get(URL + "/status/404") as r:
            try:
                r.raise_for_status()
            except api.ClientResponseError as error:
                say(error.status, r.closed, await r.text())
        r = await session.get(URL + "/status/404")
        async with r:
            try:
                r.raise_for_status()
            except api.ClientResponseError as error:
                say(error.status, await r.text())
        r = await session.get(URL + "/status/404")
        try:
            r.raise_for_status()
        except api.ClientResponseError as error:
            say(error.status, r.closed)
        """,
    ),
    ClientCase(
        "let go while it is read",
        """
        part = b"HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\npart"
        for end in ("release", "close"):
            r = await session.get(URL + raw(part))
            reading = asyncio.create_task(r.read())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            getattr(r, end)()
            try:
                say(await reading)
            except api.ClientError as error:
                say(seen(error), r.closed)
        """,
    ),
    ClientCase(
        "lines that are too long",
        """
        for options in ({}, {"max_line_size": 4}, {"max_field_size": 20},
                        {"max_line_size": 4, "max_field_size": 9000}):
            for line in ("200 Reason", "200 OK\\r\\nX: " + "v" * 19,
                         "200 OK\\r\\nX:   " + "v" * 17 + "  ",
                         "200 OK\\r\\nX: " + "v" * 20,
                         "200 OK\\r\\n" + "N" * 21 + ": v",
                         "200 OK\\r\\nX: " + "v" * 8189,
                         "200 OK\\r\\nX: " + "\'v\\t\\\\" * 3000,
                         "200 " + "R" * 8191):
                answer = f"HTTP/1.1 {line}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode()
                try:
                    async with session.get(URL + raw(answer), **options) as r:
                        say(r.status)
                except api.ClientResponseError as error:
                    say(error.status, error.message)
        """,
    ),
]

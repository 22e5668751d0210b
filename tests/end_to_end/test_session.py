"""The session of a scenario beside aiohttp's own, against the same server."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Molotov

aiohttp = pytest.importorskip("aiohttp")

# Each is the body of `async def ask(session)`, with BasicAuth at hand, and
# returns what is to be the same for both.
SAME = {
    "methods, async with": """
        seen = []
        for name in "get post put patch delete options head".split():
            async with getattr(session, name)(URL + "/headers") as r:
                body = await r.text()
                seen.append((name, r.status, r.method, first_line(body)))
        return seen
    """,
    "methods, await": """
        seen = []
        for name in "get post put patch delete options head".split():
            r = await getattr(session, name)(URL + "/headers")
            seen.append((name, r.status, r.method, first_line(await r.text())))
            r.release()
        return seen
    """,
    "request": """
        async with session.request("PUT", URL + "/headers") as r:
            first = first_line(await r.text())
        r = await session.request(method="get", url=URL)
        return first, r.status, r.method, await r.json()
    """,
    "params": """
        seen = []
        for params in (
            {"a": "1", "b": "x y&=+é"}, [("a", "1"), ("a", "2")], {"n": 3},
            "q=1&r=a%20b", {},
        ):
            async with session.get(URL + "/headers?z=0", params=params) as r:
                seen.append((first_line(await r.text()), str(r.url)))
        return seen
    """,
    "headers": """
        seen = []
        for headers in ({"X-Own": "1"}, {"x-common": "other"},
                        [("X-Own", "a"), ("X-Own", "b")]):
            async with session.get(URL + "/headers", headers=headers) as r:
                seen.append(fields(await r.text(), "x-"))
        return seen
    """,
    "fields that nobody asked for": """
        seen = []
        for name, keywords in (
            ("get", {}), ("delete", {}), ("post", {}),
            ("put", {"data": "text"}), ("post", {"json": 1}),
        ):
            async with getattr(session, name)(
                URL + "/headers", **keywords
            ) as r:
                found = fields(await r.text(), "")
            # Each says its own name.
            seen.append([f for f in found if f[0] != "user-agent"])
        return seen
    """,
    "bodies": """
        seen = []
        for keywords in (
            {"json": {"a": [1, None, "é"]}}, {"data": b"\\x00\\xff"},
            {"data": "text é"}, {"data": {"a": "1 2", "b": "é&="}},
            {"data": [("a", "1"), ("a", "2")]}, {"data": ""}, {},
            {"data": "x", "headers": {"Content-Type": "text/x"}},
        ):
            async with session.post(URL + "/echo", **keywords) as r:
                seen.append((await r.read(), r.headers.get("Content-Type")))
        return seen
    """,
    "redirects followed": """
        async with session.get(URL + "/redirect/3") as r:
            return (
                r.status, str(r.url), [h.status for h in r.history],
                [str(h.url) for h in r.history], await r.json(), r.method,
            )
    """,
    "redirects by status": """
        seen = []
        for status in (301, 302, 303, 307, 308):
            async with session.post(
                URL + f"/redirect/1/{status}", data="x"
            ) as r:
                seen.append((status, r.status, r.method, len(r.history)))
        return seen
    """,
    "redirects not followed": """
        async with session.get(
            URL + "/redirect/1", allow_redirects=False
        ) as r:
            return r.status, r.history, r.headers["Location"], r.ok
    """,
    "too many redirects": """
        try:
            await session.get(URL + "/redirect/20")
        except Exception as e:
            return type(e).__name__
    """,
    "cookies": """
        seen = []
        async with session.get(URL + "/cookies/set/k/v") as r:
            seen.append(r.cookies["k"].value)
        async with session.get(URL + "/cookies") as r:
            seen.append(await r.text())
        async with session.get(URL + "/cookies", cookies={"o": "w"}) as r:
            seen.append("o" in await r.text())
        return seen
    """,
    "cookies of a name": """
        seen = []
        url = URL.replace("127.0.0.1", "localhost")
        async with session.get(url + "/cookies/set/k/v") as r:
            seen.append(r.cookies["k"].value)
        async with session.get(url + "/cookies") as r:
            seen.append(await r.text())
        async with session.get(url + "/cookies", cookies={"o": "w"}) as r:
            seen.append(await r.json())
        async with session.get(URL + "/cookies") as r:
            seen.append(await r.text())
        return seen
    """,
    "auth": """
        async with session.get(
            URL + "/headers", auth=BasicAuth("me", "pass:word")
        ) as r:
            return fields(await r.text(), "authorization")
    """,
    "statuses": """
        seen = []
        for status in (200, 204, 304, 404, 418, 500, 599):
            async with session.get(URL + f"/status/{status}") as r:
                seen.append((r.status, r.ok, await r.read() == b""))
        return seen
    """,
    "raise_for_status": """
        r = await session.get(URL)
        seen = [r.raise_for_status()]
        for status in (404, 500):
            try:
                r = await session.get(URL + f"/status/{status}")
                r.raise_for_status()
            except Exception as e:
                seen.append((type(e).__name__, e.status, e.message))
        try:
            await session.get(URL + "/status/400", raise_for_status=True)
        except Exception as e:
            seen.append((type(e).__name__, e.status))
        return seen
    """,
    "attributes": """
        async with session.get(URL + "/json") as r:
            return (
                r.status, r.reason, r.headers["content-type"],
                r.headers.get("Nope"), "CONTENT-LENGTH" in r.headers,
                str(r.url), r.url.path, r.method, r.ok, r.content_type,
                r.charset, r.history, await r.json(), await r.text(),
                await r.read(),
            )
    """,
    "pieces": """
        async with session.get(URL + "/bytes/100000") as r:
            sizes = []
            while piece := await r.content.read(1000):
                assert 0 < len(piece) <= 1000
                sizes.append(len(piece))
            return sum(sizes), await r.content.read(10)
    """,
    "encodings and framings": """
        seen = []
        for path in ("/gzip", "/deflate", "/chunked/5", "/close"):
            async with session.get(URL + path) as r:
                seen.append((path, r.status, await r.read()))
        return seen
    """,
    "timeouts": """
        seen = []
        for keywords in ({"timeout": 0.2}, {}):
            try:
                async with session.get(URL + "/delay/500", **keywords) as r:
                    seen.append(r.status)
            except TimeoutError as e:
                seen.append("timed out")
        return seen
    """,
    "released": """
        r = await session.get(URL + "/bytes/100")
        r.release()
        async with session.get(URL) as r:
            return r.status, session.closed
    """,
    "wrong JSON": """
        seen = []
        for path in ("/bytes/10",):
            try:
                await (await session.get(URL + path)).json()
            except Exception as e:
                seen.append(type(e).__name__)
        seen.append(await (await session.get(URL)).json(content_type=None))
        return seen
    """,
    "wrong keywords": """
        seen = []
        for keywords in (
            {"nope": 1}, {"data": "x", "json": 1}, {"headers": {"a": "b\\n"}},
        ):
            try:
                await session.post(URL, **keywords)
            except Exception as e:
                seen.append(type(e).__name__)
        return seen
    """,
}

COMMON = """
HEADERS = {"X-Common": "c"}

def first_line(text):
    found = parsed(text)
    return found.get("method"), found.get("target", found.get("url"))

def parsed(text):
    import json
    return json.loads(text) if text else {}

def fields(text, prefix):
    found = parsed(text)
    pairs = found.get("fields", found.get("headers"))
    pairs = pairs.items() if isinstance(pairs, dict) else pairs
    return sorted(
        (name.lower(), value) for name, value in pairs
        if name.lower().startswith(prefix)
    )

"""


def functions() -> str:
    """An `ask_N` for each of the above."""
    return COMMON + "".join(
        f"async def ask_{number}(session):\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        for number, body in enumerate(SAME.values())
    )


OURS = """
from aiohttp import BasicAuth

@setup()
async def init(worker_id, args):
    return {"headers": HEADERS}

@scenario()
async def one(session):
    answers = {}
    for name, ask in list(globals().items()):
        if name.startswith("ask_"):
            try:
                answers[name] = repr(await ask(session))
            except Exception as error:
                answers[name] = f"raised {error!r}"
    import json
    with open("answers.json", "w") as file:
        json.dump(answers, file)
"""

THEIRS = """
import asyncio, json, aiohttp
from aiohttp import BasicAuth

async def main():
    answers = {}
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        for name, ask in list(globals().items()):
            if name.startswith("ask_"):
                try:
                    answers[name] = repr(await ask(session))
                except Exception as error:
                    answers[name] = f"raised {error!r}"
    print(json.dumps(answers))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """What both sessions answered, by the function's name."""
    from commands import PROGRAMS, run

    folder: Path = tmp_path_factory.mktemp("session")
    result = Molotov(folder, target)(functions() + OURS, "-r", "1")
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines, result
    (folder / "theirs.py").write_text(
        f"URL = {target!r}\n{functions()}{THEIRS}"
    )
    done = run(folder, PROGRAMS / "python", "theirs.py")
    assert done.status == 0, done
    yield (
        json.loads((folder / "answers.json").read_text()),
        json.loads(done.stdout),
    )


@pytest.mark.parametrize("what", SAME)
def test_is_as_with_aiohttp(
    answers: tuple[dict[str, str], dict[str, str]], what: str
) -> None:
    name = f"ask_{list(SAME).index(what)}"
    ours, theirs = (side[name] for side in answers)
    assert not theirs.startswith("raised"), theirs
    assert ours == theirs

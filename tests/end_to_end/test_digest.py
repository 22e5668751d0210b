"""Digest authentication: ours, and aiohttp's middleware with our client,
beside aiohttp's with its own."""

from pathlib import Path

import pytest
from beside_aiohttp import answers
from digest_server import digest_server
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
async def asked(session, *calls, user=("Mufasa", "Circle of Life"), **options):
    import molotov.client
    theirs = isinstance(session, aiohttp.ClientSession)
    found = []
    for kind in (
        aiohttp.DigestAuthMiddleware, molotov.client.DigestAuthMiddleware
    ):
        kind = aiohttp.DigestAuthMiddleware if theirs else kind
        new = make(session, middlewares=[kind(*user, **options)])
        seen = []
        found.append(seen)
        for method, path, more in calls:
            try:
                async with new.request(method, URL + path, **more) as r:
                    seen.append((r.status, await r.json(content_type=None)))
            except Exception as error:
                seen.append((type(error).__name__, str(error)))
        await new.close()
    return found

def file():
    import tempfile
    file = tempfile.TemporaryFile()
    file.write(b"content" * 20000)
    file.seek(0)
    return file
"""
)


def calls(*paths: str) -> str:
    """Of a body that gets these."""
    listed = ", ".join(f'("GET", {path!r}, {{}})' for path in paths)
    return f"return await asked(session, {listed})\n"


ALGORITHMS = ["MD5", "SHA", "SHA-256", "SHA-512"]
SAME = {
    "algorithms": calls(*(f"/{name}/auth" for name in ALGORITHMS)),
    "of a session": calls(*(f"/{name}-sess/auth" for name in ALGORITHMS)),
    "qualities": calls(
        "/MD5/none",
        "/MD5/auth-int",
        "/SHA-256/auth,%20auth-int",
        "/MD5/odd",
        "/MD5/odd,auth",
    ),
    "an unknown algorithm": calls("/MD6/auth"),
    "again and again": calls(*["/MD5/auth"] * 7),
    "odd paths": calls("/MD5/auth/a%2Fb?c=%C3%A9&d=e%20f#g"),
    "not at once": """
        call = ("GET", "/MD5/auth", {})
        return await asked(session, call, call, call, preemptive=False)
    """,
    "bodies": """
        return await asked(
            session,
            ("POST", "/MD5/auth-int", {"data": b"bytes"}),
            ("PUT", "/MD5/auth-int", {"json": {"a": 1}}),
            ("PUT", "/SHA-256/auth", {"data": {"a": "b"}}),
            ("POST", "/MD5/auth-int", {}),
        )
    """,
    "a file": """
        with file() as one:
            found = await asked(
                session,
                ("POST", "/MD5/auth", {"data": one}),
                ("GET", "/MD5/auth", {}),
            )
        return found[0][0][0]
    """,
    "another user": """
        return await asked(
            session, ("GET", "/MD5/auth", {}), user=("other", "password")
        )
    """,
    "no login": "return await asked(session, user=(None, 'password'))\n",
    "no password": "return await asked(session, user=('login', None))\n",
    "a colon": "return await asked(session, user=('lo:gin', 'password'))\n",
}


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[str, str]]:
    folder: Path = tmp_path_factory.mktemp("digest")
    with digest_server() as url:
        return answers(folder, url, SAME, AT_HAND)


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs


def test_a_user_is_let_in(both: dict[str, tuple[str, str]]) -> None:
    assert "401" not in both["algorithms"][0]
    assert both["algorithms"][0].count("(200, [True") == 2 * len(ALGORITHMS)

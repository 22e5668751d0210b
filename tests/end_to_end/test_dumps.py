"""What -vv prints of requests and responses, and what it leaves as it was."""

import re

from commands import Molotov
from scripts import run_well, scenario


def dumped(molotov: Molotov, code: str, *arguments: str) -> list[str]:
    """All that is printed of one run, in one worker; what -v tells of the whole
    load comes after it."""
    lines = run_well(molotov, scenario(code), "-vv", "-r", "1", *arguments)
    assert lines[0] == "[W:0] Starting"
    assert lines[2] == "[W:0] Setting up session of kind http"
    return lines[3 : lines.index("[W:0] Done!")]


def test_the_shape(molotov: Molotov, target: str) -> None:
    lines = dumped(molotov, 'await session.post(URL, json={"a": 1})')
    host = target.removeprefix("http://")
    date = next(x for x in lines if x.startswith("Date: "))
    server = next(x for x in lines if x.startswith("Server: "))
    assert lines == [
        "",
        f"POST {target}",
        f"Host: {host}",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: Molotov/3.0",
        "Content-Length: 8",
        "Content-Type: application/json",
        "",
        '{"a": 1}',
        "",
        "HTTP/1.1 200 OK",
        server,
        date,
        "Content-Type: application/json",
        "Content-Length: 16",
        "",
        '{"result": "OK"}',
        "",
        "",
    ]


def test_nothing_with_v_alone(molotov: Molotov) -> None:
    result = molotov(scenario("await session.get(URL)"), "-v", "-r", "1")
    assert "HTTP/1.1" not in result.stdout


def test_redirects_and_empty_bodies(molotov: Molotov) -> None:
    lines = dumped(
        molotov,
        """
        await session.get(URL + "/redirect/1")
        await session.get(URL + "/bytes/0")
        """,
    )
    found = [x for x in lines if x.startswith(("GET ", "HTTP/1.1", "Location"))]
    assert [x.partition(" ")[0] for x in found] == [
        "GET",
        "GET",
        "HTTP/1.1",
        "GET",
        "HTTP/1.1",
    ]
    assert lines[-5:] == ["Content-Length: 0", "", "", "", ""]


def test_what_cannot_be_shown(molotov: Molotov) -> None:
    lines = dumped(
        molotov,
        """
    async with session.get(URL + "/gzip") as response:
        assert (await response.json())["result"] == "OK"
    headers = {"Content-Encoding": "gzip"}
    async with session.post(URL, data=b"text", headers=headers):
        pass
    async with session.post(URL + "/echo", data=bytes(range(256))) as response:
        assert await response.read() == bytes(range(256))
    """,
    )
    assert lines.count("**** Binary content ****") == 2
    assert lines.count("***WARNING: Molotov can't display this body***") == 2
    assert "text" not in lines


def test_uploads_are_shown_and_sent(molotov: Molotov) -> None:
    """Files by a word, parts by their heads; neither is read for it."""
    lines = dumped(
        molotov,
        """
    import io
    from molotov.client.form_data import FormData

    large = b"large " * 50000

    async def pieces():
        yield b"piece"

    async def sent(data):
        async with session.post(URL + "/echo", data=data) as response:
            return await response.read()

    assert await sent(io.BytesIO(b"small")) == b"small"
    assert await sent(io.BytesIO(large)) == large
    assert await sent(pieces()) == b"piece"
    form = FormData({"name": "value"})
    form.add_field("file", io.BytesIO(large), filename="f.bin")
    assert large in await sent(form)
    """,
    )
    sent = "\n".join(lines).split("POST ")[1:]
    bodies = [text.partition("\n\n")[2].split("HTTP/1.1")[0] for text in sent]
    assert bodies[:3] == [
        "**** File content ****\n\n",
        "**** File content ****\n\n",
        "***WARNING: Molotov can't display this body***\n\n",
    ]
    shown = re.sub("[0-9a-f]{32}", "B", bodies[3])
    assert shown == (
        "--B\nContent-Type: text/plain; charset=utf-8\n"
        'Content-Disposition: form-data; name="name"\n\nvalue\n'
        "--B\nContent-Type: application/octet-stream\n"
        'Content-Disposition: form-data; name="file"; filename="f.bin"\n\n'
        "**** File content ****\n--B--\n\n"
    )


STREAMS = """
    async with session.get(URL + "/chunked/100000") as response:
        first = await response.content.read(10)
        pieces = [piece async for piece in response.content.iter_any()]
        size = len(first) + sum(map(len, pieces))
        print("chunked", len(first), size > 1000 and size % 100000)
    async with session.get(URL + "/bytes/300000") as response:
        print("read", len(await response.content.readexactly(300000)))
    async with session.get(URL + "/slow/1000000/100") as response:
        print("first", await response.content.read(1))
    body = b"x" * 300000
    async with session.post(URL + "/echo", data=body) as response:
        print("echo", await response.read() == body)
    async with session.get(URL + "/truncate") as response:
        try:
            await response.read()
        except Exception as error:
            print(type(error).__name__)
"""


def test_bodies_stream_and_are_left_to_the_scenario(molotov: Molotov) -> None:
    """A large one, one that hardly comes, an upload, one that breaks off."""
    plain = run_well(molotov, scenario(STREAMS))
    assert len(plain) == 5, plain
    lines = dumped(molotov, STREAMS)
    prefixes = tuple(line.partition(" ")[0] for line in plain)
    assert [x for x in lines if x.startswith(prefixes)] == plain
    # Cut are three large responses, an upload, and two that have not ended.
    cut = [x for x in lines if x.endswith("…")]
    assert len(cut) >= 5
    assert max(map(len, lines)) <= 64 * 1024 + 1


SECRETS = """
    headers = {
        "Authorization": "Basic dXNlcg==", "X-Api-Key": "one", "Accept": "seen",
        "X-Auth-Token": "two", "Referer": "http://me:three@x/?token=four&a=5",
    }
    url = URL + "/cookies/set/name/six?api_key=seven&page=8&access%5Ftoken=nine"
    await session.get(url, headers=headers, cookies={"c": "ten"})
"""


def test_secrets_are_masked(molotov: Molotov, target: str) -> None:
    lines = dumped(molotov, SECRETS)
    shown = "\n".join(lines)
    secrets = "dXNlcg|one|two|three|four|name=six|seven|nine|ten"
    assert not re.search(rf"\b({secrets})\b", shown), shown
    path = "/cookies/set/name/six?api_key=***&page=8&access_token=***"
    assert f"GET {target}{path}" in lines
    assert "Authorization: ***" in lines
    assert "Referer: http://***@x/?token=***&a=5" in lines
    assert "Accept: seen" in lines
    assert "Cookie: ***" in lines
    assert "Set-Cookie: ***" in lines


def test_secrets_are_shown_when_asked_for(molotov: Molotov) -> None:
    lines = dumped(molotov, SECRETS, "--show-secrets")
    assert "Authorization: Basic dXNlcg==" in lines
    assert "Set-Cookie: name=six; Path=/" in lines
    assert "Cookie: c=ten" in lines
    assert "Referer: http://me:three@x/?token=four&a=5" in lines
    assert any("api_key=seven" in x for x in lines)


def test_listeners_hear_of_it_after_it_is_printed(molotov: Molotov) -> None:
    script = """
        @events()
        async def listen(event, **info):
            if event == "response_received":
                print("listener has", await info["response"].text())

        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                print("scenario has", await response.text())
    """
    lines = run_well(molotov, script, "-vv", "-r", "1")
    text = '{"result": "OK"}'
    bodies = [x for x in lines if text in x]
    assert bodies == [text, f"listener has {text}", f"scenario has {text}"]

"""What the engine counts of real runs, as the board has it at their end."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from board import ERRORS, Board
from commands import PATIENCE, Molotov, Result

SO_TIMESTAMPING = 37  # Python's socket has no name for it
# Where the last of the script's parts runs, all has been counted.
KEPT_BYTES = 1 << 20  # what comes behind is not in the parts
KEEP_THE_BOARD = f"""
@global_teardown()
def keep_the_board():
    import glob
    for link in glob.glob("/proc/self/fd/*"):
        if "molotov-board" in os.path.realpath(link):
            with open(link, "rb") as board, open("board", "wb") as kept:
                kept.write(board.read({KEPT_BYTES}))
"""


@dataclass
class Server:
    """One of the targets."""

    url: str
    options: list[str]  # with which the command trusts it


@pytest.fixture(params=["plain", "tls"])
def server(
    request: pytest.FixtureRequest, target: str, tls: tuple[str, Path]
) -> Server:
    if request.param == "plain":
        return Server(target, [])
    url, authority = tls
    return Server(url, ["--cacert", str(authority)])


@pytest.fixture(params=[1, 2])
def processes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(autouse=True)
def stamps() -> Iterator[None]:
    """The kernel makes none before somebody asks, and then not at once."""
    with (
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as receiver,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sender,
    ):
        software = (1 << 3) | (1 << 4)  # received, and said as such
        receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, software)
        receiver.bind(("127.0.0.1", 0))
        deadline = time.monotonic() + PATIENCE
        stamped = False
        while not stamped:
            assert time.monotonic() < deadline
            sender.sendto(b"x", receiver.getsockname())
            stamped = bool(receiver.recvmsg(1, 1024)[1])
        yield


def play(
    molotov: Molotov, server: Server, processes: int, script: str, *more: str
) -> tuple[Result, Board]:
    """Runs it on that server, as BASE; what it has counted."""
    result = molotov(
        f"BASE = {server.url!r}\n{script}{KEEP_THE_BOARD}",
        *("-p", str(processes), *server.options, *more),
        *("--report", "report.json"),
    )
    assert (result.status, result.stderr) == (0, ""), result
    board = Board(bytearray((molotov.folder / "board").read_bytes()))
    assert board.processes == processes
    return result, board


def timed(molotov: Molotov) -> int:
    """How many answers have a server time."""
    report = json.loads((molotov.folder / "report.json").read_text())
    return int(report["all_requests"]["server_time_seconds"]["count"])


def errors(board: Board) -> dict[str, int]:
    counts = {kind: board.total(kind) for kind in ERRORS}
    return {kind: count for kind, count in counts.items() if count}


WAYS = """
@scenario()
async def one(session):
    async def get(path="/"):
        async with session.get(BASE + path) as response:
            await response.read()

    await get()
    await session.post(BASE + "/echo", data="x" * 100)
    await get("/redirect/3")
    await asyncio.create_task(get())
    await asyncio.gather(get(), get(), asyncio.create_task(get()))
    async with asyncio.TaskGroup() as group:
        group.create_task(get())
    await asyncio.wait_for(get(), 60)
"""
A_RUN = 1 + 1 + 4 + 1 + 3 + 1 + 1


def test_each_request_counts_whoever_made_it(
    molotov: Molotov, server: Server, processes: int
) -> None:
    _, board = play(molotov, server, processes, WAYS, "-w", "2", "-r", "5")
    for index in range(processes):
        assert board.get("runs_succeeded", index) == 2 * 5
        assert board.get("requests", index) == 2 * 5 * A_RUN
    assert timed(molotov) == 2 * 5 * A_RUN * processes
    assert board.total("unstamped") == 0
    assert board.total("http_errors") == 0
    assert errors(board) == {}


def exchanged(target: str, seen: dict[str, object]) -> tuple[int, int]:
    """The sizes of a request to /headers, which has answered this, and of the
    answer: by making the same again, by hand."""
    fields = seen["headers"]
    assert isinstance(fields, dict)
    request = f"{seen['method']} {seen['target']} HTTP/1.1\r\n"
    request += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    to = urlsplit(target)
    with socket.create_connection((to.hostname, to.port)) as connection:
        connection.sendall(f"{request}\r\n".encode())
        answer = b""
        while not (whole := re.search(b"\r\n\r\n(.*})", answer)):
            answer += connection.recv(65536)
    assert json.loads(whole[1]) == seen
    return len(request) + 2, len(answer)


def test_bytes(
    molotov: Molotov, server: Server, processes: int, target: str
) -> None:
    """Those of HTTP, whatever TLS makes of them."""
    script = """
@scenario()
async def one(session):
    async with session.get(BASE + "/headers") as response:
        print(await response.text())
"""
    result, board = play(molotov, server, processes, script, "-r", "3")
    texts = [line for line in result.lines if line.startswith("{")]
    assert len(texts) == 3 * processes
    sizes = [exchanged(target, json.loads(text)) for text in texts]
    assert board.total("bytes_sent") == sum(sent for sent, _ in sizes)
    assert board.total("bytes_received") == sum(came for _, came in sizes)


# How a request fails, what the board calls it, and how many requests have been
# answered before on its way.
FAILURES = [
    ("session.get('http://does-not-exist.invalid/')", "dns", 0),
    ("session.get(REFUSES)", "refused", 0),
    ("session.get(NO_TLS)", "tls", 0),
    ("session.get(BASE + '/reset')", "reset", 0),
    ("closed(session)", "disconnected", 1),
    ("session.get(BASE + '/truncate')", "truncated", 0),
    ("session.get(BASE + '/garbage')", "malformed", 0),
    ("session.get(BASE + '/never', timeout=0.2)", "timeout", 0),
    ("asyncio.wait_for(session.get(BASE + '/never'), 0.2)", "cancelled", 0),
    ("session.get(BASE + '/redirect/20')", "other", 9),
]
EACH_FAILS = """
async def closed(session):
    await (await session.get(BASE + "/close-next")).read()
    return await session.post(BASE)  # which is not one to repeat

@scenario()
async def one(session):
    for ask in ASKED:
        try:
            async with await ask(session) as response:
                await response.read()
        except Exception as error:
            print(f"failed: {error!r}")
        else:
            print("did not fail")
"""


def test_errors_by_kind(
    molotov: Molotov, server: Server, processes: int, target: str
) -> None:
    asked = ",\n".join(f"lambda session: {ask}" for ask, _, _ in FAILURES)
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        script = (
            f"REFUSES = 'http://127.0.0.1:{held.getsockname()[1]}/'\n"
            f"NO_TLS = {target.replace('http', 'https')!r}\n"
            f"ASKED = [\n{asked}\n]\n{EACH_FAILS}"
        )
        result, board = play(molotov, server, processes, script, "-r", "1")
    assert "did not fail" not in result.lines, result
    kinds = [kind for _, kind, _ in FAILURES]
    assert errors(board) == dict.fromkeys(kinds, processes), result
    answered = sum(answered for _, _, answered in FAILURES)
    assert board.total("requests") == (len(kinds) + answered) * processes
    assert timed(molotov) == answered * processes


def test_answers_that_say_errors_are_answers(
    molotov: Molotov, server: Server, processes: int
) -> None:
    script = """
@scenario()
async def one(session):
    for status in (200, 304, 404, 500):
        async with session.get(f"{BASE}/status/{status}"): pass
"""
    _, board = play(molotov, server, processes, script, "-r", "2")
    assert board.total("http_errors") == 2 * 2 * processes
    assert board.total("requests") == 4 * 2 * processes
    assert timed(molotov) == 4 * 2 * processes
    assert errors(board) == {}

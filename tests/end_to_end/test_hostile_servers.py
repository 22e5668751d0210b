"""Servers and proxies that go wrong in every phase of an exchange: each raises
what it raises with aiohttp, and ten thousand of them leave nothing behind."""

import ast
import contextlib
import functools
import itertools
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from beside_aiohttp import answers
from commands import PROGRAMS
from hostile_server import ANSWERS, FRAMES, HELLOS, TUNNELS, UPGRADES

pytest.importorskip("aiohttp")

HERE = Path(__file__).resolve().parent
# Repetitions: what settles in the first ones, and those that may leave nothing.
FIRST = 2_000
MORE = 8_000
# Less than one allocation in eight repetitions, the smallest taking 32 bytes.
GROWTH_BYTES = 32 * 1024
# Far more than a busy machine takes.
PATIENCE = 900


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, int]]:
    """The ports of a hostile server."""
    folder = tmp_path_factory.mktemp("hostile")
    both = folder / "both.pem"
    command = "openssl req -x509 -nodes -subj /CN=localhost -newkey ec"
    curve = "-pkeyopt ec_paramgen_curve:prime256v1"
    files = f"-keyout {both}.key -out {both}.crt"
    subprocess.run(
        f"{command} {curve} {files}".split(), check=True, capture_output=True
    )
    both.write_bytes(
        Path(f"{both}.key").read_bytes() + Path(f"{both}.crt").read_bytes()
    )
    with subprocess.Popen(
        [sys.executable, HERE / "hostile_server.py", both],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        assert server.stdin is not None
        server.stdin.close()


def never_ends(name: str) -> bool:
    return "silence" in name or name == "interim"


@contextlib.contextmanager
def resetting_server() -> Iterator[int]:
    """Its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                at_once = struct.pack("ii", 1, 0)
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


# How an answer is come by: the names, and a request for one of them.
def plain(ports: dict[str, int], name: str) -> tuple[str, dict[str, Any]]:
    return f"http://127.0.0.1:{ports['plain']}/answers/{name}", {}


def over_tls(ports: dict[str, int], name: str) -> tuple[str, dict[str, Any]]:
    return f"https://127.0.0.1:{ports['tls']}/answers/{name}", {"ssl": False}


def at_once(ports: dict[str, int], name: str) -> tuple[str, dict[str, Any]]:
    """In the middle of TLS's handshake."""
    return f"https://127.0.0.1:{ports[name]}/", {"ssl": False}


def proxied(ports: dict[str, int], name: str) -> tuple[str, dict[str, Any]]:
    proxy = f"http://127.0.0.1:{ports['plain']}"
    return f"http://a.test/answers/{name}", {"proxy": proxy}


def tunnelled(ports: dict[str, int], name: str) -> tuple[str, dict[str, Any]]:
    """By its label, a hostile tunnel; else a hostile server behind one."""
    proxy = f"http://127.0.0.1:{ports['plain']}"
    url = f"https://{name}.test/answers/{name}"
    return url, {"proxy": proxy, "ssl": False}


WAYS = {
    "plain": (plain, ANSWERS),
    "tls": (over_tls, ANSWERS),
    "hello": (at_once, HELLOS),
    "proxy": (proxied, ANSWERS),
    "tunnel": (tunnelled, [*TUNNELS, *ANSWERS.keys() - TUNNELS]),
}

# Ours is not aiohttp's there: what the server promised and did not send is an
# error, and what it sent beyond is nobody's; what a proxy sends before TLS has
# begun, aiohttp drops; and of the last two it says that it cannot decode them.
OTHERWISE = (
    "half-gzip",
    "unbounded-body-reset",
    "long-body",
    "opened-garbage",
    "bad-br",
    "bad-zstd",
)
SAME_TEXT = (
    "nothing",
    "large-head",
    "short-body",
    "body-reset",
    "chunks-reset",
    "half-chunk",
    "no-last-chunk",
    "bad-gzip",
    "bad-deflate",
    "redirects",
    "redirect-nowhere",
    "redirect-other-protocol",
)
ASK = """
    def kind(error):
        known = vars(aiohttp).values()
        names = [c.__name__ for c in type(error).__mro__ if c in known]
        return (names or [type(error).__name__])[0]
    try:
        async with session.get({url!r}, **{options!r}) as r:
            return r.status, len(await r.read())
    except Exception as error:
        return kind(error), getattr(error, "status", None), str(error)
"""
AT_HAND = """
import aiohttp, warnings
warnings.simplefilter("ignore")
"""


@pytest.fixture(scope="module")
def beside(
    tmp_path_factory: pytest.TempPathFactory,
    target: str,
    hostile: dict[str, int],
) -> Callable[[str], dict[str, tuple[str, str]]]:
    """What came of all of a way's, with ours and with aiohttp."""

    @functools.cache
    def made(way: str) -> dict[str, tuple[str, str]]:
        asked = {}
        come_by, names = WAYS[way]
        for name in names:
            url, options = come_by(hostile, name)
            if never_ends(name):
                options["timeout"] = 0.5
            asked[name] = ASK.format(url=url, options=options)
        folder = tmp_path_factory.mktemp("beside")
        return answers(folder, target, asked, AT_HAND)

    return made


@pytest.mark.parametrize(
    ("way", "name"),
    [(way, name) for way, (_, names) in WAYS.items() for name in names],
)
def test_it_is_as_with_aiohttp(
    beside: Callable[[str], dict[str, tuple[str, str]]], way: str, name: str
) -> None:
    ours, theirs = map(ast.literal_eval, beside(way)[name])
    if name in OTHERWISE:
        assert ours[0] != theirs[0]
    elif name in SAME_TEXT and (way != "tunnel" or name not in TUNNELS):
        assert ours == theirs
    else:
        assert ours[:2] == theirs[:2]


def repeat(
    folder: Path, rows: dict[str, Any], first: int, more: int
) -> dict[str, Any]:
    """What came of so many repetitions of each row, and what they left."""
    results = folder / "results.json"
    done = subprocess.run(
        [PROGRAMS / "molotov", HERE / "hostile_client.py", "-r", "1"],
        cwd=folder,
        env=os.environ
        | {
            "HOSTILE": json.dumps(
                {
                    "rows": rows,
                    "first": first,
                    "more": more,
                    "bound": GROWTH_BYTES,
                    "results": str(results),
                }
            ),
            # Each allocation is one of malloc(), and a free one counts as such.
            "PYTHONMALLOC": "malloc",
            "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "SUCCESSES: 1" in done.stdout, done
    return dict(json.loads(results.read_text()))


def leaves_nothing(result: dict[str, Any]) -> None:
    assert result["descriptors"] <= 0, result
    assert result["bytes"][-1] < GROWTH_BYTES, result


def row(
    ports: dict[str, int], way: str, name: str, patience: float
) -> tuple[str, str, dict[str, Any]]:
    url, options = WAYS[way][0](ports, name)
    return (
        "ask",
        url,
        options | ({"timeout": patience} if never_ends(name) else {}),
    )


def websocket(
    ports: dict[str, int], kind: str, name: str, *, tls: bool = False
) -> tuple[str, str, dict[str, Any]]:
    options: dict[str, Any] = {"ssl": not tls}
    if "deflate" in name or "extension" in name:
        options |= {"compress": 15, "max_msg_size": 1 << 16}
    if never_ends(name):
        options["timeout"] = 0.03
    scheme, port = ("wss", "tls") if tls else ("ws", "plain")
    return (
        "receive",
        f"{scheme}://127.0.0.1:{ports[port]}/{kind}/{name}",
        options,
    )


# What is met in turn, ten thousand times in all: the phases of an answer, of a
# WebSocket, and the ways to have one.
PHASES = {
    "no answer": ["nothing", "nothing-reset", "nothing-silence"],
    "status line": ["half-line", "half-line-reset", "half-line-silence"],
    "no HTTP": ["garbage", "binary", "bad-length"],
    "head": ["half-head", "half-head-reset", "large-head", "large-field"],
    "length": ["short-body", "long-body", "body-reset", "body-silence"],
    "no length": ["unbounded-body-reset", "chunks-reset", "unasked-upgrade"],
    "chunks": ["bad-chunk", "huge-chunk", "long-chunk", "half-chunk"],
    "their end": ["no-last-chunk", "interim-close", "interim-silence"],
    "coding": ["bad-gzip", "half-gzip", "bad-deflate", "bad-br", "bad-zstd"],
    "redirects": ["redirects"],
    "redirect": [name for name in ANSWERS if name.startswith("redirect-")],
}
MESSAGES = {
    "close": ["closed", "reset", "bad-close", "bad-close-code"],
    "frame": ["masked", "bad-opcode", "bad-control", "reserved-bit"],
    "control frame": ["compressed-unasked", "long-ping", "half-ping"],
    "fragments": ["continued-nothing", "interrupted-text", "half-frame"],
    "half a frame": ["half-frame-reset", "huge-length", "too-big"],
    "text": ["bad-text", "bad-close-text", "bad-deflate", "deflate-bomb"],
}
OTHER_WAYS = ("tls", "hello", "proxy", "tunnel")


def answer_rows(ports: dict[str, int]) -> dict[str, Any]:
    return {
        phase: [row(ports, "plain", name, 0.03) for name in names]
        for phase, names in PHASES.items()
    }


def websocket_rows(ports: dict[str, int]) -> dict[str, Any]:
    rows = {
        phase: [websocket(ports, "frames", name) for name in names]
        for phase, names in MESSAGES.items()
    }
    opening = [websocket(ports, "upgrade", name) for name in UPGRADES]
    return {"opening": opening, **rows}


def other_rows(ports: dict[str, int]) -> dict[str, Any]:
    rows = {
        way: [
            row(ports, way, name, 0.3)
            for name in WAYS[way][1]
            if name not in ("interim", "redirects")
        ]
        for way in OTHER_WAYS
    }
    return rows | {
        "wss": [websocket(ports, "frames", n, tls=True) for n in FRAMES]
    }


@pytest.fixture(scope="module")
def repeated(
    tmp_path_factory: pytest.TempPathFactory, hostile: dict[str, int]
) -> Callable[[Any], dict[str, Any]]:
    @functools.cache
    def made(rows: Callable[[dict[str, int]], Any]) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("repeated")
        return repeat(folder, rows(hostile), FIRST, MORE)

    return made


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("rows", "phase"),
    [(answer_rows, phase) for phase in PHASES]
    + [(websocket_rows, phase) for phase in ("opening", *MESSAGES)]
    + [(other_rows, way) for way in (*OTHER_WAYS, "wss")],
)
def test_ten_thousand_leave_nothing_behind(
    repeated: Callable[[Any], dict[str, Any]],
    rows: Callable[[dict[str, int]], Any],
    phase: str,
) -> None:
    result = repeated(rows)[phase]
    leaves_nothing(result)
    assert sum(result["seen"].values()) >= FIRST + MORE


def test_each_is_among_them() -> None:
    assert sorted(itertools.chain(*PHASES.values())) == sorted(ANSWERS)
    assert sorted(itertools.chain(*MESSAGES.values())) == sorted(FRAMES)


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("interim", "TimeoutError"),
        ("trailers", "ClientResponseError"),
        ("bomb", "ClientResponseError"),
    ],
)
def test_what_does_not_end(
    tmp_path: Path, hostile: dict[str, int], name: str, raised: str
) -> None:
    """Is cut off in time, or by a bound."""
    ways = {
        "direct": f"http://127.0.0.1:{hostile['plain']}/endless/{name}",
        "tls": f"https://127.0.0.1:{hostile['tls']}/endless/{name}",
    }
    options = {"ssl": False, "timeout": 1 if name == "interim" else 300}
    rows = {way: [("ask", url, options)] for way, url in ways.items()}
    for result in repeat(tmp_path, rows, 1, 1).values():
        assert result["descriptors"] <= 0
        (seen,) = result["seen"]
        assert seen.startswith(raised), result


def test_a_proxy_s_interim_answers_without_end(
    tmp_path: Path, hostile: dict[str, int]
) -> None:
    """They kept time-outs from their turn."""
    rows = {"": [row(hostile, "tunnel", "interim", 0.5)]}
    (result,) = repeat(tmp_path, rows, 5, 5).values()
    leaves_nothing(result)
    (seen,) = result["seen"]
    assert seen.startswith("TimeoutError"), result


@pytest.mark.timeout(600)
def test_nobody_is_there(tmp_path: Path) -> None:
    """Ten thousand times."""
    with socket.socket() as silent:  # whose port is nobody else's meanwhile
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        rows = {"": [("ask", f"http://127.0.0.1:{port}/", {})]}
        (result,) = repeat(tmp_path, rows, FIRST, MORE).values()
    leaves_nothing(result)
    (seen,) = result["seen"]
    assert seen.startswith("ClientConnectorError: Cannot connect"), result


@pytest.mark.timeout(600)
def test_a_reset_at_once(tmp_path: Path) -> None:
    """As soon as it is accepted, ten thousand times."""
    with resetting_server() as port:
        rows = {
            "plain": [("ask", f"http://127.0.0.1:{port}/", {})],
            "tls": [("ask", f"https://127.0.0.1:{port}/", {"ssl": False})],
        }
        results = repeat(tmp_path, rows, FIRST, MORE)
    for result in results.values():
        leaves_nothing(result)
    # Connecting, writing or reading may be first to see it.
    assert all(x.startswith("Client") for x in results["plain"]["seen"])
    assert all(x.startswith("ClientConn") for x in results["tls"]["seen"])

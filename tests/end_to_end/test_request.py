"""molotov.request() and json_request(): from plain code, from fixtures, and
inside a running loop."""

import asyncio
import socket
import sys
import threading
from pathlib import Path

import pytest
from commands import Molotov, run

import molotov as package
from molotov import _blocking
from molotov.exceptions import ClientConnectorError, ContentTypeError


def test_what_comes_back(target: str) -> None:
    answer = package.request(target + "/status/404")
    assert answer.keys() == {"content", "status", "headers"}
    assert answer["status"] == 404
    assert answer["headers"]["SERVER"] == "molotarget"
    text = package.request(target)["content"]
    assert text == '{"result": "OK"}'
    assert package.json_request(target)["content"] == {"result": "OK"}


@pytest.mark.parametrize("verb", ["POST", "post", "Post"])
def test_options_of_the_request(target: str, verb: str) -> None:
    url = target + "/echo"
    answer = package.request(url, verb, json={"a": 1})
    assert answer["content"] == '{"a": 1}'
    answer = package.json_request(url, verb, json=[2])
    assert answer["content"] == [2]
    assert package.request(url, verb, data="x")["content"] == "x"


def test_options_of_the_session(target: str) -> None:
    answer = package.json_request(
        target + "/headers", session_options={"headers": {"X-One": "1"}}
    )
    assert answer["content"]["headers"]["X-One"] == "1"


def test_what_is_raised(target: str) -> None:
    with pytest.raises(ClientConnectorError):
        package.request("http://127.0.0.1:1/")
    with pytest.raises(ContentTypeError):
        package.json_request(target + "/echo", "POST", data="[]")
    with pytest.raises(AttributeError):
        package.request(target, "brew")
    with pytest.raises(TypeError):
        package.request(target, session_options={"nonsense": 1})


def test_an_answer_that_does_not_come(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_blocking, "SECONDS_AT_MOST", 0.1)
    with pytest.raises(TimeoutError, match=r"GET .*/never: no answer in 0.1 s"):
        package.request(target + "/never")


HOLDS = """
import os, sys
import molotov
from molotov import _blocking

def held():
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

target = sys.argv[1]
molotov.request(target)  # what the first one imports, and opens, stays
# The kernel may still be ending a thread that has been joined, here and below.
while (before := held())[1] > 1:
    pass
_blocking.SECONDS_AT_MOST = 0.1
kept = []
for url, verb in (
    (target, "GET"),
    (target, "brew"),
    (target + "/never", "GET"),
    ("http://127.0.0.1:1/", "GET"),
    ("http://does-not-exist.invalid/", "GET"),
    ("nonsense", "GET"),
):
    try:
        kept.append(molotov.request(url, verb))
    except Exception as error:
        kept.append(error)
assert len(kept) == 6
while held() != before:
    pass
"""


def test_nothing_stays(target: str, tmp_path: Path) -> None:
    """Descriptors and threads, even when errors are kept with the frames that
    they have passed. In a process of its own: nobody else opens any there."""
    result = run(tmp_path, sys.executable, "-P", "-c", HOLDS, target)
    assert (result.status, result.stderr) == (0, ""), result


def test_other_threads_run_meanwhile(target: str) -> None:
    """While one waits, another is served: both have an engine."""
    statuses = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread = threading.Thread(
            target=lambda: statuses.append(package.request(url)["status"])
        )
        thread.start()
        connection, _ = server.accept()
        assert package.request(target)["status"] == 200
        with connection:
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            thread.join()
    assert statuses == [204]


def test_inside_a_running_loop(target: str) -> None:
    async def ask() -> int:
        return int(package.request(target)["status"])

    assert asyncio.run(ask()) == 200


EVERYWHERE = """
def ask(where):
    answer = json_request(URL + "/echo", "POST", json={"where": where})
    print(answer["content"]["where"])

@global_setup()
def init(args):
    ask("global_setup")

@setup()
async def init_worker(worker_id, args):
    ask("setup")

@setup_session()
async def init_session(worker_id, session):
    ask("setup_session")

@scenario()
async def one(session):
    ask("scenario")
    async with session.get(URL) as response:
        assert response.status == 200
    answer = await asyncio.to_thread(request, URL)
    assert answer["status"] == 200

@teardown_session()
async def end_session(worker_id, session):
    ask("teardown_session")

@teardown()
def end_worker(worker_id):
    ask("teardown")

@global_teardown()
def end():
    ask("global_teardown")
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_in_every_part_of_a_script(molotov: Molotov, processes: int) -> None:
    result = molotov(EVERYWHERE, "-r", "3", "-p", str(processes))
    assert (result.status, result.stderr) == (0, "")
    assert f"SUCCESSES: {3 * processes} | FAILURES: 0" in result.stdout
    for where, times in {
        "global_setup": 1,
        "setup": processes,
        "setup_session": processes,
        "scenario": 3 * processes,
        "teardown_session": processes,
        "teardown": processes,
        "global_teardown": 1,
    }.items():
        assert result.lines.count(where) == times, result


def test_it_connects_as_the_run_does(molotov: Molotov, target: str) -> None:
    script = """
@global_setup()
def init(args):
    print(request("http://elsewhere.invalid/")["status"])

@scenario()
async def one(session): pass
"""
    led = "elsewhere.invalid:80:" + target.removeprefix("http://")
    result = molotov(script, "-r", "1", "--connect-to", led)
    assert (result.status, result.stderr) == (0, "")
    assert "200" in result.lines


def test_importing_does_not_start_anything(tmp_path: Path) -> None:
    script = "import sys, molotov; print('asyncio' in sys.modules)"
    result = run(tmp_path, sys.executable, "-P", "-c", script)
    assert (result.status, result.stdout) == (0, "False\n"), result

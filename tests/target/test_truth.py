"""The server's own record of how long its answers took."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
import time
from pathlib import Path


def truth(connection, fetch) -> dict[str, float]:
    status, body = fetch(connection, "/truth")
    assert status == 200
    told: dict[str, float] = json.loads(body)
    return told


def forget(connection) -> None:
    connection.request("POST", "/truth/reset")
    assert connection.getresponse().read() == b'{"result": "OK"}'


def await_stamps(connection, fetch) -> None:
    """The kernel needs a moment to begin with them, where nobody had any."""
    for _ in range(10_000):
        forget(connection)
        fetch(connection, "/")
        if truth(connection, fetch)["unstamped"] == 0:
            break
    forget(connection)


def plain(target) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)


def test_there_is_none_unless_asked_for(start, fetch):
    assert fetch(plain(start()), "/truth")[0] == 404


def test_tells_of_each_answer_what_it_took(start, fetch):
    target = start("--truth")
    connection = plain(target)
    await_stamps(connection, fetch)
    seen = []
    for path in ["/", "/delay/0.5", "/delay/3", "/bimodal/1/8/1"]:
        began = time.monotonic()
        fetch(connection, path)
        seen.append(time.monotonic() - began)
    status, body = fetch(connection, "/truth/times")
    assert status == 200
    times = [int(line) / 1e9 for line in body.splitlines()]
    assert len(times) == 4
    for least, time_taken, most in zip(
        [0, 0.0005, 0.003, 0.008], times, seen, strict=True
    ):
        assert least <= time_taken <= most

    told = truth(connection, fetch)
    assert told["count"] == 4
    assert told["dropped"] == told["unstamped"] == 0
    assert told["min_seconds"] == min(times)
    assert told["p50_seconds"] == sorted(times)[1]
    assert told["p99.9_seconds"] == told["max_seconds"] == max(times)


def test_a_reset_begins_it_anew(start, fetch):
    connection = plain(start("--truth"))
    fetch(connection, "/")
    forget(connection)
    told = truth(connection, fetch)
    assert told["count"] == 0
    assert told["p50_seconds"] is None


def test_processes_have_one_record(start, fetch):
    target = start("--truth", "--processes", "3")
    for _ in range(30):
        assert fetch(plain(target), "/")[0] == 200
    assert truth(plain(target), fetch)["count"] == 30
    forget(plain(target))
    assert truth(plain(target), fetch)["count"] == 0
    for _ in range(10):
        assert fetch(plain(target), "/")[0] == 200
    assert truth(plain(target), fetch)["count"] == 10


def test_tls_is_stamped(start, fetch):
    target = start("--truth", "--tls")
    connection = http.client.HTTPSConnection(
        "localhost",
        target.port,
        timeout=60,
        context=ssl.create_default_context(cafile=str(target.authority)),
    )
    await_stamps(connection, fetch)
    for _ in range(5):
        fetch(connection, "/")
    told = truth(connection, fetch)
    assert (told["count"], told["unstamped"]) == (5, 0)


def test_a_unix_socket_has_no_stamps(start, fetch, unix_connection, tmp_path):
    path = tmp_path / "socket"
    start("--truth", "--unix", str(path))
    connection = unix_connection(path)
    fetch(connection, "/")
    told = truth(connection, fetch)
    assert (told["count"], told["unstamped"]) == (1, 1)


def wait_until_stopped(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        if state.split()[0] == "T":
            return
        time.sleep(0.001)
    raise AssertionError("it does not stop")


def test_a_stopped_server_owes_the_time(start, fetch):
    target = start("--truth")
    connection = plain(target)
    await_stamps(connection, fetch)
    target.process.send_signal(signal.SIGSTOP)
    wait_until_stopped(target.process.pid)
    connection.request("GET", "/")
    asked = time.monotonic()
    time.sleep(0.05)
    waited = time.monotonic() - asked
    target.process.send_signal(signal.SIGCONT)
    assert connection.getresponse().read() == b'{"result": "OK"}'
    assert truth(connection, fetch)["max_seconds"] >= waited


def test_a_freeze_is_in_the_times_of_the_others(start, fetch):
    target = start("--truth")
    freezing, other = plain(target), plain(target)
    fetch(freezing, "/stats")
    await_stamps(other, fetch)
    began = time.monotonic()
    freezing.request("GET", "/freeze/200")
    other.request("GET", "/")
    asked = time.monotonic()
    assert freezing.getresponse().read() == b'{"result": "OK"}'
    assert other.getresponse().read() == b'{"result": "OK"}'
    told = truth(other, fetch)
    assert told["count"] == 1
    assert told["max_seconds"] >= 0.2 - (asked - began)

"""The program as its users meet it: what it prints, serves and leaves."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

OK = (200, b'{"result": "OK"}')


def plain(target) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)


def trusting(target) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(target.authority))


def gone(pid: int) -> bool:
    """Whether a process ends; one that nobody waited for has ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):  # before, or meanwhile
            return True
        if state.split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


def children(target) -> list[int]:
    pid = target.process.pid
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def test_serves_at_the_url_that_it_prints(start, fetch):
    target = start()
    assert target.url == f"http://127.0.0.1:{target.port}/"
    connection = plain(target)
    assert fetch(connection, "/") == OK
    connection.request("POST", "/", body=b'{"OK": 1}')
    assert json.loads(connection.getresponse().read()) == {"result": "OK"}


def test_listens_on_ipv6(start, fetch):
    target = start("--host", "::1")
    assert target.url == f"http://[::1]:{target.port}/"
    connection = http.client.HTTPConnection("::1", target.port, timeout=60)
    assert fetch(connection, "/") == OK


def test_takes_the_port_that_it_is_given(start):
    port = start().port
    again = start("--port", str(port))
    assert again.url == ""
    assert again.process.wait(60) == 1
    message = again.process.stderr.read()
    assert message.count("\n") == 1
    assert f"127.0.0.1:{port}: Address already in use" in message


@pytest.mark.parametrize("processes", ["1", "3"])
def test_a_taken_port_is_not_shared(start, processes):
    port = start("--processes", processes).port
    again = start("--port", str(port), "--processes", "2")
    assert again.process.wait(60) == 1
    assert "Address already in use" in again.process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--nope"], "unknown argument '--nope'"),
        (["--port", "many"], "--port: 'many' is not a number"),
        (["--host"], "--host: needs a value"),
        (["--name", "example.com"], "--name needs --tls"),
    ],
)
def test_wrong_options(molotarget, arguments, problem):
    done = subprocess.run(
        [molotarget, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"molotarget: {problem}")
    assert done.stderr.count("\n") == 1


def test_a_host_that_is_no_address(molotarget):
    done = subprocess.run(
        [molotarget, "--host", "not an address"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("molotarget: ")
    assert "not an address" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(molotarget, option):
    done = subprocess.run(
        [molotarget, option], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith("usage: molotarget")
    assert done.stderr == ""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
)
@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_signal_ends_it_at_once(
    start, fetch, unix_connection, tmp_path, number, processes
):
    path = tmp_path / "socket"
    target = start(
        "--tls",
        "--unix",
        str(path),
        "--processes",
        processes,
        TMPDIR=str(tmp_path),
    )
    assert len(list(tmp_path.iterdir())) == 2
    waiting = unix_connection(path)
    waiting.connect()  # shakes no hands
    pids = children(target)
    assert len(pids) == (0 if processes == "1" else int(processes))
    assert target.end(number) == 0
    assert target.process.stderr.read() == ""
    assert list(tmp_path.iterdir()) == []
    assert all(gone(pid) for pid in pids)


def test_a_request_without_answer_does_not_hold_it(start):
    target = start()
    connection = plain(target)
    connection.request("GET", "/never")
    other = plain(target)
    other.request("GET", "/json")
    other.getresponse().read()
    assert target.end(signal.SIGTERM) == 0


class TestTls:
    def test_is_trusted_by_the_printed_authority(self, start, fetch):
        target = start("--tls", "--name", "example.com")
        assert target.url == f"https://127.0.0.1:{target.port}/"
        context = trusting(target)
        for name in ["example.com", "127.0.0.1", "::1"]:
            raw = socket.create_connection(("127.0.0.1", target.port), 60)
            with context.wrap_socket(raw, server_hostname=name) as stream:
                connection = plain(target)
                connection.sock = stream
                assert fetch(connection, "/") == OK
                assert len(fetch(connection, "/bytes/3000000")[1]) == 3000000

    def test_is_for_localhost_by_default(self, start, fetch):
        target = start("--tls")
        connection = http.client.HTTPSConnection(
            "localhost", target.port, timeout=60, context=trusting(target)
        )
        assert fetch(connection, "/") == OK

    def test_is_not_trusted_otherwise(self, start):
        target = start("--tls")
        connection = http.client.HTTPSConnection(
            "127.0.0.1",
            target.port,
            timeout=60,
            context=ssl.create_default_context(),
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            connection.connect()

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("expired", 10),  # X509_V_ERR_CERT_HAS_EXPIRED
            ("wrong-host", 62),  # X509_V_ERR_HOSTNAME_MISMATCH
            ("self-signed", 18),  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
        ],
    )
    def test_bad_certificates(self, start, fetch, kind, code):
        target = start("--tls", "--certificate", kind)
        connection = http.client.HTTPSConnection(
            "localhost", target.port, timeout=60, context=trusting(target)
        )
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            connection.connect()
        assert refused.value.verify_code == code
        unverified = http.client.HTTPSConnection(
            "localhost",
            target.port,
            timeout=60,
            context=ssl._create_unverified_context(),
        )
        assert fetch(unverified, "/") == OK

    def test_authority_file_goes_where_temporary_files_go(
        self, start, tmp_path
    ):
        target = start("--tls", TMPDIR=str(tmp_path))
        assert target.authority is not None
        assert target.authority.parent == tmp_path
        assert "PRIVATE" not in target.authority.read_text()

    def test_resets_without_good_bye(self, start):
        target = start("--tls")
        raw = socket.create_connection(("127.0.0.1", target.port), 60)
        with trusting(target).wrap_socket(
            raw, server_hostname="localhost", suppress_ragged_eofs=False
        ) as stream:
            stream.sendall(b"GET /reset HTTP/1.1\r\nHost: t\r\n\r\n")
            with pytest.raises((ssl.SSLEOFError, ConnectionResetError)):
                stream.recv(1)

    def test_who_speaks_no_tls_does_not_disturb(self, start, fetch):
        target = start("--tls")
        with socket.create_connection(("127.0.0.1", target.port), 60) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while raw.recv(4096):
                pass
        connection = http.client.HTTPSConnection(
            "localhost", target.port, timeout=60, context=trusting(target)
        )
        assert fetch(connection, "/") == OK


class TestUnix:
    def test_serves_at_a_path(self, start, fetch, unix_connection, tmp_path):
        path = tmp_path / "a socket"
        target = start("--unix", str(path))
        quoted = str(path).replace("/", "%2F").replace(" ", "%20")
        assert target.url == f"http+unix://{quoted}/"
        assert fetch(unix_connection(path), "/") == OK

    def test_replaces_what_a_killed_one_left(
        self, start, fetch, unix_connection, tmp_path
    ):
        path = tmp_path / "socket"
        start("--unix", str(path)).stop()
        assert path.exists()
        start("--unix", str(path))
        assert fetch(unix_connection(path), "/") == OK

    def test_does_not_replace_a_file(self, start, tmp_path):
        path = tmp_path / "socket"
        path.write_text("precious")
        target = start("--unix", str(path))
        assert target.process.wait(60) == 1
        assert str(path) in target.process.stderr.read()
        assert path.read_text() == "precious"


class TestProcesses:
    def test_share_the_port_and_sum_their_counts(self, start, fetch):
        target = start("--processes", "3")
        assert len(children(target)) == 3
        for _ in range(60):
            assert fetch(plain(target), "/") == OK
        assert fetch(plain(target), "/stats") == (
            200,
            b'{"requests": 60, "connections": 60}',
        )

    def test_share_a_unix_socket(self, start, fetch, unix_connection, tmp_path):
        path = tmp_path / "socket"
        start("--unix", str(path), "--processes", "2")
        for _ in range(20):
            assert fetch(unix_connection(path), "/") == OK

    def test_all_end_when_one_is_killed(self, start):
        target = start("--processes", "3")
        pids = children(target)
        os.kill(pids[1], signal.SIGKILL)
        assert target.process.wait(60) == 1
        assert target.process.stderr.read() == (
            f"molotarget: process 2 (pid {pids[1]}) was killed by SIGKILL\n"
        )
        assert all(gone(pid) for pid in pids)

    def test_all_end_when_the_first_is_killed(self, start):
        target = start("--processes", "3")
        pids = children(target)
        target.process.kill()
        assert all(gone(pid) for pid in pids)


def test_more_clients_than_one_turn_accepts(start):
    target = start()
    clients = [
        socket.create_connection(("127.0.0.1", target.port), 60)
        for _ in range(600)
    ]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
    for client in clients:
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
        client.close()


def test_an_endless_download_leaves_the_others_their_turn(start, fetch):
    target = start()
    reader = plain(target)
    reader.request("GET", "/bytes/1000000000000")
    answer = reader.getresponse()
    stopped = threading.Event()

    def read() -> None:
        while not stopped.is_set():
            answer.read(1 << 20)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for _ in range(20):
            assert fetch(plain(target), "/") == OK
    finally:
        stopped.set()
        thread.join()

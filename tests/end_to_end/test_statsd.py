"""--statsd: what a server is sent, on a real socket."""

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from commands import Molotov, Result

SO_RCVBUFFORCE = 33  # Python's socket has no name for it
BUFFER_BYTES = 1 << 22
HOSTNAME = socket.gethostname()
SCENARIO = f"molotov.{HOSTNAME}.scenario."
ONE_GET = """
@scenario()
async def one(session):
    async with session.get(URL + "/") as response:
        await response.read()
"""


class Server:
    """A StatsD server: it keeps each datagram, and whom it came from. Who asks
    b"?" is answered, once all before it is read."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._set_buffer(SO_RCVBUFFORCE)
        except PermissionError:
            self._set_buffer(socket.SO_RCVBUF)
        self._socket.bind((host, 0))
        self.port = self._socket.getsockname()[1]
        self._seen: list[tuple[str, object]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _set_buffer(self, option: int) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)

    @property
    def room(self) -> int:
        """How many datagrams the kernel keeps where this has no turn: a small
        one takes less than a KiB."""
        size = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        return size // 1024

    def _read(self) -> None:
        while True:
            datagram, sender = self._socket.recvfrom(1 << 16)
            if datagram == b"end":
                return
            if datagram == b"?":
                self._socket.sendto(b"!", sender)
                continue
            self._seen.append((datagram.decode(), sender))

    def stop(self) -> None:
        """Reads what has been sent to it, and no more."""
        if not self._thread.is_alive():
            return
        with closing(
            socket.socket(self._socket.family, socket.SOCK_DGRAM)
        ) as s:
            s.sendto(b"end", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        return f"udp://127.0.0.1:{self.port}"

    @property
    def metrics(self) -> list[str]:
        """But for those of scenarios: as they came, times as T."""
        self.stop()
        texts = [text for text, _ in self._seen if SCENARIO not in text]
        return [re.sub(r":\d+\|ms", ":T|ms", text) for text in texts]

    @property
    def runs(self) -> Counter[str]:
        """What those of scenarios add up to."""
        self.stop()
        sums: Counter[str] = Counter()
        for text, _ in self._seen:
            if found := re.fullmatch(rf"{SCENARIO}(.+):(\d+)\|c", text):
                sums[found[1]] += int(found[2])
        return sums

    @property
    def senders(self) -> set[object]:
        self.stop()
        return {sender for _, sender in self._seen}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(socket.AF_INET, "127.0.0.1")
    yield made
    made.stop()


def run(molotov: Molotov, server: Server, script: str, *more: str) -> Result:
    result = molotov(
        script, "--statsd", "--statsd-address", server.address, *more
    )
    assert (result.status, result.stderr) == (0, ""), result
    return result


def of_request(path: str, status: int = 200, method: str = "GET") -> list[str]:
    name = f"molotov.{HOSTNAME}.{method}.127.0.0.1.{path}"
    return [f"{name}:T|ms", f"{name}.{status}:1|c"]


# --- Requests -----------------------------------------------------------------


@pytest.mark.parametrize("processes", [1, 2])
def test_each_request(molotov: Molotov, server: Server, processes: int) -> None:
    sizes = ["-p", str(processes), "-w", "3", "-r", "5"]
    run(molotov, server, ONE_GET, *sizes)
    expected = Counter(of_request("/") * (processes * 3 * 5))
    assert Counter(server.metrics) == expected
    # One socket a process, however many workers it has.
    assert len(server.senders) == processes


def test_names_and_statuses(molotov: Molotov, server: Server) -> None:
    run(
        molotov,
        server,
        """
        @scenario()
        async def one(session):
            odd = ("/a%20b", "/a:b|c%0Ad", "/caf\u00e9")
            for path in ("/status/404?a=b", *odd):
                await session.get(URL + path)
            await session.post(URL + "/echo", data="x")
            await session.get(URL + "/redirect/2")
            await session.get(URL + "/redirect/1", allow_redirects=False)
        """,
        *("-r", "1"),
    )
    assert sorted(server.metrics) == sorted(
        [
            *of_request("/status/404", 404),
            *of_request("/a_b", 404),
            *of_request("/a_b_c_d", 404),
            *of_request("/caf\u00e9", 404),
            *of_request("/echo", 200, "POST"),
            *of_request("/redirect/2"),
            *of_request("/redirect/1", 302),
        ]
    )


def test_times_are_whole_milliseconds(molotov: Molotov, server: Server) -> None:
    run(
        molotov,
        server,
        """
        @scenario()
        async def one(session):
            await session.get(URL + "/delay/40")
        """,
        *("-r", "1"),
    )
    server.stop()
    times = [re.search(r":(\d+)\|ms$", text) for text, _ in server._seen]
    assert [int(found[1]) >= 40 for found in times if found] == [True]


def test_failed_requests(molotov: Molotov, server: Server) -> None:
    run(
        molotov,
        server,
        """
        @scenario()
        async def one(session):
            try:
                await session.get("http://127.0.0.1:1/")
            except OSError:
                pass
        """,
        *("-r", "3"),
    )
    failed = f"molotov.{HOSTNAME}.GET.127.0.0.1./.error:1|c"
    assert server.metrics == [failed] * 3


def test_too_many_names(molotov: Molotov, server: Server) -> None:
    result = molotov(
        f"""
        import socket

        @scenario()
        async def one(session):
            asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            asker.connect(("127.0.0.1", {server.port}))
            for i in range(1200):
                async with session.get(f"{{URL}}/status/200/{{i}}"):
                    pass
                if i % 100 == 0:  # or they come faster than they are read
                    asker.send(b"?")
                    asker.recv(1)
            asker.close()
        """,
        *("--statsd", "--statsd-address", server.address, "-r", "1"),
    )
    assert result.status == 0
    assert result.stderr == (
        f"molotov: --statsd-address {server.address}: there are more than 1000 "
        "different requests; others are sent as 'other'\n"
    )
    names = {text.split(":")[0] for text in server.metrics}
    times = {n for n in names if not re.search(r"\.[1-5]\d\d$", n)}
    assert len(times) == 1001
    assert f"molotov.{HOSTNAME}.other" in times


@pytest.mark.parametrize("processes", [1, 2])
def test_runs_of_scenarios(
    molotov: Molotov, server: Server, processes: int
) -> None:
    run(
        molotov,
        server,
        """
        @scenario()
        async def good(session):
            pass

        @scenario(name="b:d")
        async def bad(session):
            raise ValueError
        """,
        *("-p", str(processes), "-w", "2", "--single-run"),
    )
    each = 2 * processes
    assert server.runs == {"good.success": each, "b_d.failure": each}


def test_nothing_is_sent_without_the_option(
    molotov: Molotov, server: Server
) -> None:
    script = """
        @scenario()
        async def one(session):
            assert session.statsd is None
            await session.get(URL)
        """
    result = molotov(script, "--statsd-address", server.address, "-r", "1")
    assert "SUCCESSES: 1 | FAILURES: 0" in result.stdout
    assert server.metrics == []


# --- A script's own -----------------------------------------------------------


def test_what_a_script_sends(molotov: Molotov, server: Server) -> None:
    result = run(
        molotov,
        server,
        """
        @setup_session()
        async def ready(worker_id, session):
            session.statsd.gauge("workers", value=1.5)

        @teardown_session()
        async def gone(worker_id, session):
            session.statsd.increment("gone")

        @scenario()
        async def one(session):
            statsd = session.statsd
            assert statsd.connected
            assert not (statsd.closing or statsd.disconnected)
            statsd.increment("a")
            statsd.incr("a", value=2, tags={"k": "v", "x": 1})
            statsd.decrement("a", value=3)
            statsd.histogram("h", value=0.25)
            statsd.distribution("d", value=7, tags={"t:u": "a|b,c\\n"})
            statsd.timing("t", value=12, sample_rate=1)
            statsd.increment("never", sample_rate=1e-9)
            statsd.increment("of ten:|@#\\nparts", sample_rate=0.999999)
            with statsd.timeit("block", tags={"k": "v"}):
                await asyncio.sleep(0)
            with statsd.timeit("short", threshold_ms=60000):
                pass
            async def answer():
                return 42
            assert await statsd.timeit_task(answer(), "task") == 42
        """,
        *("-r", "1"),
    )
    assert "SUCCESSES: 1 | FAILURES: 0" in result.stdout
    assert server.metrics == [
        "workers:1.5|g",
        "a:1|c",
        "a:2|c|#k:v,x:1",
        "a:-3|c",
        "h:0.25|h",
        "d:7|d|#t:u:a_b_c_",
        "t:T|ms",
        "of_ten_____parts:1|c|@0.999999",
        "block:T|ms|#k:v",
        "task:T|ms",
        "gone:1|c",
    ]


def test_closed_and_connected_again(molotov: Molotov, server: Server) -> None:
    result = run(
        molotov,
        server,
        """
        @scenario()
        async def one(session):
            statsd = session.statsd
            await statsd.connect()
            statsd.increment("before")
            await statsd.close()
            assert statsd.disconnected and not statsd.connected
            statsd.increment("between")
            await session.get(URL)
            await statsd.connect()
            statsd.increment("after")
        """,
        *("-r", "1"),
    )
    assert "SUCCESSES: 1 | FAILURES: 0" in result.stdout
    assert server.metrics == ["before:1|c", "after:1|c"]


def test_a_burst_without_a_wait(molotov: Molotov, server: Server) -> None:
    count = min(1000, server.room)
    run(
        molotov,
        server,
        f"""
        @scenario()
        async def one(session):
            for number in range({count}):
                session.statsd.gauge("burst", value=number)
        """,
        *("-r", "1"),
    )
    assert server.metrics == [f"burst:{number}|g" for number in range(count)]


def test_what_is_sent_last_arrives(molotov: Molotov, server: Server) -> None:
    """By a task that a scenario has left behind, and in a run that is cut off
    by the script."""
    result = molotov(
        """
        @scenario()
        async def one(session):
            session.statsd.increment("last")
            sys.exit(7)
        """,
        *("--statsd", "--statsd-address", server.address, "-r", "1"),
    )
    assert result.status == 7
    assert server.metrics == ["last:1|c"]


# --- Addresses ----------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "udp://localhost:{port}",
        "http://user@127.0.0.1:{port}/path?query",
        "//:{port}",
        "localhost:{port}",
    ],
)
def test_ways_to_write_the_address(
    molotov: Molotov, server: Server, written: str
) -> None:
    address = written.format(port=server.port)
    molotov(ONE_GET, "--statsd", "--statsd-address", address, "-r", "1")
    assert server.metrics == of_request("/")


def test_ipv6(molotov: Molotov) -> None:
    server = Server(socket.AF_INET6, "::1")
    address = f"udp://[::1]:{server.port}"
    molotov(ONE_GET, "--statsd", "--statsd-address", address, "-r", "1")
    assert server.metrics == of_request("/")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_host_that_is_not_found(molotov: Molotov, processes: int) -> None:
    address = "udp://nosuch.invalid:8125"
    options = ["-w", "3", "-r", "2", "-p", str(processes)]
    result = molotov(ONE_GET, "--statsd", "--statsd-address", address, *options)
    assert (result.status, result.stderr) == (0, "")
    said = f"molotov: --statsd-address {address}: cannot use it: "
    found = [line for line in result.lines if line.startswith(said)]
    assert len(found) == processes
    assert found[0].endswith("; metrics are lost")
    assert f"SUCCESSES: {6 * processes} | FAILURES: 0" in result.stdout


def test_nobody_listens(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            session.statsd.increment("lost")
            await session.get(URL)
        """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.connect(deaf.getsockname())  # it hears but itself
        address = f"udp://127.0.0.1:{deaf.getsockname()[1]}"
        options = ["--statsd", "--statsd-address", address]
        result = molotov(script, *options, "-w", "3", "-r", "20")
    assert result.stderr == (
        f"molotov: --statsd-address {address}: cannot send: "
        "Connection refused; metrics are lost\n"
    )
    assert result.status == 0
    assert "SUCCESSES: 60 | FAILURES: 0" in result.stdout


@pytest.mark.parametrize(
    "address",
    [
        "udp://localhost:abc",
        "udp://localhost:99999",
        "localhost:0",
        "udp://[::1",
    ],
)
def test_addresses_that_are_none(molotov: Molotov, address: str) -> None:
    result = molotov(ONE_GET, "--statsd", "--statsd-address", address)
    assert result.status == 2
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    wanted = f"must be udp://HOST:PORT: {address!r}"
    assert last == f"molotov: error: argument --statsd-address: {wanted}"

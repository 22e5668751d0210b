"""What is printed: all of it, whole lines, whoever reads or does not."""

import fcntl
import os
import re
import signal
import struct
import termios
from collections import Counter
from pathlib import Path

import pytest
from commands import BANNER, BYE, Molotov, wait_until
from running import running

CHATTY = """
LINES = 10_000

@scenario()
async def one(session):
    for i in range(LINES):
        print("own", os.getpid(), i, "x" * 50)
        session.print(f"ours {i} {'y' * 50}")
        if i % 100 == 0:
            await asyncio.sleep(0)
    open(f"done-{os.getpid()}", "w").close()
"""


def test_much_output_that_nobody_reads_for_a_while(molotov: Molotov) -> None:
    with running(molotov, CHATTY, "-p", "2", "-r", "1") as command:
        # Both have ended before anybody reads.
        while len(list(molotov.folder.glob("done-*"))) < 2:
            command.expect_no_end(0.05)
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    pids = {
        path.name.partition("-")[2] for path in molotov.folder.glob("done-*")
    }
    lines = Counter(result.lines)
    for pid in pids:
        for i in range(10_000):
            assert lines[f"own {pid} {i} {'x' * 50}"] == 1
            assert lines[f"[{pid}] ours {i} {'y' * 50}"] == 1
    # Besides: the banner, Forking, two Preparing, counts, Bye.
    assert len(result.lines) == 40_000 + 6
    assert result.lines[-2:] == ["SUCCESSES: 2 | FAILURES: 0", BYE]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_much_output_that_is_not_shown(
    molotov: Molotov, processes: str
) -> None:
    """It is kept nowhere, and keeps nobody from ending."""
    script = """
        @scenario()
        async def one(session):
            for i in range(20_000):
                session.print(f"ours {i} {'y' * 50}")
            assert False, "z" * 100_000
    """
    result = molotov(script, "-q", "-c", "-r", "2", "-p", processes, "-f", "1")
    assert (result.status, result.stdout, result.stderr) == (1, "", "")


def test_all_is_said_after_a_stop(molotov: Molotov) -> None:
    script = """
        at_work = set()

        @scenario()
        async def one(session):
            at_work.add(session)
            assert len(at_work) < 40, "the last"
            await asyncio.sleep(0.01)

        @teardown_session()
        async def end_session(worker_id, session):
            session.print(f"late {worker_id}")
            raise ValueError(f"late {worker_id}")
    """
    result = molotov(script, "-v", "-x", "-w", "40")
    assert "AssertionError('the last')" in result.lines
    for worker in range(40):
        assert f"[W:{worker}] Done!" in result.lines
        assert f"late {worker}" in result.lines
        assert f"ValueError('late {worker}')" in result.lines


ENDLESS = """
printed = 0

@scenario()
async def one(session):
    global printed
    while True:
        for _ in range(1000):
            print("own", os.getpid(), printed, "x" * 50)
            printed += 1
        if printed == 50_000:
            open(f"much-{os.getpid()}", "w").close()
        await asyncio.sleep(0)
        if os.path.exists("enough"):
            return

@teardown()
def end(worker_id):
    print("printed", os.getpid(), printed)
"""


@pytest.mark.parametrize("signals", [1, 2])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_signal_while_the_reader_is_far_behind(
    molotov: Molotov, processes: int, signals: int
) -> None:
    with running(molotov, ENDLESS, "-p", str(processes)) as command:
        wait_until(
            lambda: len(list(molotov.folder.glob("much-*"))) == processes
        )
        command.send(signal.SIGINT)
        command.expect_no_end(0.1)
        if signals == 2:
            command.send(signal.SIGINT)
        else:
            (molotov.folder / "enough").touch()
        result = command.finish()
    assert result.status == (0 if signals == 1 else 130)
    told = re.findall(r"^printed (\d+) (\d+)$", result.stdout, re.M)
    assert len(told) == processes, result.lines[-5:]
    for pid, count in told:
        own = [line for line in result.lines if line.startswith(f"own {pid} ")]
        assert own == [f"own {pid} {i} {'x' * 50}" for i in range(int(count))]
    assert result.lines[-1] == BYE


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_ends_the_wait_for_a_reader(
    molotov: Molotov, processes: str
) -> None:
    """All has ended but what is to be printed, and nobody reads it."""
    with running(molotov, CHATTY, "-p", processes, "-r", "1") as command:
        wait_until(
            lambda: len(list(molotov.folder.glob("done-*"))) == int(processes)
        )
        wait_until(lambda: not command.others())
        command.expect_no_end(0.1)

        def has_ended() -> bool:
            command.send(signal.SIGINT)
            return command.process.poll() is not None

        wait_until(has_ended)
        result = command.finish()
    assert result.status in (0, 130)
    assert result.lines[0] == BANNER
    assert BYE not in result.lines


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_reader_that_goes_away(molotov: Molotov, processes: str) -> None:
    with running(molotov, CHATTY, "-p", processes, "-r", "1") as command:
        command.wait_for("own ")
        command.stop_reading()
        result = command.finish()
    assert result.status == 0
    assert result.stderr == ""
    assert len(list(molotov.folder.glob("done-*"))) == int(processes)


def test_what_processes_print_comes_before_what_follows(
    molotov: Molotov,
) -> None:
    """However late it is read."""
    script = """
        @scenario()
        async def one(session):
            print("begun", flush=True)
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)

        @teardown()
        def end_worker(worker_id):
            print("teardown")

        @global_teardown()
        def end():
            print("global_teardown")
    """
    with running(molotov, script, "-p", "4", "-r", "1") as command:
        command.wait_for("begun", 4)
        command.send(signal.SIGSTOP)
        (molotov.folder / "go").touch()
        wait_until(lambda: len(command.others()) < 2)  # at most their parent
        command.send(signal.SIGCONT)
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[-7:-2] == ["teardown"] * 4 + ["global_teardown"]


def test_no_stdout_at_all(molotov: Molotov) -> None:
    with running(
        molotov,
        "@scenario()\nasync def one(session): print('x')",
        *("-r", "3"),
        before=lambda: os.close(1),
    ) as command:
        result = command.finish()
    assert (result.status, result.stdout, result.stderr) == (0, "", "")


def test_no_stdin_at_all(molotov: Molotov) -> None:
    with running(
        molotov,
        "@scenario()\nasync def one(session): print('x')",
        *("-r", "3"),
        before=lambda: os.close(0),
    ) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[2:-2] == ["x"] * 3


@pytest.mark.parametrize("processes", ["1", "2"])
def test_the_counts_on_a_terminal(
    molotov: Molotov, processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                assert response.status == 200
            if get_context(session).step > 10:
                while not os.path.exists("seen"):
                    await asyncio.sleep(0.01)
    """
    with running(
        molotov,
        script,
        *("-r", "20", "-p", processes, "--console-update", "0.1"),
        terminal=True,
    ) as command:
        command.wait_for("\rSUCCESSES: ", 2)
        (molotov.folder / "seen").touch()
        result = command.finish()
    drawn = re.findall(
        r"\rSUCCESSES: (\d+) \| FAILURES: 0[^\r\n]*", result.stdout
    )
    numbers = [int(number) for number in drawn]
    assert len(numbers) >= 2, result.stdout
    assert numbers == sorted(numbers)
    total = 20 * int(processes)
    last = f"SUCCESSES: {total} | FAILURES: 0"
    if processes == "1":
        last += " | WORKERS: 1"
    assert result.stdout.endswith(f"{last}\n{BYE}\n"), result.stdout
    assert result.status == 0


MARKED_UP = """
@scenario()
async def one(session):
    if not os.path.exists("go"):
        return await asyncio.sleep(0.01)
    session.print("<b>&nbsp;{x}%d\\\\")
    raise ValueError("<ClientResponse [200 OK]> & </style>")
"""


@pytest.mark.parametrize("arguments", [[], ["-c"]])
def test_text_is_no_markup_on_a_terminal(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with running(
        molotov, MARKED_UP, "-x", *arguments, terminal=True
    ) as command:
        command.wait_for("Preparing" if arguments else "\rSUCCESSES: ")
        (molotov.folder / "go").touch()
        result = command.finish()
    lines = [line.rpartition("\x1b[K")[2] for line in result.lines]
    assert "<b>&nbsp;{x}%d\\" in lines
    assert "ValueError('<ClientResponse [200 OK]> & </style>')" in lines
    assert "<style" not in result.stdout
    assert (result.status, lines[-1]) == (0, BYE)


@pytest.mark.parametrize("columns", [0, 1, 20])
def test_a_tiny_terminal(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    script = """
        @scenario()
        async def one(session):
            while not os.path.exists("go"):
                await asyncio.sleep(0.01)
            print("a line longer than that terminal is wide")
    """

    def shrink() -> None:
        size = struct.pack("HHHH", 1, columns, 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)

    with running(
        molotov, script, "-r", "1", terminal=True, before=shrink
    ) as command:
        command.wait_for("\rSUCCESSES: ")
        (molotov.folder / "go").touch()
        result = command.finish()
    drawn = re.findall(r"\r(SUCCESSES[^\x1b\r\n]*)\x1b\[K", result.stdout)
    if columns == 20:
        assert {len(line) for line in drawn} == {19}
    assert "a line longer than that terminal is wide\n" in result.stdout
    assert result.stdout.endswith(
        f"SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1\n{BYE}\n"
    )
    assert result.status == 0


FAILING = """
@scenario()
async def one(session):
    assert False, "no"
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_failures_of_a_kind(molotov: Molotov, processes: str) -> None:
    result = molotov(FAILING, "-r", "1300", "-p", processes)
    assert result.status == 0
    assert result.stdout.count("AssertionError('no')\n") == 100
    total = 1300 * int(processes)
    at = result.lines.index(f"(… {total - 100:,} more like this)")
    assert result.lines[at + 1].startswith(f"SUCCESSES: 0 | FAILURES: {total}")


def test_kinds_are_counted_apart(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            session.n = getattr(session, "n", 0) + 1
            if session.n % 2:
                raise ValueError("odd")
            raise ValueError("even")
    """
    result = molotov(script, "-r", "300")
    assert result.stdout.count("ValueError('odd')\n") == 100
    assert result.stdout.count("ValueError('even')\n") == 100
    assert result.lines.count("(… 50 more like this)") == 2


ALL_FAIL = """
EARLY, LAST = 1000, 5000  # of the runs of a process
runs = resident_kib = 0

def now_resident_kib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

@scenario()
async def one(session):
    global runs, resident_kib
    async with session.get(URL) as response:
        runs += 1
        if runs == EARLY:
            resident_kib = now_resident_kib()
        elif runs == LAST:
            with open(f"growth-{os.getpid()}", "w") as file:
                print(now_resident_kib() - resident_kib, file=file)
        assert response.status == 0, runs
"""


def test_many_processes_of_which_all_runs_fail(molotov: Molotov) -> None:
    """All failures are counted, those shown too, in the same memory."""
    result = molotov(ALL_FAIL, "-p", "8", "-w", "100", "-r", "50")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[-2:] == ["SUCCESSES: 0 | FAILURES: 40000", BYE]
    shown = len(
        re.findall(r"^(?:\[\d+\] )?AssertionError\(", result.stdout, re.M)
    )
    others = re.findall(r"^\(… ([\d,]+) more like this\)", result.stdout, re.M)
    hidden = sum(int(count.replace(",", "")) for count in others)
    assert (shown, shown + hidden) == (100, 40_000)
    growths = list(molotov.folder.glob("growth-*"))
    assert len(growths) == 8
    for path in growths:
        assert int(path.read_text()) < 1024, path


PRINTS_TRACEBACKS = """
import traceback
EARLY, LAST = 500, 2500  # of the runs of a process
runs = 0

def reached(what):
    open(f"{what}-{os.getpid()}", "w").close()

@scenario()
async def one(session):
    global runs
    async with session.get(URL) as response:
        runs += 1
        if runs == EARLY:
            reached("early")
        elif runs == LAST:
            reached("last")
            while not os.path.exists("enough"):
                await asyncio.sleep(0.01)
        try:
            assert response.status == 0, runs
        except AssertionError:
            traceback.print_exc(file=sys.stdout)
            raise
"""


def resident_kib(pids: list[int]) -> dict[int, int]:
    pages = {
        pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        for pid in pids
    }
    page_kib = os.sysconf("SC_PAGE_SIZE") // 1024
    return {pid: count * page_kib for pid, count in pages.items()}


def test_tracebacks_that_nobody_reads(molotov: Molotov) -> None:
    """The load goes on, no process grows, and nothing is lost."""
    how = ("-p", "8", "-w", "100", "-r", "25")
    with running(molotov, PRINTS_TRACEBACKS, *how) as command:
        wait_until(lambda: len(list(molotov.folder.glob("early-*"))) == 8)
        early = resident_kib(command.all_pids())
        wait_until(lambda: len(list(molotov.folder.glob("last-*"))) == 8)
        last = resident_kib(command.all_pids())
        (molotov.folder / "enough").touch()
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[-2:] == ["SUCCESSES: 0 | FAILURES: 20000", BYE]
    printed = result.lines.count("Traceback (most recent call last):")
    assert printed == 20_000
    assert len(early) >= 10  # the supervisor, the parent, the eight
    assert early.keys() == last.keys()
    for pid, before in early.items():
        assert last[pid] - before < 2048, (pid, early, last)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 0),
        (["-f", "1"], 1),
        (["-f", "3"], 1),
        (["-f", "4"], 0),
        (["-f", "0"], 1),
        (["-q"], 0),
        (["-q", "-f", "1"], 1),
        (["-q", "-f", "4"], 0),
        (["-x"], 0),
        (["-x", "-f", "1"], 1),
        (["-x", "-f", "2"], 0),
    ],
)
def test_exit_status(
    molotov: Molotov, arguments: list[str], status: int
) -> None:
    result = molotov(FAILING, "-r", "3", *arguments)
    assert (result.status, result.stderr) == (status, "")
    if "-q" in arguments:
        assert result.stdout == ""
    else:
        failures = 1 if "-x" in arguments else 3
        assert f"FAILURES: {failures} |" in result.lines[-2]


def test_fail_counts_all_processes(molotov: Molotov) -> None:
    assert molotov(FAILING, "-r", "2", "-p", "2", "-f", "4").status == 1
    assert molotov(FAILING, "-r", "2", "-p", "2", "-f", "5").status == 0

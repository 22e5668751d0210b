"""The command over a process that behaves, and over ones that do not: what is
printed, what the exit status is, and that nothing is lost or left behind."""

from __future__ import annotations

import os
import pty
import re
import resource
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import next_line

BANNER = "**** Molotov v3.0. Happy breaking! ****\n"
BYE = "*** Bye ***\n"
TIMEOUT = 60

# Plays three processes whose workers wait for a stop.
THREE = """
    pids = []
    for index in range(3):
        pid = seat.fork(index)
        if pid == 0:
            seat.begin(index)
            print(f"[{index}] waits", flush=True)
            seat.wait_for_stop(GRACEFUL, index)
            seat.set("runs_succeeded", 1 + index, index)
            seat.phase("finished", index)
            os._exit(0)
        pids.append(pid)
    seat.close_output()
    for _ in pids:
        pid, status = os.wait()
        seat.report_exit(pids.index(pid), status)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # before, or meanwhile
        return False
    return state[0] != "Z"


# --- A run that goes well ---------------------------------------------------


def test_prints_banner_counts_and_bye(command) -> None:
    command.plays(
        """
        print("from the script")
        seat.play(succeeded=26, failed=2)
        """
    )
    done = command.run()
    assert done.stdout == (
        f"{BANNER}from the script\n"
        "SUCCESSES: 26 | FAILURES: 2 | WORKERS: 1\n" + BYE
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_counts_processes_together(command) -> None:
    command.plays(THREE)
    process = command.start("-p", "3")
    waiting = 0
    while waiting < 3:
        waiting += "waits" in next_line(process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=TIMEOUT)
    assert out.endswith("SUCCESSES: 6 | FAILURES: 0\n" + BYE)
    assert (err, process.returncode) == ("", 0)


def test_counts_have_64_bits(command) -> None:
    command.plays("seat.play(succeeded=5_000_000_000, failed=3_000_000_000)")
    done = command.run("-f", "3000000000")
    assert (
        "SUCCESSES: 5000000000 | FAILURES: 3000000000 | WORKERS: 1\n"
        in done.stdout
    )
    assert (done.returncode, done.stderr) == (1, "")


def test_quiet_prints_nothing(command) -> None:
    command.plays("seat.play(succeeded=3)")
    done = command.run("-q")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_cancelled_runs_are_counted_apart(command) -> None:
    command.plays("seat.set('runs_cancelled', 4); seat.play()")
    assert "FAILURES: 0 | WORKERS: 1 | CANCELLED: 4\n" in command.run().stdout


def test_dry_run_has_no_counts(command) -> None:
    command.plays("print('Scenarios:')")
    done = command.run("--dry-run")
    assert done.stdout == f"{BANNER}Scenarios:\n"
    assert done.returncode == 0


def test_failures_not_shown_are_counted(command) -> None:
    command.plays(
        """
        seat.failures(0, "ValueError('é') in line 3".encode(), 1334)
        seat.failures(1, b"shown in full", 100)
        seat.failures(511, b"", 101)
        seat.play(failed=1535)
        """
    )
    assert command.run().stdout.splitlines()[1:-1] == [
        "ValueError('é') in line 3",
        "(… 1,234 more like this)",
        "(… 1 more like this)",
        "SUCCESSES: 0 | FAILURES: 1535 | WORKERS: 1",
    ]


# --- Exit status ------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "body", "status"),
    [
        ([], "seat.play(failed=5)", 0),
        (["-x"], "seat.stop = GRACEFUL; seat.play(failed=1)", 0),
        (["-f", "5"], "seat.play(failed=5)", 1),
        (["-f", "6"], "seat.play(failed=5)", 0),
        (["-f", "0"], "seat.play(succeeded=5)", 1),
        (["-f", "-1"], "seat.play(succeeded=5)", 1),
        (["-q", "-f", "5"], "seat.play(failed=5)", 1),
        ([], "seat.set('setups_failed', 1); seat.play()", 1),
        ([], "seat.set('session_setups_failed', 1); seat.play()", 1),
        ([], "seat.set('teardowns_failed', 1); seat.play()", 1),
        ([], "seat.set('workers_died', 1); seat.play()", 1),
        ([], "seat.play(); sys.exit(1)", 1),
        ([], "sys.exit(1)", 1),
        ([], "seat.script_exit(7); seat.begin(); sys.exit(7)", 7),
        ([], "seat.script_exit(0); seat.begin(); sys.exit(0)", 0),
        (
            [],
            "seat.script_exit(130); seat.begin();"
            "signal.signal(signal.SIGINT, signal.SIG_DFL);"
            "os.kill(os.getpid(), signal.SIGINT)",
            130,
        ),
        (["-f", "1"], "seat.script_exit(9); seat.play(0, 3); sys.exit(9)", 9),
    ],
)
def test_exit_status(command, arguments, body: str, status: int) -> None:
    command.plays(body)
    done = command.run(*arguments)
    assert (done.returncode, done.stderr) == (status, "")


def test_unusable_script_has_no_counts(command) -> None:
    command.plays("print(\"Cannot import 'x'\"); sys.exit(1)")
    done = command.run("x")
    assert done.stdout == f"{BANNER}Cannot import 'x'\n"
    assert done.returncode == 1


# --- Processes that die -----------------------------------------------------


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
        ("os._exit(3)", "ended with exit code 3 before its work was done"),
        ("os._exit(0)", "ended with exit code 0 before its work was done"),
        ("os._exit(1)", "ended with exit code 1 before its work was done"),
    ],
)
def test_a_death_is_said_and_its_counts_kept(command, how, said) -> None:
    command.plays(
        f"""
        seat.begin()
        seat.set("runs_succeeded", 12)
        Path("pid").write_text(str(os.getpid()))
        {how}
        """
    )
    done = command.run("-q") if "SEGV" in how else command.run()
    assert done.stderr == f"Process {command.path('pid').read_text()} {said}\n"
    assert done.returncode == 1
    if "SEGV" not in how:
        assert "SUCCESSES: 12 | FAILURES: 0 | WORKERS: 1\n" in done.stdout


def test_one_of_several_dies_and_the_others_go_on(command) -> None:
    command.plays(
        THREE.replace(
            "seat.begin(index)",
            "seat.begin(index); "
            "index == 1 and (Path('pid').write_text(str(os.getpid())), "
            "os.kill(os.getpid(), 9))",
        )
    )
    process = command.start("-p", "3")
    said = process.stderr.readline()
    assert said == f"Process {command.wait_for('pid')} was killed by SIGKILL\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert out.endswith("SUCCESSES: 4 | FAILURES: 0\n" + BYE)
    assert (err, process.returncode) == ("", 1)


def test_the_parent_dies_with_processes_under_it(command) -> None:
    command.plays(
        THREE.replace("seat.close_output()", "seat.begin(); os.abort()")
    )
    done = command.run("-p", "3")
    assert re.fullmatch(r"Process \d+ was killed by SIGABRT\n", done.stderr)
    assert BYE in done.stdout
    assert done.returncode == 1


def test_no_process_outlives_the_command(command) -> None:
    command.plays(
        """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        seat.begin()
        Path("tmp").write_text(str(os.getpid()))
        os.rename("tmp", "pid")
        time.sleep(600)
        """
    )
    process = command.start()
    pid = int(command.wait_for("pid"))
    process.kill()
    process.communicate()
    command.wait_until(lambda: not alive(pid))


# --- Signals ----------------------------------------------------------------

WAITS = """
    seat.begin()
    print("at work", flush=True)
    seat.wait_for_stop(GRACEFUL)
    print("stops", flush=True)
    seat.set("runs_succeeded", 2)
"""


def ends_with_counts(out: str) -> bool:
    return (
        re.search(
            r"SUCCESSES: \d+ \| FAILURES: \d+.*\n" + re.escape(BYE) + "$", out
        )
        is not None
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_stops_gracefully(command, number) -> None:
    command.plays(WAITS, "seat.phase('finished')")
    process = command.start()
    assert next_line(process) == BANNER
    assert next_line(process) == "at work\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT)
    assert out == "stops\nSUCCESSES: 2 | FAILURES: 0 | WORKERS: 1\n" + BYE
    assert (err, process.returncode) == ("", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_second_signal_cancels(command, number) -> None:
    command.plays(
        WAITS,
        """
        seat.wait_for_stop(CANCEL)
        seat.set("runs_cancelled", 1)
        seat.phase("finished")
        """,
    )
    process = command.start()
    for line in [BANNER, "at work\n"]:
        assert next_line(process) == line
    process.send_signal(signal.SIGINT)
    assert next_line(process) == "stops\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT)
    assert ends_with_counts(out) and "CANCELLED: 1" in out
    assert (err, process.returncode) == ("", 128 + number)


@pytest.mark.parametrize("processes", ["1", "3"])
def test_what_ignores_the_second_signal_is_killed(command, processes) -> None:
    if processes == "1":
        command.plays(WAITS, "while True: pass")
    else:
        hang = "print('stops', flush=True); signal.pause()"
        command.plays(THREE.replace("os._exit(0)", hang))
    process = command.start("-p", processes)
    for _ in range(1 + int(processes)):
        next_line(process)
    process.send_signal(signal.SIGINT)
    for _ in range(int(processes)):
        assert next_line(process) == "stops\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert ends_with_counts(out)
    said = r"Process \d+ did not stop in time and was killed\n"
    assert re.fullmatch(f"({said}){{{processes}}}", err)
    assert process.returncode == 130


def test_who_was_killed_is_said_though_their_parent_does_not(command) -> None:
    """And it is not, though it is killed behind them."""
    children, _, _ = THREE.partition("    seat.close_output()")
    hang = "print('stops', flush=True); signal.pause()"
    children = children.replace("os._exit(0)", hang)
    command.plays(children, "seat.close_output(); signal.pause()")
    process = command.start("-p", "3")
    for _ in range(4):
        next_line(process)
    process.send_signal(signal.SIGINT)
    for _ in range(3):
        assert next_line(process) == "stops\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert ends_with_counts(out)
    said = r"Process \d+ did not stop in time and was killed\n"
    assert re.fullmatch(f"({said}){{3}}", err)
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("deaf", [False, True])
def test_before_the_load_the_first_signal_ends_all(
    command, number, deaf
) -> None:
    command.plays(
        f"""
        if {deaf}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("imports", flush=True)
        time.sleep(600)
        """
    )
    process = command.start()
    for line in [BANNER, "imports\n"]:
        assert next_line(process) == line
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT)
    assert out == ""
    assert process.returncode == 128 + number
    assert ("was killed" in err) == deaf


def test_ctrl_c_in_a_terminal_is_the_supervisors(command) -> None:
    """It goes to the whole group, and must not hit what makes the load."""
    command.plays(WAITS, "seat.phase('finished')")
    process = command.start(start_new_session=True)
    for line in [BANNER, "at work\n"]:
        assert next_line(process) == line
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert ends_with_counts(out)
    assert (err, process.returncode) == ("", 0)


def test_one_process_stops_all(command) -> None:
    command.plays(
        THREE.replace(
            "seat.begin(index)", "seat.begin(index); seat.stop = GRACEFUL"
        )
    )
    done = command.run("-p", "3")
    assert ends_with_counts(done.stdout)
    assert done.returncode == 0


# --- Output -----------------------------------------------------------------


def test_whoever_prints_does_not_wait_for_whoever_reads(command) -> None:
    lines = 200_000
    command.plays(
        f"""
        for i in range({lines}):
            print("line", i, "x" * 50)
        sys.stdout.flush()
        seat.play()
        Path("done").touch()
        """
    )
    process = command.start()
    command.wait_for("done")  # nobody has read anything yet
    out, err = process.communicate(timeout=TIMEOUT)
    want = [f"line {i} " + "x" * 50 for i in range(lines)]
    assert out.splitlines()[1:-2] == want
    assert (err, process.returncode) == ("", 0)


def test_a_reader_that_goes_away_harms_nothing(command) -> None:
    command.plays(
        """
        print("first", flush=True)
        while not Path("closed").exists(): time.sleep(0.01)
        for i in range(100_000): print("line", i)
        seat.play(succeeded=1)
        """
    )
    process = command.start("-f", "1")
    next_line(process)
    process.stdout.close()
    command.path("closed").touch()
    assert process.stderr.read() == ""
    assert process.wait(TIMEOUT) == 0


def test_closed_standard_streams(command) -> None:
    command.plays("seat.play(); Path('done').touch()")
    process = command.start(
        preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)]
    )
    assert process.wait(TIMEOUT) == 0
    assert command.path("done").exists()


def test_lines_of_processes_do_not_mix(command) -> None:
    command.plays(
        THREE.replace(
            "seat.wait_for_stop(GRACEFUL, index)",
            """
            for i in range(200):
                os.write(1, b"<%d" % index * 20)
                time.sleep(0.0005)
                os.write(1, b"%d>\\n" % index * 20 + b"(")
            os.write(1, b"%d)" % index)""",
        )
    )
    done = command.run("-p", "3")
    lines = done.stdout.splitlines()[1:-2]
    kinds = {re.sub(r"^\(", "", line) for line in lines}
    want = {"[0] waits", "[1] waits", "[2] waits", "0)", "1)", "2)"}
    want |= {f"{i}>" for i in range(3)}
    want |= {f"<{i}" * 20 + f"{i}>" for i in range(3)}
    assert kinds == want


def test_half_a_line_of_a_single_process_is_shown(command) -> None:
    """A script may ask something."""
    command.plays(
        """
        answer = input("Go on? ")
        seat.play()
        print("said", answer)
        """
    )
    process = command.start(stdin=subprocess.PIPE)
    next_line(process)
    assert os.read(process.stdout.fileno(), 100) == b"Go on? "
    out, _ = process.communicate("yes\n", timeout=TIMEOUT)
    assert out.startswith("said yes\n")


def test_streams_stay_apart(command) -> None:
    command.plays("print('out'); print('err', file=sys.stderr); seat.play()")
    done = command.run()
    assert done.stderr == "err\n"
    assert "out\n" in done.stdout and "err" not in done.stdout


def test_one_file_for_both_streams_takes_all(command) -> None:
    command.plays("print('err', file=sys.stderr); print('out'); seat.play()")
    done = command.run(stderr=subprocess.STDOUT)
    assert sorted(done.stdout.splitlines(keepends=True)[1:3]) == [
        "err\n",
        "out\n",
    ]
    assert ends_with_counts(done.stdout)


def test_somebody_left_behind_does_not_hold_the_command(command) -> None:
    command.plays(
        """
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
            os._exit(0)
        Path("pid").write_text(str(pid))
        seat.play()
        """
    )
    done = command.run()
    assert ends_with_counts(done.stdout)
    os.kill(int(command.path("pid").read_text()), signal.SIGKILL)


# --- On a terminal ----------------------------------------------------------


def read_terminal(fd: int, until: str | None = None) -> str:
    """Up to some text, or to the end."""
    seen = b""
    deadline = time.monotonic() + TIMEOUT
    while until is None or until.encode() not in seen:
        assert select.select([fd], [], [], deadline - time.monotonic())[0]
        try:
            piece = os.read(fd, 4096)
        except OSError:  # the other side is closed
            piece = b""
        if not piece:
            break
        seen += piece
    return seen.decode()


@pytest.mark.parametrize("flags", [[], ["-c"], ["-q"]])
def test_counts_are_redrawn_in_place(command, flags, monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    command.plays(
        """
        seat.begin()
        seat.set("runs_succeeded", 41)
        while not Path("seen").exists(): time.sleep(0.01)
        print("a line")
        seat.set("runs_succeeded", 42)
        seat.phase("finished")
        """
    )
    ours, theirs = pty.openpty()
    process = command.start(*flags, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = ""
    if not flags:
        seen = read_terminal(
            ours, "\rSUCCESSES: 41 | FAILURES: 0 | WORKERS: 1\x1b[K"
        )
    command.path("seen").touch()
    seen += read_terminal(ours)
    os.close(ours)
    assert process.wait(TIMEOUT) == 0
    shown = seen.replace("\r\n", "\n")
    last = "SUCCESSES: 42 | FAILURES: 0 | WORKERS: 1\n" + BYE
    if not flags:
        assert "\r\x1b[Ka line\n" in shown
        assert shown.endswith(("\r\x1b[K" + last, "a line\n" + last))
    else:
        assert (
            shown
            == {"-c": f"{BANNER}a line\n{last}", "-q": "a line\n"}[flags[0]]
        )


# --- Sizing -----------------------------------------------------------------


def test_sizing_ends_when_too_many_runs_fail(command) -> None:
    command.plays(
        """
        seat.begin(workers=4)
        assert (seat.options["workers"], seat.options["ramp_up"]) == (500, 300)
        time.sleep(0.1)
        seat.set("runs_succeeded", 90)
        seat.set("runs_failed", 11)
        seat.wait_for_stop(GRACEFUL)
        seat.phase("finished")
        """
    )
    done = command.run("--sizing")
    assert done.stdout == (
        f"{BANNER}\nSizing is over!\n\n"
        "Error Ratio 10.89 % obtained with 4 workers.\n\n"
        "OVERALL: SUCCESSES: 90 | FAILURES: 11\n"
        "LAST MINUTE: SUCCESSES: 90 | FAILURES: 11\n\n" + BYE
    )
    assert done.returncode == 0


def test_sizing_that_does_not_get_there(command) -> None:
    command.plays(
        """
        seat.begin(workers=4)
        assert (seat.options["workers"], seat.options["ramp_up"]) == (1, 0)
        time.sleep(0.2)
        seat.play(succeeded=5)
        """
    )
    done = command.run("--sizing", "-w", "1", "--ramp-up", "0")
    assert "Sizing was not finished. (interrupted)\n" in done.stdout
    assert "SUCCESSES: 5 | FAILURES: 0" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


# --- Before anything is started ---------------------------------------------


def limit_descriptors(soft: int, hard: int):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_too_few_descriptors(command) -> None:
    command.plays("seat.play(); Path('started').touch()")
    done = command.run("-w", "5000", preexec_fn=limit_descriptors(256, 1024))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "5,000 workers in a process need at least 5,069 file descriptors, and "
        "the limit is 1,024.\n"
        "Raise it (`ulimit -Hn 5069` as root, LimitNOFILE= in a systemd unit), "
        "or use at most `-w 955` and more processes (-p).\n"
    )
    assert not command.path("started").exists()


def test_soft_limit_is_raised(command) -> None:
    command.plays(
        """
        import resource
        print(resource.getrlimit(resource.RLIMIT_NOFILE))
        seat.play()
        """
    )
    done = command.run("-w", "900", preexec_fn=limit_descriptors(256, 1024))
    assert "(1024, 1024)\n" in done.stdout
    assert done.returncode == 0


def test_python_of_the_virtual_environment(command, monkeypatch) -> None:
    command.plays("print('this one', sys.argv[1:]); seat.play()")
    binaries = command.directory / "environment" / "bin"
    binaries.mkdir(parents=True)
    command.path("python3").rename(binaries / "python")
    monkeypatch.setenv("VIRTUAL_ENV", str(command.directory / "environment"))
    monkeypatch.setenv("PATH", "/nowhere")
    program = command.directory / "elsewhere" / "molotov"
    program.parent.mkdir()
    os.link(command.program.resolve(), program)
    done = subprocess.run([program], capture_output=True, text=True)
    assert "this one ['-P', '-m', 'molotov']\n" in done.stdout

    monkeypatch.delenv("VIRTUAL_ENV")
    done = subprocess.run([program], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "no python3 beside molotov, in $VIRTUAL_ENV or on $PATH\n"
    )


def test_python_that_cannot_be_executed(command) -> None:
    command.path("python3").write_text("#!/nowhere/python3\n")
    command.path("python3").chmod(0o755)
    done = command.run()
    assert "No such file or directory" in done.stderr
    assert done.returncode == 1

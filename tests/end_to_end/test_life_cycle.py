"""The order in which a script's parts are called, in one process and more."""

import itertools
import re
import signal
import subprocess

import pytest
from commands import BANNER, BYE, PATIENCE, PROGRAMS, Molotov, run

ALL_FIXTURES = """
@global_setup()
def init(args):
    print("global_setup", args.workers)

@setup()
async def init_worker(worker_id, args):
    print("setup", worker_id, args.workers)

@setup_session()
async def init_session(worker_id, session):
    print("setup_session", worker_id, session.closed)
    session.user = "somebody"
    sessions.append(session)

@scenario()
async def one(session):
    async with session.get(URL) as response:
        print("one", session.user, response.status)

@teardown_session()
async def end_session(worker_id, session):
    print("teardown_session", worker_id, session.closed)

@teardown()
def end_worker(worker_id):
    print("teardown", worker_id, sessions[0].closed)

@global_teardown()
def end():
    print("global_teardown")

sessions = []
"""


def test_one_worker(molotov: Molotov) -> None:
    result = molotov(ALL_FIXTURES, "-r", "2")
    assert result.lines == [
        BANNER,
        "global_setup 1",
        "Preparing 1 workers...OK",
        "setup 0 1",
        "setup_session 0 False",
        "one somebody 200",
        "one somebody 200",
        "teardown_session 0 False",
        "teardown 0 True",
        "global_teardown",
        "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]
    assert (result.status, result.stderr) == (0, "")


def test_verbose(molotov: Molotov) -> None:
    script = "@scenario()\nasync def one(session): pass"
    result = molotov(script, "-v", "--single-run")
    assert result.lines == [
        BANNER,
        "Preparing 1 workers...OK",
        "[W:0] Starting",
        "[W:0] Running scenarios",
        "[W:0] Setting up session of kind http",
        "[W:0] Done!",
        "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]


def test_runs_are_said_when_they_are_done(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            print("run")
    """
    result = molotov(script, "-v", "-r", "20")
    for done in (10, 20):
        said = result.lines.index(f"[W:0] Ran {done} scenarios")
        assert result.lines[:said].count("run") == done


def test_two_processes(molotov: Molotov) -> None:
    script = """
        @global_setup()
        def init(args):
            print("global_setup", os.getpid())
            set_var("made", "before the fork")

        @scenario()
        async def one(session):
            print("one", os.getpid(), get_var("made"))
            session.print("printed")

        @global_teardown()
        def end():
            print("global_teardown", os.getpid())
    """
    result = molotov(script, "-p", "2", "-w", "2", "-r", "1")
    lines = result.lines
    assert (result.status, result.stderr) == (0, "")
    parent = lines[1].removeprefix("global_setup ")
    assert lines[0] == BANNER
    assert lines[2] == "Forking 2 processes"
    assert lines[-3:] == [
        f"global_teardown {parent}",
        "SUCCESSES: 4 | FAILURES: 0",
        BYE,
    ]
    pids = set(re.findall(r"^\[(\d+)\] Preparing", result.stdout, re.M))
    assert len(pids) == 2
    assert parent not in pids
    for pid in pids:
        assert f"[{pid}] Preparing 2 workers...OK" in lines
        assert lines.count(f"one {pid} before the fork") == 2
        assert lines.count(f"[{pid}] printed") == 2


def test_processes_pick_differently(molotov: Molotov) -> None:
    script = """
        import random

        @setup()
        async def init(worker_id, args):
            print("drew", random.random())

        @scenario()
        async def one(session): pass
    """
    result = molotov(script, "-p", "2", "-r", "1")
    drawn = [line for line in result.lines if line.startswith("drew")]
    assert len(set(drawn)) == 2


def test_the_scripts_seed_decides_what_is_picked(molotov: Molotov) -> None:
    picked = []
    for seed in (1, 1, 2):
        script = f"""
import random

@setup()
async def seed(worker_id, args):
    random.seed({seed})

@scenario(weight=30)
async def one(session): print("picked 1")

@scenario(weight=70)
async def two(session): print("picked 2")
"""
        lines = molotov(script, "-r", "100").lines
        picked.append([x for x in lines if x.startswith("picked")])
    assert len(picked[0]) == 100
    assert picked[0] == picked[1] != picked[2]


def test_a_seed_picks_the_same_in_any_order(molotov: Molotov) -> None:
    """Scenarios may change places in the script."""
    one = '@scenario(weight=30)\nasync def one(session): print("picked 1")\n'
    two = '@scenario(weight=70)\nasync def two(session): print("picked 2")\n'
    picked = []
    for scenarios in (one + two, two + one):
        lines = molotov(
            "import random\nrandom.seed(1)\n" + scenarios, "-r", "50"
        )
        picked.append([x for x in lines.lines if x.startswith("picked")])
    assert len(picked[0]) == 50
    assert picked[0] == picked[1]
    assert len(set(picked[0])) == 2


def test_a_light_scenario_is_seldom_picked(molotov: Molotov) -> None:
    """Of 100 runs; with this seed always the same ones."""
    script = """
        import random
        random.seed(1)

        @scenario(weight=10)
        async def light(session): print("light")
        @scenario(weight=90)
        async def heavy(session): print("heavy")
    """
    lines = molotov(script, "-r", "100").lines
    assert lines.count("light") + lines.count("heavy") == 100
    assert 0 < lines.count("light") < 20


def test_only_what_has_a_weight_is_run(molotov: Molotov) -> None:
    """And the next run comes no sooner than after its delay."""
    script = """
        @scenario(weight=0)
        async def never(session): print("never")
        @scenario(weight=100, delay=0.3)
        async def always(session): print("ran at", time.monotonic())
    """
    result = molotov(script, "-r", "2")
    assert (result.status, result.stderr) == (0, "")
    assert "never" not in result.lines
    times = [float(x.split()[-1]) for x in result.lines if "ran at" in x]
    assert len(times) == 2
    assert times[1] - times[0] >= 0.3
    assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_global_setup_may_change_the_options(molotov: Molotov) -> None:
    script = """
        @global_setup()
        def init(args):
            args.max_runs = 3

        @scenario()
        async def one(session): pass
    """
    assert "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 1" in molotov(script).lines


def test_setup_gives_headers_to_the_session(molotov: Molotov) -> None:
    script = """
        @setup()
        async def init(worker_id, args):
            return {"headers": {"X-Token": "abc"}}

        @scenario()
        async def one(session):
            async with session.get(URL + "/headers") as response:
                assert "abc" in await response.text(), await response.text()
    """
    result = molotov(script, "-r", "1")
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_single_run_goes_by_the_script(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def c(session): print("replaced")
        @scenario()
        async def b(session): print("b")
        @scenario(name="c")
        async def again(session): print("c")
        @scenario(name="a")
        async def d(session): print("a")
    """
    result = molotov(script, "--single-run")
    assert result.lines[2:5] == ["b", "c", "a"]


def test_single_run_is_each_workers(molotov: Molotov) -> None:
    """In each process, each worker runs each scenario once."""
    script = """
        @setup()
        async def init(worker_id, args):
            return {"headers": {"Worker": f"{os.getpid()}.{worker_id}"}}

        @scenario()
        async def a(session): print("a", await name(session))
        @scenario()
        async def b(session): print("b", await name(session))

        async def name(session):
            async with session.get(URL + "/headers") as response:
                return (await response.json())["headers"]["Worker"]
    """
    result = molotov(script, "--single-run", "-p", "2", "-w", "2")
    assert (result.status, result.stderr) == (0, "")
    assert "SUCCESSES: 8 | FAILURES: 0" in result.lines
    runs = re.findall(r"^([ab]) (\d+)\.([01])$", result.stdout, re.M)
    assert len(runs) == len(set(runs)) == 8
    assert len({pid for _, pid, _ in runs}) == 2


def test_single_mode_repeats(molotov: Molotov) -> None:
    script = """
        @scenario(weight=99)
        async def a(session): print("a")
        @scenario(weight=1)
        async def b(session): print("b")
    """
    result = molotov(script, "-s", "b", "-r", "3")
    assert result.lines[2:5] == ["b", "b", "b"]
    assert "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_a_picker_decides(molotov: Molotov) -> None:
    script = """
        order = ["one", "two", "two", "one"]

        @scenario_picker()
        def pick(worker_id, step_id):
            return order[step_id - 1]

        @scenario()
        async def one(session): print("one")
        @scenario()
        async def two(session): print("two")
    """
    result = molotov(script, "-r", "4")
    assert result.lines[2:6] == ["one", "two", "two", "one"]


@pytest.mark.parametrize(
    "arguments", [["-s", "b", "-r", "2"], ["--single-run"]]
)
def test_modes_that_ask_no_picker(
    molotov: Molotov, arguments: list[str]
) -> None:
    """Nor do they go by weights."""
    script = """
        @scenario_picker()
        def pick(worker_id, step_id): 1 / 0

        @scenario(weight=1e9)
        async def a(session): print("a")
        @scenario(weight=0.001)
        async def b(session): print("b")
    """
    result = molotov(script, *arguments)
    ran = ["b", "b"] if "-s" in arguments else ["a", "b"]
    assert result.lines[2:] == [
        *ran,
        "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]
    assert (result.status, result.stderr) == (0, "")


@pytest.mark.parametrize("processes", ["0", "1", "-1"])
def test_one_process_whatever_is_no_more(
    molotov: Molotov, processes: str
) -> None:
    script = """
        @scenario()
        async def one(session):
            assert os.getpid() == get_context(session).args.original_pid
    """
    result = molotov(script, "-r", "1", "-p", processes)
    assert result.lines == [
        BANNER,
        "Preparing 1 workers...OK",
        "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]


def test_workers_without_a_run_have_no_session(molotov: Molotov) -> None:
    result = molotov(ALL_FIXTURES.replace(", sessions[0].closed", ""), "-r-1")
    assert result.lines[1:] == [
        "global_setup 1",
        "Preparing 1 workers...OK",
        "setup 0 1",
        "teardown 0",
        "global_teardown",
        "SUCCESSES: 0 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]
    assert (result.status, result.stderr) == (0, "")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_workers_that_never_start(molotov: Molotov, processes: str) -> None:
    """Stopped while it waits for its turn, one is neither set up nor torn
    down, and not among those that were started."""
    script = """
        @setup()
        async def init(worker_id, args): print("setup", worker_id)
        @teardown()
        def end_worker(worker_id): print("teardown", worker_id)
        @scenario()
        async def one(session): assert False
    """
    options = ("-w", "3", "--ramp-up", "3000", "-x", "-v", "-p", processes)
    result = molotov(script, *options)
    assert (result.status, result.stderr) == (0, "")
    for word in ("setup", "teardown"):
        said = set(re.findall(rf"^{word} (\d)$", result.stdout, re.M))
        assert said == {"0"}
    starting = re.findall(r"\[W:(\d)\] Starting$", result.stdout, re.M)
    assert sorted(starting) == sorted("012" * int(processes))
    if processes == "1":
        assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines


def test_what_a_process_changes_is_its_own(molotov: Molotov) -> None:
    script = """
        seen = ["before"]

        @global_setup()
        def init(args):
            set_var("seen", "in global_setup")

        @scenario()
        async def one(session):
            seen.append("in a run")
            set_var("seen", "in a run")

        @global_teardown()
        def end():
            print(seen, get_var("seen"))
    """
    result = molotov(script, "-p", "2", "-r", "1")
    assert result.lines[-3] == "['before'] in global_setup"


def test_what_a_scenario_may_be(molotov: Molotov) -> None:
    """With parameters that have defaults, and with any result."""
    script = """
        @scenario(weight=0.5)
        async def one(anything, more=3, *rest, **named):
            assert (more, rest, named) == (3, (), {})
            return -1
    """
    result = molotov(script, "-r", "2")
    assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines


DESTS = [
    "scenario",
    "single_run",
    "single_mode",
    "config",
    "version",
    "debug",
    "verbose",
    "workers",
    "ramp_up",
    "sizing",
    "sizing_tolerance",
    "delay",
    "console_update",
    "processes",
    "duration",
    "max_runs",
    "quiet",
    "exception",
    "fail",
    "console",
    "statsd",
    "statsd_address",
    "uvloop",
    "use_extension",
    "force_shutdown",
]


def test_args_have_each_option(molotov: Molotov) -> None:
    script = f"""
        @global_setup()
        def init(args):
            for name in {DESTS}:
                assert hasattr(args, name), name
            assert args.original_pid == os.getpid()
            args.shared_console.print("  shared ")

        @scenario()
        async def one(session): pass
    """
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[1] == "shared"


@pytest.mark.parametrize("processes", ["1", "2"])
def test_the_console(molotov: Molotov, processes: str) -> None:
    """Of each process, wherever it is found; an error is a block."""
    script = """
        @scenario()
        async def one(session):
            assert session.console is get_context(session).args.shared_console
            session.console.print("  first\\n  second ")
            session.console.print(3)
            session.console.print_error(" text ")
            try:
                raise ValueError("raised")
            except ValueError as error:
                session.console.print_error(error)
    """
    result = molotov(script, "-r", "1", "-p", processes)
    assert (result.status, result.stderr) == (0, "")
    prefix = r"\[\d+\] " if processes == "2" else ""
    for line in ("first", "second", "3", "text", r"ValueError\('raised'\)"):
        found = re.findall(rf"^{prefix}{line}$", result.stdout, re.M)
        assert len(found) == int(processes), (line, result.stdout)


def test_the_version_comes_first(molotov: Molotov) -> None:
    """Before the configuration and the script are looked for."""
    result = run(
        molotov.folder,
        PROGRAMS / "molotov",
        *("--version", "--config", "absent.json", "-qv"),
    )
    assert (result.status, result.stdout, result.stderr) == (0, "3.0\n", "")


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_no_workers(molotov: Molotov, workers: str) -> None:
    script = "@scenario()\nasync def one(session): pass"
    result = molotov(script, "-w", workers)
    assert result.status == 0
    assert f"Preparing {workers} workers...OK" in result.lines


def test_session_print(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            session.print("  first\\n  second  ")
            session.print(3)
            session.print({"a": 1})
    """
    result = molotov(script, "-r", "1")
    assert result.lines[2:6] == ["first", "second", "3", "{'a': 1}"]


def test_quiet(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            session.print("not shown")
            print("shown")
            assert False
    """
    result = molotov(script, "-q", "-r", "1")
    assert (result.status, result.stdout, result.stderr) == (0, "shown\n", "")


def test_dry_run_sends_nothing(molotov: Molotov) -> None:
    script = ALL_FIXTURES.replace("@scenario()", "@scenario(weight=3, delay=2)")
    script += "@scenario()\nasync def second(session): print('not run')"
    result = molotov(script, "--dry-run")
    assert (result.status, result.stderr) == (0, "")
    shown = "\n".join(result.lines)
    assert "  one     weight 3 (75.0%), delay 2 s" in shown
    assert "  second  weight 1 (25.0%)" in shown
    assert "  global_setup      init" in shown
    assert "not run" not in shown
    assert "Preparing" not in shown


def test_python_m_molotov_is_the_command(molotov: Molotov) -> None:
    path = molotov.write("@scenario()\nasync def one(session): pass")
    result = run(
        path.parent, PROGRAMS / "python", "-m", "molotov", "--single-run"
    )
    assert result.status == 0
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines


def test_what_scripts_start_is_not_supervised(molotov: Molotov) -> None:
    script = """
        import subprocess

        @scenario()
        async def one(session):
            subprocess.run(
                [sys.executable, "-m", "molotov", "--version"], check=True
            )
            held = subprocess.run(["ls", "/proc/self/fd"], capture_output=True)
            # 0, 1, 2 and that of the listed folder.
            assert len(held.stdout.split()) == 4, held.stdout
    """
    result = molotov(script, "-r", "1")
    assert "3.0" in result.lines
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines


LONG_RUN = """
@scenario()
async def one(session):
    print("begun", flush=True)
    while not stopping:
        await asyncio.sleep(0.01)
    print("finished")

@teardown()
def end_worker(worker_id):
    print("teardown", worker_id)

@global_teardown()
def end():
    print("global_teardown")

stopping = []

@setup()
async def init(worker_id, args):
    before = signal.getsignal(signal.SIGTERM)

    def on_sigterm(*args):
        stopping.append(True)
        before(*args)

    signal.signal(signal.SIGTERM, on_sigterm)
    print("pid", os.getpid(), flush=True)
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_sigterm_to_a_load_process_lets_runs_finish(
    molotov: Molotov, processes: str
) -> None:
    with molotov.start(LONG_RUN, "-p", processes) as command:
        assert command.stdout is not None
        pids: list[int] = []
        begun = 0
        while begun < int(processes):
            line = command.stdout.readline()
            assert line, command.communicate()
            begun += line == "begun\n"
            if line.startswith("pid "):
                pids.append(int(line.split()[1]))
        for pid in pids:
            send(pid, signal.SIGTERM)
        out, err = command.communicate(timeout=PATIENCE)
    lines = out.splitlines()
    assert (command.returncode, err) == (0, "")
    assert lines.count("finished") == int(processes)
    assert lines.count("teardown 0") == int(processes)
    assert lines[-3] == "global_teardown"
    assert lines[-2].startswith(f"SUCCESSES: {processes} | FAILURES: 0")


def send(pid: int, number: signal.Signals) -> None:
    subprocess.run(["kill", f"-{number.value}", str(pid)], check=True)


def test_what_a_scenario_leaves_behind_is_ended(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            session.left = asyncio.create_task(asyncio.sleep(1000))
            session.generator = numbers()
            await anext(session.generator)

        async def numbers():
            try:
                yield 1
            finally:
                print("generator closed")
    """
    result = molotov(script, "-r", "1")
    assert (result.status, result.stderr) == (0, "")
    assert "generator closed" in result.lines


KINDS_AND_ALL = """
@session_factory("thing")
def make(*args, **options):
    return object()

@scenario()
async def two(session, session_factory="thing"):
    print("two")

@events()
async def listen(event, **info):
    print("event", event)
"""


def test_all_parts_in_order(molotov: Molotov) -> None:
    script = ALL_FIXTURES + KINDS_AND_ALL
    script = script.replace("session.closed", "type(session).__name__")
    script = script.replace("session.user = ", "user = ")
    script = script.replace("session.user", "0")
    result = molotov(script, "--single-run")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[1:-2] == [
        "global_setup 1",
        "Preparing 1 workers...OK",
        "event current_workers",
        "setup 0 1",
        "setup_session 0 ClientSession",
        "event scenario_start",
        "event sending_request",
        "event response_received",
        "one 0 200",
        "event scenario_success",
        "setup_session 0 object",
        "event scenario_start",
        "two",
        "event scenario_success",
        "teardown_session 0 ClientSession",
        "teardown_session 0 object",
        "teardown 0 True",
        "global_teardown",
    ]


def test_all_parts_in_their_processes(molotov: Molotov) -> None:
    script = ALL_FIXTURES + KINDS_AND_ALL
    script = script.replace("session.closed", "type(session).__name__")
    script = script.replace("session.user = ", "user = ")
    script = script.replace("session.user", "0")
    header = """
def print(*what, said=print):
    said(os.getpid(), *what, flush=True)
"""
    result = molotov(header + script, "--single-run", "-p", "2")
    assert (result.status, result.stderr) == (0, "")
    said: dict[str, list[str]] = {}
    for pid, what in re.findall(r"^(\d+) (.*)$", result.stdout, re.M):
        said.setdefault(pid, []).append(what.split(" 0")[0])
    parent, *children = said.values()
    assert parent == [
        "global_setup 1",
        "event current_workers",
        "global_teardown",
    ]
    assert len(children) == 2
    for child in children:
        assert child == [
            "setup",
            "setup_session",
            "event scenario_start",
            "event sending_request",
            "event response_received",
            "one",
            "event scenario_success",
            "setup_session",
            "event scenario_start",
            "two",
            "event scenario_success",
            "teardown_session",
            "teardown_session",
            "teardown",
        ]


def test_a_delay_begins_when_the_run_ends(molotov: Molotov) -> None:
    """However long the run kept the loop."""
    script = """
        @scenario(delay=0.2)
        async def one(session):
            print("begins", time.monotonic())
            time.sleep(0.15)
            print("ends", time.monotonic())
    """
    result = molotov(script, "-r", "2")
    assert (result.status, result.stderr) == (0, "")
    times = [
        float(x.split()[1]) for x in result.lines if x[:4] in ("begi", "ends")
    ]
    assert len(times) == 4
    assert times[2] - times[1] >= 0.2


def test_a_delay_follows_each_run(molotov: Molotov) -> None:
    """Also the last one, and besides the scenario's own."""
    script = """
        @scenario(delay=0.1)
        async def one(session): print("at", time.monotonic())
        @teardown()
        def end(worker_id): print("at", time.monotonic())
    """
    result = molotov(script, "--delay", "0.21", "-r", "3")
    assert (result.status, result.stderr) == (0, "")
    times = [float(x.split()[1]) for x in result.lines if x.startswith("at ")]
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.31
    assert "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 1" in result.lines

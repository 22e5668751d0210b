"""molotov.run: load tests run from Python, in the process of their host."""

import ast
import sys
from typing import Any

import pytest
from commands import BANNER, BYE, Molotov, Result, run
from results_table import split_results

HOST = """
import argparse, io, os, signal, sys
from molotov.run import main, run

def start(**options):
    return run(argparse.Namespace(scenario="loadtest.py", **options))

"""
SCENARIO = """
@scenario()
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
"""


class Host:
    """A program that runs load tests by itself."""

    def __init__(self, molotov: Molotov) -> None:
        self._molotov = molotov

    def __call__(self, script: str, code: str, *arguments: str) -> Result:
        """Runs the code beside that script."""
        self._molotov.write(script)
        folder = self._molotov.folder
        (folder / "host.py").write_text(HOST + code)
        return run(folder, sys.executable, "host.py", *arguments)


@pytest.fixture
def host(molotov: Molotov) -> Host:
    return Host(molotov)


def returned(result: Result) -> dict[str, Any]:
    """What was printed last: the results."""
    assert (result.status, result.stderr) == (0, ""), result
    value = ast.literal_eval(result.lines[-1])
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("processes", [1, 2])
def test_results(host: Host, processes: int) -> None:
    script = SCENARIO + (
        "\n@scenario()\nasync def two(session): raise ValueError(2)\n"
    )
    options = f"workers=3, single_run=True, processes={processes}"
    result = host(script, f"print(start({options}))")
    runs = 3 * processes
    assert returned(result) == {
        "WORKER": 0,
        "REACHED": 0,
        "RATIO": 0.0,
        "OK": runs,
        "FAILED": runs,
        "MINUTE_OK": runs,
        "MINUTE_FAILED": runs,
        "MAX_WORKERS": runs,
        "SETUP_FAILED": 0,
        "SESSION_SETUP_FAILED": 0,
        "PROCESS": processes,
    }
    assert result.lines[0] == BANNER
    workers = " | WORKERS: 3" if processes == 1 else ""
    counts = f"SUCCESSES: {runs} | FAILURES: {runs}{workers}"
    assert result.lines[-3:-1] == [counts, BYE]
    assert result.stdout.count("Failure!") == runs


def test_a_stream(host: Host) -> None:
    code = """
out = io.StringIO()
run(argparse.Namespace(scenario="loadtest.py", max_runs=1), out)
print([out.getvalue()])
"""
    result = host(SCENARIO, code)
    (printed,) = ast.literal_eval(result.lines[-1])
    text, table = split_results(printed)
    assert text == f"{BANNER}\nSUCCESSES: 1 | FAILURES: 0 | WORKERS: 1\n{BYE}\n"
    assert len(table) == 3


def test_the_same_args_with_defaults(host: Host) -> None:
    """Also for options that are no Namespace, as some hosts make them."""
    script = SCENARIO + (
        "\n@global_setup()\ndef init(args):\n"
        "    print(args.mine, args.workers, args.duration, args.max_runs)\n"
        "    args.max_runs = 2\n"
    )
    code = """
class Options:
    scenario = "loadtest.py"
    mine = 7
    quiet = True
print(run(Options())["OK"])
"""
    result = host(script, code)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines == ["7 1 86400 None", "2"]


def test_several_in_one_process(host: Host) -> None:
    """A file is executed anew each time; nothing is left open."""
    script = SCENARIO + "\n@global_setup()\ndef init(args): print('init')\n"
    code = """
counts = []
for processes in (1, 1, 2, 1):
    start(max_runs=2, processes=processes, quiet=True)
    counts.append(len(os.listdir("/proc/self/fd")))
print(len(set(counts)), sys.path.count(os.getcwd()))
"""
    result = host(script, code)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines == ["init"] * 4 + ["1 1"]


def test_a_module_of_the_host(host: Host) -> None:
    """Imported once, by whomever: its scenarios stay for the next run."""
    code = """
for _ in range(2):
    args = argparse.Namespace(scenario="loadtest", max_runs=1, quiet=True)
    print(run(args)["OK"])
"""
    result = host(SCENARIO, code)
    assert (result.status, result.stdout) == (0, "1\n1\n"), result


# The last of the processes that have begun tells the host, once.
WHEN_ALL_HAVE_BEGUN = """
async def tell(processes, *signals):
    os.close(os.open(f"began-{os.getpid()}", os.O_CREAT))
    while len([x for x in os.listdir() if x[:6] == "began-"]) < processes:
        await asyncio.sleep(0.01)
    try:
        os.close(os.open("told", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    for number in signals:
        os.kill(int(open("host").read()), number)

@teardown()
def end_worker(worker_id): print("teardown")

@global_setup()
def init(args): open("host", "w").write(str(args.original_pid))

@global_teardown()
def end(): print("global_teardown")
"""


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal(host: Host, processes: int, name: str) -> None:
    script = f"""
{WHEN_ALL_HAVE_BEGUN}
@scenario()
async def one(session):
    await tell({processes}, signal.{name})
    await asyncio.sleep(0.01)
"""
    code = f"""
before = signal.getsignal(signal.{name})
print("ok:", start(processes={processes})["PROCESS"])
assert signal.getsignal(signal.{name}) is before
"""
    result = host(script, code)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("teardown") == processes
    assert result.lines.count("global_teardown") == 1
    assert "CANCELLED" not in result.stdout
    assert result.lines[-2:] == [BYE, f"ok: {processes}"]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_second_signal_cancels(host: Host, processes: int) -> None:
    script = f"""
{WHEN_ALL_HAVE_BEGUN}
@scenario()
async def one(session):
    await tell({processes}, signal.SIGINT, signal.SIGTERM)
    await asyncio.sleep(300)
"""
    result = host(script, f"print(start(processes={processes})['OK'])")
    assert (result.status, result.lines[-1]) == (0, "0"), result
    assert f"CANCELLED: {processes}" in result.stdout


def test_processes_do_not_cut_each_others_lines(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
@scenario()
async def one(session):
    print("a" * 100)
"""
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    result = host(script, "start(processes=4, workers=4, max_runs=100)")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("a" * 100) == 4 * 4 * 100


@pytest.mark.parametrize("processes", [1, 2])
def test_stdout_is_an_object_of_the_host(host: Host, processes: int) -> None:
    """What its processes print is there too, in whole lines, before what comes
    after them."""
    script = """
@scenario()
async def one(session):
    session.print("ours")
    print("own é" * 5000)

@global_teardown()
def end():
    print("over")
"""
    code = f"""
sys.stdout = io.StringIO()
start(processes={processes}, max_runs=20)
printed, sys.stdout = sys.stdout.getvalue(), sys.__stdout__
print(printed, end="")
"""
    result = host(script, code)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[0] == BANNER
    ours = [line for line in result.lines if line.endswith("ours")]
    assert len(ours) == 20 * processes
    assert result.lines.count("own é" * 5000) == 20 * processes
    assert result.lines[-3] == "over"


def test_half_a_line_of_a_process_is_one(host: Host) -> None:
    """Where stdout is an object of the host's."""
    script = """
@scenario()
async def one(session):
    print("half", end="")
"""
    code = """
sys.stdout = io.StringIO()
start(processes=2, max_runs=1)
printed, sys.stdout = sys.stdout.getvalue(), sys.__stdout__
print(printed, end="")
"""
    result = host(script, code)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("half") == 2


def test_a_stop_in_one_process_stops_all(host: Host) -> None:
    """-x, with nobody else to pass it on."""
    script = """
@scenario()
async def one(session):
    try:
        os.close(os.open("first", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        await asyncio.sleep(0.01)
    else:
        raise ValueError("stop")
"""
    result = host(script, "print(start(processes=2, exception=True))")
    assert returned(result)["FAILED"] == 1


def test_a_process_that_dies(host: Host) -> None:
    script = """
@scenario()
async def one(session):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    result = host(script, "print(start(processes=2)['PROCESS'])")
    assert result.status == 0
    assert result.stderr.count(" was killed by SIGKILL\n") == 2
    assert result.lines[-1] == "2"


def test_sizing(host: Host) -> None:
    # No run has ended before all workers have begun.
    script = """
@scenario()
async def one(session):
    context = get_context(session)
    if context.step == 1:
        begun = f"begun-{os.getpid()}-{context.worker_id}"
        os.close(os.open(begun, os.O_CREAT))
    while not os.path.exists("all"):
        await asyncio.sleep(0.01)
        if len([x for x in os.listdir() if x[:6] == "begun-"]) == 8:
            os.close(os.open("all", os.O_CREAT))
    await asyncio.sleep(0)
    if int.from_bytes(os.urandom(1)) < 128: raise ValueError()
"""
    options = "workers=4, processes=2, sizing=True"
    result = host(script, f"print(start({options}))")
    found = returned(result)
    assert found["REACHED"] == 1
    assert found["RATIO"] > 5
    assert found["MAX_WORKERS"] == 8
    assert "Sizing is over!" in result.lines
    assert f"Error Ratio {found['RATIO']:.2f} % obtained with 8 workers." in (
        result.lines
    )


def test_what_is_not_shown_is_counted(host: Host) -> None:
    script = "@scenario()\nasync def one(session): raise ValueError(1)\n"
    result = host(script, "start(max_runs=150)")
    assert result.stdout.count("Failure!") == 100
    assert "(… 50 more like this)" in result.lines


def test_endpoints(host: Host) -> None:
    result = host(SCENARIO, "start(max_runs=3, verbose=1)")
    assert "Requests per endpoint:" in result.lines


@pytest.mark.parametrize("processes", [1, 2])
def test_setup_fails(host: Host, processes: int) -> None:
    script = SCENARIO + (
        "\n@setup()\nasync def init(worker_id, args): raise ValueError('no')\n"
    )
    result = host(script, f"print(start(processes={processes}))")
    found = returned(result)
    assert 1 <= found["SETUP_FAILED"] <= processes
    assert found["OK"] == 0


def test_what_global_setup_raises(host: Host) -> None:
    script = SCENARIO + (
        "\n@global_setup()\ndef init(args): raise KeyError('mine')\n"
    )
    code = """
try:
    start()
except KeyError as error:
    print(repr(error))
"""
    result = host(script, code)
    assert (result.status, result.lines[-1]) == (0, "KeyError('mine')")


@pytest.mark.parametrize("processes", [1, 2])
def test_sys_exit_of_the_script(host: Host, processes: int) -> None:
    script = "@scenario()\nasync def one(session): sys.exit(7)\n"
    code = f"""
try:
    start(processes={processes})
except SystemExit as error:
    print(error.code)
"""
    result = host(script, code)
    assert (result.status, result.lines[-1]) == (0, "7"), result


def test_exits(host: Host) -> None:
    """As the command: nothing to run, and --fail."""
    assert host("", "start()").status == 1
    failing = "@scenario()\nasync def one(session): raise ValueError(1)\n"
    result = host(failing, "start(max_runs=2, fail=2)")
    assert (result.status, result.lines[-1]) == (1, BYE)
    assert host(failing, "start(max_runs=2, fail=3)").status == 0
    for processes in (1, 2):
        call = f"start(max_runs=2, fail_on_any=True, processes={processes})"
        result = host(failing, call)
        assert (result.status, result.lines[-1]) == (1, BYE)
    assert host(SCENARIO, "start(max_runs=2, fail_on_any=True)").status == 0


def test_beside_the_main_thread(host: Host) -> None:
    code = """
import threading
thread = threading.Thread(target=lambda: print(start(max_runs=3)["OK"]))
thread.start()
thread.join()
"""
    result = host(SCENARIO, code)
    assert (result.status, result.lines[-1], result.stderr) == (0, "3", "")


def test_main_is_the_command(host: Host) -> None:
    result = host(SCENARIO, "print(main())", "-r", "2")
    assert (result.status, result.lines[-1]) == (0, "0"), result
    assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines
    result = host(SCENARIO, "main()", "--workers", "x")
    assert result.status == 2
    assert "invalid int value: 'x'" in result.stderr


def test_main_with_args(host: Host) -> None:
    code = """
open("molotov.json", "w").write(
    '{"molotov": {"tests": {"test": {"max_runs": 3}}}}'
)
print(main(argparse.Namespace(config="molotov.json")))
main(argparse.Namespace(config="missing.json"))
"""
    result = host(SCENARIO, code)
    assert result.status == 1
    assert "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 1" in result.lines
    assert result.lines[-2:] == ["0", "Can't find 'missing.json'"]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_rate(host: Host, processes: int) -> None:
    code = f"print(start(rate='6000/m', duration=1, processes={processes}))"
    assert returned(host(SCENARIO, code))["OK"] == 100


def test_stages(host: Host) -> None:
    code = "print(start(stages='500ms:2,500ms:0'))"
    assert returned(host(SCENARIO, code))["MAX_WORKERS"] == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rate": 0}, "rate: must be above 0"),
        ({"rate": "fast"}, "rate: invalid rate value: 'fast'"),
        ({"rate": 5, "sizing": True}, "rate: not allowed with sizing"),
        ({"rate": 5, "stages": "1s:5"}, "rate: not allowed with stages"),
        ({"rate": 5, "single_run": True}, "rate: not allowed with single_run"),
        ({"stages": "1s"}, "stages: must be DURATION:LEVEL,...: '1s'"),
        ({"stages": 5}, "stages: must be a str"),
        (
            {"stages": "1s:5", "duration": 5},
            "stages: not allowed with duration",
        ),
        ({"arrival": "poisson"}, "arrival: needs rate, or stages of rates"),
        (
            {"rate": 5, "arrival": "often"},
            "arrival: invalid choice: 'often' "
            "(choose from 'constant', 'poisson')",
        ),
        (
            {"warmup": -1},
            "warmup: must not be negative, and must end some day",
        ),
        (
            {"stages": "1s:5", "warmup": 1},
            "warmup: must be shorter than all stages together",
        ),
    ],
)
def test_load_models_that_cannot_be_used(
    host: Host, options: dict[str, Any], said: str
) -> None:
    code = f"""
try:
    start(**{options!r})
except ValueError as error:
    print(error)
"""
    result = host(SCENARIO, code)
    assert (result.status, result.lines) == (0, [said])

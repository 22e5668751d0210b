"""Load models: how many runs begin, and when, of real runs."""

import json
import re
from textwrap import dedent
from typing import Any

import pytest
from board import Board
from commands import BYE, Molotov, Result

ONE = """
@scenario()
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
"""
# Where the last of the script's parts runs, all has been counted.
KEEP_THE_BOARD = """
@global_teardown()
def keep_the_board():
    import glob, shutil
    for link in glob.glob("/proc/self/fd/*"):
        if "molotov-board" in os.path.realpath(link):
            shutil.copyfile(link, "board")
"""


@pytest.fixture(params=["1", "2"])
def processes(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def play(
    molotov: Molotov, script: str, *arguments: str
) -> tuple[Result, Board]:
    result = molotov(script + KEEP_THE_BOARD, *arguments)
    # A busy machine may have it say what it waits for at the end.
    said = result.stderr.splitlines()
    assert result.status == 0, result
    assert [line for line in said if not line.startswith("Waiting")] == []
    board = (molotov.folder / "board").read_bytes()
    return result, Board(bytearray(board))


def counts(result: Result) -> tuple[int, int]:
    """Runs that succeeded and that failed."""
    line = next(line for line in result.lines if line.startswith("SUCC"))
    found = re.match(r"SUCCESSES: (\d+) \| FAILURES: (\d+)", line)
    assert found
    return int(found[1]), int(found[2])


def noted(molotov: Molotov) -> list[Any]:
    """What the processes have written, a line each, into files of theirs."""
    return [
        json.loads(line)
        for path in sorted(molotov.folder.glob("noted-*"))
        for line in path.read_text().splitlines()
    ]


NOTE = """
def note(value):
    import json
    with open(f"noted-{os.getpid()}", "a") as file:
        file.write(json.dumps(value) + chr(10))
"""


# --- rates --------------------------------------------------------------------


def test_as_many_as_rate_and_duration_say(
    molotov: Molotov, processes: str
) -> None:
    result, board = play(
        molotov, ONE, "-p", processes, "--rate", "200", "-d", "2"
    )
    assert counts(result) == (400, 0)
    assert board.total("starts") == 400
    assert board.total("start_delay_sum_ns") > 0
    assert board.total("starts_missed") == 0
    assert "Preparing up to 10000 workers...OK" in result.stdout


def test_a_slow_service_does_not_slow_the_load(
    molotov: Molotov, processes: str
) -> None:
    script = """
    @scenario()
    async def slow(session):
        async with session.get(URL + "/delay/1000") as response:
            assert response.status == 200
    """
    result, board = play(
        molotov, dedent(script), "-p", processes, "--rate", "60", "-d", "1"
    )
    assert counts(result) == (60, 0)
    # The first ones end when the last have begun.
    assert board.total("workers_started") > 40
    assert board.total("cap_reached") == 0


def test_max_runs_bounds_all_starts(molotov: Molotov, processes: str) -> None:
    for most in ("1", "7", "50"):
        result, board = play(
            molotov, ONE, "-p", processes, "--rate", "500", "-r", most
        )
        assert counts(result) == (int(most), 0)
        assert board.total("starts") == int(most)


def test_single_mode(molotov: Molotov, processes: str) -> None:
    script = (
        NOTE
        + "@scenario()\nasync def one(session): note('one')\n"
        + "@scenario()\nasync def two(session): note('two')\n"
    )
    play(
        molotov,
        script,
        "-p",
        processes,
        "-s",
        "two",
        "--rate",
        "300",
        "-r",
        "9",
    )
    assert noted(molotov) == ["two"] * 9


def test_the_cap_is_kept(molotov: Molotov) -> None:
    """And the runs that it delays begin in their turn."""
    script = """
    @scenario()
    async def slow(session):
        async with session.get(URL + "/delay/200"):
            pass
    """
    result, board = play(
        molotov, dedent(script), "--rate", "100", "-w", "3", "-r", "30"
    )
    assert counts(result) == (30, 0)
    assert board.total("workers_started") == 3
    assert board.total("cap_reached") > 20
    assert board.total("late_starts") > 20


def test_a_late_run_is_paid_for_by_its_first_request(molotov: Molotov) -> None:
    """But not by its second one."""
    script = """
    @scenario()
    async def slow(session):
        for path in ("/delay/100", "/"):
            async with session.get(URL + path):
                pass
    """
    result = molotov(
        dedent(script),
        *("--rate", "50", "-w", "1", "-r", "10", "--report", "out.json"),
    )
    assert counts(result) == (10, 0)
    report = json.loads((molotov.folder / "out.json").read_text())
    slow, fast = sorted(
        (
            endpoint["response_time_seconds"]["max"],
            endpoint["response_time_seconds"]["min"],
        )
        for endpoint in report["endpoints"]
    )[::-1]
    # The tenth began 0.9 s after the first, and should have after 0.18 s.
    assert slow[0] >= 0.82
    assert slow[1] < slow[0]
    assert fast[0] < slow[0]


def test_what_never_began_is_counted(molotov: Molotov) -> None:
    script = """
    @scenario()
    async def slow(session):
        async with session.get(URL + "/delay/600"):
            pass
    """
    result, board = play(
        molotov, dedent(script), "--rate", "100", "-w", "2", "-d", "1"
    )
    done, _ = counts(result)
    assert 2 <= done <= 4
    assert board.total("starts") == done
    assert board.total("starts_missed") == 100 - done


def test_poisson(molotov: Molotov, processes: str) -> None:
    arguments = ("-p", processes, "--rate", "400", "-d", "2")
    results = [
        counts(molotov(ONE, *arguments, "--arrival", "poisson", "--seed", seed))
        for seed in ("1", "1", "2")
    ]
    assert results[0] == results[1] != results[2]
    for succeeded, failed in results:  # 800, and a standard deviation of 28
        assert 650 < succeeded < 950
        assert failed == 0


def test_ramp_up_raises_the_rate(molotov: Molotov, processes: str) -> None:
    result, _ = play(
        molotov,
        ONE,
        *("-p", processes, "--rate", "200", "--ramp-up", "1", "-d", "2"),
    )
    assert counts(result) == (100 + 200, 0)


def test_workers_have_their_fixtures(molotov: Molotov) -> None:
    script = NOTE + dedent("""
    @setup()
    async def begin(worker_id, args):
        note(["setup", worker_id])

    @teardown()
    def end(worker_id):
        note(["teardown", worker_id])

    @scenario()
    async def slow(session):
        async with session.get(URL + "/delay/300"):
            pass
    """)
    play(molotov, script, "--rate", "50", "-r", "5")
    calls = noted(molotov)
    assert sorted(calls) == sorted(
        [what, worker] for what in ("setup", "teardown") for worker in range(5)
    )


# --- stages -------------------------------------------------------------------


def test_stages_of_a_rate(molotov: Molotov, processes: str) -> None:
    result, _ = play(
        molotov, ONE, "-p", processes, "--stages", "1s:100/s,500ms:100/s,1s:0/s"
    )
    assert counts(result) == (50 + 50 + 50, 0)


def test_stages_of_workers(molotov: Molotov, processes: str) -> None:
    script = NOTE + dedent("""
    @setup()
    async def begin(worker_id, args):
        note(["setup", worker_id])

    @teardown()
    def end(worker_id):
        note(["teardown", worker_id])

    @scenario()
    async def pause(session):
        await asyncio.sleep(0.01)
    """)
    _, board = play(
        molotov, script, "-p", processes, "--stages", "300ms:3,200ms:3,300ms:0"
    )
    assert board.total("workers_started") == 3 * int(processes)
    assert len(noted(molotov)) == 6 * int(processes)
    if processes == "1":
        assert [worker for what, worker in noted(molotov)] == [0, 1, 2, 2, 1, 0]


# --- warm-up ------------------------------------------------------------------


@pytest.mark.parametrize("model", [["--rate", "100"], ["-w", "2"]])
def test_the_warm_up_counts_nowhere_else(
    molotov: Molotov, processes: str, model: list[str]
) -> None:
    # Nothing of the warm-up fails the run.
    result, board = play(
        molotov,
        "@scenario()\nasync def fails(session):\n"
        "    await asyncio.sleep(0.02)\n"
        "    assert time.monotonic() > float(open('until').read())\n"
        "@global_setup()\ndef init(args):\n"
        "    open('until', 'w').write(str(time.monotonic() + 0.5))\n",
        *("-p", processes, "--warmup", "2", "-d", "1", "--fail-on-any", "-x"),
        *model,
    )
    failed = board.total("warmup_failed")
    succeeded = board.total("warmup_succeeded")
    assert failed > 0
    assert succeeded > 0
    line = f"WARM-UP: {failed + succeeded} runs, {failed} failed"
    assert result.lines[-3] == line
    assert result.lines[-1] == BYE
    done, failures = counts(result)
    assert (done > 0, failures) == (True, 0)
    if model[0] == "--rate":
        assert (failed + succeeded, done) == (200, 100)


def test_max_runs_come_behind_the_warm_up(
    molotov: Molotov, processes: str
) -> None:
    result, board = play(
        molotov,
        ONE,
        *("-p", processes, "--rate", "100", "--warmup", "500ms", "-r", "11"),
    )
    assert counts(result) == (11, 0)
    assert board.total("warmup_succeeded") == 50


# --- seeds --------------------------------------------------------------------

PICKS = (
    NOTE
    + """
import random
AT_IMPORT = random.random()
@scenario(weight=1)
async def one(session): note(["one", random.random()])
@scenario(weight=2)
async def two(session): note(["two", random.random()])
@scenario(weight=3)
async def three(session): note(["three", random.random()])
"""
)


@pytest.mark.parametrize("model", [["--rate", "500", "-w", "1"], ["-w", "1"]])
def test_a_seed_makes_it_the_same(
    molotov: Molotov, processes: str, model: list[str]
) -> None:
    def play_once(*arguments: str) -> list[Any]:
        for path in molotov.folder.glob("noted-*"):
            path.unlink()
        play(molotov, PICKS, "-p", processes, *model, *arguments)
        # Processes are told apart by what they did, not by their pids.
        return sorted(
            [json.loads(line) for line in path.read_text().splitlines()]
            for path in molotov.folder.glob("noted-*")
        )

    first = play_once("-r", "40", "--seed", "1")
    assert len(first) == int(processes)
    assert len({json.dumps(each) for each in first}) == len(first)
    assert play_once("-r", "40", "--seed", "1") == first
    assert play_once("-r", "40", "--seed", "2") != first
    assert play_once("-r", "40") != first


def test_the_scripts_own_seed_has_its_effect(molotov: Molotov) -> None:
    script = "import random\nrandom.seed(3)\n" + PICKS
    play(molotov, script, "-r", "3", "--seed", "1")
    first = noted(molotov)
    (molotov.folder / next(molotov.folder.glob("noted-*")).name).unlink()
    play(molotov, script, "-r", "3", "--seed", "2")
    second = noted(molotov)
    assert [drawn for _, drawn in first] == [drawn for _, drawn in second]

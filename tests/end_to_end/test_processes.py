"""What happens to the rest when one process that makes load dies."""

import os
import re
import signal

import pytest
from commands import BANNER, BYE, Molotov, wait_until
from running import SOON, Running, running

ENDLESS = """
@scenario()
async def one(session):
    print("begun", os.getpid(), flush=True)
    while True: pass

@global_teardown()
def end():
    print("global_teardown")
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_scenario_that_never_yields(molotov: Molotov, processes: str) -> None:
    with running(molotov, ENDLESS, "-p", processes) as command:
        command.wait_for("begun", int(processes))
        command.send(signal.SIGINT)
        # The first one lets the runs finish, so this waits.
        command.expect_no_end(0.5)
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert result.status == 130
    assert result.lines[0] == BANNER
    assert re.fullmatch(
        r"SUCCESSES: 0 \| FAILURES: 0.*( \| CANCELLED: \d)?", result.lines[-2]
    )
    assert result.lines[-1] == BYE
    assert "Traceback" not in result.stderr


# What a scenario does, and what is said of the process.
DEATHS = [
    ("os._exit(3)", "ended with exit code 3 before its work was done"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
    ("import ctypes; ctypes.string_at(0)", "was killed by SIGSEGV"),
    ("os.abort()", "was killed by SIGABRT"),
]

ONE_DIES = """
@global_setup()
def init(args):
    os.environ["DEAD"] = os.path.abspath("dead")

@scenario()
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
    session.count = getattr(session, "count", 0) + 1
    if session.count < 4:
        return
    try:
        os.close(os.open(os.environ["DEAD"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    print("dies", os.getpid(), flush=True)
    {how}

@global_teardown()
def end():
    print("global_teardown")
"""


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize(("how", "said"), DEATHS)
def test_a_process_that_dies(
    molotov: Molotov, processes: str, how: str, said: str
) -> None:
    script = ONE_DIES.replace("{how}", how)
    with running(molotov, script, "-p", processes, "-r", "10") as command:
        result = command.finish()
    (dead,) = command.find(r"^dies (\d+)$")
    assert result.status == 1
    assert result.stderr == f"Process {dead} {said}\n"
    # Three runs of the dead one, and all ten of the other.
    if processes == "1":
        counts = "SUCCESSES: 3 | FAILURES: 0 | WORKERS: 1"
    else:
        counts = "SUCCESSES: 13 | FAILURES: 0"
        assert "global_teardown" in result.lines
    assert result.lines[-2:] == [counts, BYE]


LIMIT_MEMORY = """
    import resource
    with open("/proc/self/statm") as sizes:
        size = int(sizes.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (32 << 20),) * 2)
"""
OVER_ITS_MEMORY = f"""
@scenario()
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
    await asyncio.to_thread(int)
    {LIMIT_MEMORY}
    eaten = []
    while True: eaten.append(bytearray(1 << 20))
"""


@pytest.mark.parametrize("processes", ["1", "2"])
def test_memory_that_python_misses_is_a_failure(
    molotov: Molotov, processes: str
) -> None:
    with running(
        molotov, OVER_ITS_MEMORY, "-p", processes, "-r", "1"
    ) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert "MemoryError()" in result.stdout
    assert f"SUCCESSES: 0 | FAILURES: {processes}" in result.lines[-2]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_memory_that_the_engine_misses_ends_its_process(
    molotov: Molotov, processes: str
) -> None:
    how = f"""
    {LIMIT_MEMORY}
    # Which the engine keeps until there is all of it.
    await (await session.get(URL + "/bytes/1000000000")).read()
"""
    script = ONE_DIES.replace("{how}", how)
    with running(molotov, script, "-p", processes, "-r", "10") as command:
        result = command.finish()
    (dead,) = command.find(r"^dies (\d+)$")
    assert result.status == 1
    said = f"Process {dead} was killed by SIGABRT"
    assert said in result.stderr.splitlines()
    survivors_runs = 0 if processes == "1" else 10
    assert counted(result.lines[-2])[:2] == [3 + survivors_runs, 0]
    assert result.lines[-1] == BYE


def counted(line: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", line)]


FOREVER = """
@setup()
async def init(worker_id, args):
    print("pid", os.getpid(), flush=True)

@scenario()
async def one(session):
    if not os.path.exists("go"):
        return await asyncio.sleep(0.01)
    with open("go") as file:
        assert int(file.read()) != os.getpid(), "this one"
    await asyncio.sleep(0.01)

@teardown()
def end(worker_id):
    print("teardown", os.getpid())
"""


def give_pid(command: Running, molotov: Molotov) -> int:
    command.wait_for("pid ", 2)
    pid = command.find(r"^pid (\d+)$")[0]
    new = molotov.folder / "new"
    new.write_text(pid)
    new.rename(molotov.folder / "go")
    return int(pid)


def test_x_stops_all_processes(molotov: Molotov) -> None:
    with running(molotov, FOREVER, "-p", "2", "-x") as command:
        give_pid(command, molotov)
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert counted(result.lines[-2])[1] == 1
    assert result.stdout.count("AssertionError('this one')") == 1
    assert result.stdout.count("teardown ") == 2


def test_a_failing_setup_stops_all_processes(molotov: Molotov) -> None:
    script = """
        @setup()
        async def init(worker_id, args):
            try:
                os.close(os.open("first", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return
            while not os.path.exists("running"):
                await asyncio.sleep(0.01)
            raise ValueError("setup")

        @scenario()
        async def one(session):
            open("running", "w").close()
            await asyncio.sleep(0.01)
    """
    with running(molotov, script, "-p", "2") as command:
        result = command.finish()
    assert result.status == 1
    assert "ValueError('setup')" in result.stdout
    assert counted(result.lines[-2])[0] >= 1


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("what", ["await asyncio.sleep(1000)", "while 1: pass"])
def test_nothing_outlives_a_killed_command(
    molotov: Molotov, processes: str, what: str
) -> None:
    script = f"""
        @scenario()
        async def one(session):
            print("begun", flush=True)
            {what}
    """
    with running(molotov, script, "-p", processes) as command:
        command.wait_for("begun", int(processes))
        assert len(command.others()) == int(processes) + (processes != "1")
        command.send(signal.SIGKILL)
        assert command.process.wait() == -signal.SIGKILL
        wait_until(lambda: not command.all_pids())


def test_nothing_outlives_the_processes_parent(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            print("parent", os.getppid(), flush=True)
            await asyncio.sleep(1000)
    """
    with running(molotov, script, "-p", "2") as command:
        command.wait_for("parent ", 2)
        (parent,) = set(command.find(r"^parent (\d+)$"))
        os.kill(int(parent), signal.SIGKILL)
        result = command.finish_within(SOON)
    assert result.status == 1
    assert f"Process {parent} was killed by SIGKILL" in result.stderr
    assert result.lines[-2:] == ["SUCCESSES: 0 | FAILURES: 0", BYE]

"""Options whose effect is seen from outside: on what is printed, on the exit
status, on how a run ends."""

import re
import signal

import pytest
from commands import BANNER, BYE, PROGRAMS, Molotov, run
from running import SOON, running

GOOD = "@scenario()\nasync def one(session): pass\n"
FAILS = "@scenario()\nasync def one(session): assert False\n"
HANGS = """
    @scenario()
    async def one(session):
        print("run", flush=True)
        await session.get(URL + "/delay/600000")

    @teardown()
    def end_worker(worker_id):
        print("teardown", worker_id)
"""


def counts(lines: list[str]) -> str:
    return next(line for line in lines if line.startswith("SUCCESSES"))


# --- --use-extension ----------------------------------------------------------


def test_extension_by_path_and_by_module(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    (molotov.folder / "more").mkdir()
    (molotov.folder / "more" / "ext.py").write_text(
        "import molotov, of_ext\n"
        "@molotov.global_setup()\ndef init(args): print('set up', of_ext)\n"
    )
    (molotov.folder / "more" / "of_ext.py").write_text("")
    (molotov.folder / "mods").mkdir()
    (molotov.folder / "mods" / "named.py").write_text(
        "import molotov\n"
        "@molotov.global_teardown()\ndef end(): print('torn down')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(molotov.folder / "mods"))
    result = molotov(
        GOOD, "-r1", "loadtest.py", "--use-extension", "more/ext.py", "named"
    )
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[:3] == [
        BANNER,
        "Loading extension 'more/ext.py'",
        "Loading extension 'named'",
    ]
    assert result.lines[3].startswith("set up <module 'of_ext'")
    assert "torn down" in result.lines
    quiet = molotov(GOOD, "-qr1", "--use-extension=more/ext.py")
    assert (quiet.status, len(quiet.lines)) == (0, 1)


@pytest.mark.parametrize("name", ["loadtest.py", "mine.py"])
def test_a_swallowed_scenario(molotov: Molotov, name: str) -> None:
    """It is the last one given, and nothing else can be the scenario."""
    script = molotov.write("print('loaded')\n" + GOOD)
    script.rename(molotov.folder / name)
    (molotov.folder / "ext.py").write_text("")
    result = run(
        molotov.folder,
        PROGRAMS / "molotov",
        *("-r1", "--use-extension", "ext.py", name),
    )
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[:3] == [BANNER, "Loading extension 'ext.py'", "loaded"]
    assert result.stdout.count("loaded") == 1


def test_what_is_no_swallowed_scenario(molotov: Molotov) -> None:
    """There is a scenario, so each extension is one."""
    for name in ("a.py", "b.py"):
        (molotov.folder / name).write_text(f"print({name!r})")
    result = molotov(GOOD, "-r1", "--use-extension", "a.py", "b.py")
    assert result.lines[1:5] == [
        "Loading extension 'a.py'",
        "a.py",
        "Loading extension 'b.py'",
        "b.py",
    ]
    assert result.status == 0


# --- --debug and --uvloop -----------------------------------------------------


# Whoever hears of a run is not taken for it.
HEARS = """
        @events()
        async def listen(event, **info): pass
"""


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("beside", ["", HEARS], ids=["alone", "listener"])
def test_debug(molotov: Molotov, beside: str, processes: str) -> None:
    script = """
        @setup()
        async def init(worker_id, args):
            # A busy machine makes other steps slow.
            asyncio.get_running_loop().slow_callback_duration = 0.5

        @scenario()
        async def blocks(session):
            assert asyncio.get_running_loop().get_debug()
            time.sleep(0.55)

        @scenario(weight=0.001)
        async def quick(session): pass
    """
    script += beside
    result = molotov(script, "--debug", "-s", "blocks", "-r1", "-p", processes)
    assert result.status == 0
    assert result.stdout.count("**** RUNNING IN DEBUG MODE == SLOW ****") == (
        int(processes)
    )
    slow = re.findall(
        r"^Executing .*blocks\(\).*loadtest\.py:\d+ took \d\.\d+ seconds$",
        result.stderr,
        re.M,
    )
    assert len(slow) == int(processes), result.stderr
    quick = molotov(script, "--debug", "-s", "quick", "-r1")
    assert (quick.status, quick.stderr) == (0, "")


@pytest.mark.parametrize("flags", ["", "-v", "-q"])
def test_uvloop(molotov: Molotov, flags: str) -> None:
    arguments = [flags] if flags else []
    result = molotov(
        GOOD + "assert 'uvloop' not in sys.modules\n",
        *("--uvloop", "-r1", *arguments),
    )
    assert result.status == 0
    assert result.stderr == (
        "--uvloop: the engine is native, uvloop is not needed\n"
        if flags == "-v"
        else ""
    )


# --- --fail-on-any ------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "arguments", "status"),
    [
        (FAILS, [], 0),
        (FAILS, ["--fail-on-any"], 1),
        (FAILS, ["--fail-on-any", "-q"], 1),
        (FAILS, ["--fail-on-any", "-f", "100"], 1),
        (FAILS, ["--fail-on-any", "-p", "2"], 1),
        (GOOD, ["--fail-on-any"], 0),
        (FAILS + "@teardown()\ndef end(w): sys.exit(7)", ["--fail-on-any"], 7),
    ],
)
def test_fail_on_any(
    molotov: Molotov, script: str, arguments: list[str], status: int
) -> None:
    assert molotov(script, "-r2", *arguments).status == status


# --- --grace, and what is waited for ------------------------------------------


@pytest.mark.parametrize("processes", ["1", "2"])
def test_grace_after_the_duration(molotov: Molotov, processes: str) -> None:
    with running(
        molotov, HANGS, *("-d", "1", "--grace", "200ms"), *("-p", processes)
    ) as command:
        result = command.finish_within(SOON)
    assert (result.status, result.stderr) == (0, "")
    assert "SUCCESSES: 0 | FAILURES: 0" in counts(result.lines)
    assert counts(result.lines).endswith(f" | CANCELLED: {processes}")
    assert result.lines.count("teardown 0") == int(processes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_grace_after_a_signal(molotov: Molotov, number: signal.Signals) -> None:
    with running(
        molotov, HANGS, *("--grace", "200ms"), *("-w", "3", "-p", "2")
    ) as command:
        command.wait_for("run\n", 6)
        command.send(number)
        result = command.finish_within(SOON)
    assert result.status == 0
    assert counts(result.lines).endswith(" | CANCELLED: 6")
    assert result.stdout.count("teardown") == 6
    assert result.lines[-1] == BYE


def test_grace_after_a_failure(molotov: Molotov) -> None:
    script = (
        HANGS
        + """
    @scenario(weight=0.001)
    async def fails(session): assert False

    @scenario_picker()
    def pick(worker_id, step):
        return "fails" if worker_id else "one"
    """
    )
    with running(
        molotov, script, *("-x", "--grace", "200ms"), *("-w", "2")
    ) as command:
        result = command.finish_within(SOON)
    assert result.status == 0
    assert counts(result.lines) == (
        "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 2 | CANCELLED: 1"
    )


def test_grace_that_is_not_needed(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL + "/delay/1100") as response:
                assert response.status == 200
    """
    # A busy machine may take a while to begin the run.
    result = molotov(script, "-d", "1", "--grace", "1m")
    assert (result.status, result.stderr) == (0, "")
    assert counts(result.lines) == "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1"


def test_what_is_pending_after_a_signal(molotov: Molotov) -> None:
    with running(molotov, HANGS, *("-w", "3", "-p", "2", "-c")) as command:
        command.wait_for("run\n", 6)
        command.send(signal.SIGINT)
        command.wait_for_error("\n")
        command.send(signal.SIGINT)
        result = command.finish_within(SOON)
    assert result.stderr == (
        "Waiting for 6 workers to finish runs in progress (Ctrl+C again "
        "cancels)\n"
    )
    assert (result.status, result.lines[-1]) == (130, BYE)


def test_what_is_pending_after_the_duration(molotov: Molotov) -> None:
    script = (
        HANGS
        + """
    @global_setup()
    def init(args):
        args.duration = 0.5
    """
    )
    with running(molotov, script, *("-w", "1", "--grace", "1h")) as command:
        command.wait_for_error("\n")
        assert command.stderr == (
            "Waiting for 1 worker to finish a run in progress, 3600 s at most "
            "(Ctrl+C twice cancels)\n"
        )
        command.send(signal.SIGINT)
        command.send(signal.SIGTERM)
        result = command.finish_within(SOON)
    assert result.status in (130, 143)


def test_what_is_pending_is_not_said_when_quiet(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            await session.get(URL + "/delay/2000")
    """
    result = molotov(script, "-q", "-d", "0")
    assert (result.status, result.stdout, result.stderr) == (0, "", "")
    result = molotov(script, "-q", "-d", "100ms")
    assert (result.status, result.stdout, result.stderr) == (0, "", "")

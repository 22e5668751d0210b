"""What a failing part of a script does to the run and to its output."""

import re

import pytest
from commands import BANNER, BYE, Molotov

SCENARIO = """
@scenario()
async def one(session):
    print("one")

@teardown()
def end_worker(worker_id):
    print("teardown", worker_id)

@global_teardown()
def end():
    print("global_teardown")
"""
NOTHING_RUN = "SUCCESSES: 0 | FAILURES: 0 | WORKERS: 1"
END = ["global_teardown", NOTHING_RUN, BYE]


def check_block(block: list[str], error: str, code: str) -> None:
    """A failure's block: repr, the script's frames, an empty line."""
    assert block[0] == error
    assert re.fullmatch(r'  File "/.*/loadtest.py", line \d+, in \w+', block[1])
    assert block[2] == f"    {code}"
    assert "molotov/" not in "".join(block).replace("tmp/molotov", "")
    assert block[-1] == ""


def test_setup_raises(molotov: Molotov) -> None:
    script = """
@setup()
async def init(worker_id, args):
    raise ValueError(worker_id)
"""
    result = molotov(script + SCENARIO)
    assert result.status == 1
    assert result.lines[:2] == [BANNER, "Preparing 1 workers...OK"]
    assert "one" not in result.lines
    check_block(
        result.lines[2:6], "ValueError(0)", "raise ValueError(worker_id)"
    )
    assert result.lines[6:] == [
        "teardown 0",
        "global_teardown",
        NOTHING_RUN,
        BYE,
    ]
    assert result.stderr == ""


def test_setup_returns_no_dict(molotov: Molotov) -> None:
    script = """
@setup()
async def init(worker_id, args):
    return 1
"""
    result = molotov(script + SCENARIO)
    assert result.status == 1
    assert result.lines[2:] == [
        "[W:0] The setup function needs to return a dict",
        "teardown 0",
        "global_teardown",
        NOTHING_RUN,
        BYE,
    ]


def test_setup_returns_what_no_session_takes(molotov: Molotov) -> None:
    script = """
@setup()
async def init(worker_id, args):
    return {"nonsense": 1}
"""
    result = molotov(script + SCENARIO, "-r", "2")
    assert result.status == 0
    assert result.lines.count("[W:0] Session creation failure!") == 2
    assert "nonsense" in result.stdout
    assert "one" not in result.lines
    assert "SUCCESSES: 0 | FAILURES: 2 | WORKERS: 1" in result.lines


def test_setup_session_raises(molotov: Molotov) -> None:
    script = """
@setup_session()
async def init(worker_id, session):
    made.append(session)
    raise ValueError(worker_id)

made = []
"""
    end = SCENARIO.replace(
        'print("teardown", worker_id)', 'print("closed", made[0].closed)'
    )
    result = molotov(script + end)
    assert result.status == 1
    assert "one" not in result.lines
    check_block(
        result.lines[2:6], "ValueError(0)", "raise ValueError(worker_id)"
    )
    assert result.lines[6:] == [
        "closed True",
        "global_teardown",
        NOTHING_RUN,
        BYE,
    ]


def test_setup_session_that_resolves_no_host(molotov: Molotov) -> None:
    """What the resolver says is shown."""
    script = """
@setup_session()
async def init(worker_id, session):
    await session.get("http://does-not-exist.invalid/")
"""
    result = molotov(script + SCENARIO)
    assert result.status == 1
    (said,) = [x for x in result.lines if "ClientConnectorDNSError(" in x]
    assert "does-not-exist.invalid" in said
    assert "gaierror(" in said
    assert "one" not in result.lines
    assert NOTHING_RUN in result.lines


def test_teardown_session_raises(molotov: Molotov) -> None:
    script = """
@teardown_session()
async def finish(worker_id, session):
    made.append(session)
    raise ValueError(worker_id)

made = []
"""
    end = SCENARIO.replace(
        'print("teardown", worker_id)', 'print("closed", made[0].closed)'
    )
    result = molotov(script + end, "-r", "1")
    assert result.status == 1
    check_block(
        result.lines[3:7], "ValueError(0)", "raise ValueError(worker_id)"
    )
    assert result.lines[7:] == [
        "closed True",
        "global_teardown",
        "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]


def test_teardown_raises(molotov: Molotov) -> None:
    script = SCENARIO.replace('print("teardown", worker_id)', "1 / 0")
    result = molotov(script, "-r", "1")
    assert result.status == 1
    assert "ZeroDivisionError('division by zero')" in result.lines
    assert result.lines[-3:] == [
        "global_teardown",
        "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]


def test_global_setup_raises(molotov: Molotov) -> None:
    script = """
@global_setup()
def init(args):
    raise ValueError("no")
"""
    result = molotov(script + SCENARIO, "-p", "2")
    assert result.status == 1
    assert result.lines == [BANNER]
    assert result.stderr.startswith(
        "The global_setup() fixture failed\n"
        "Traceback (most recent call last):\n"
    )
    assert result.stderr.endswith("\nValueError: no\n")
    assert "child.py" not in result.stderr


def test_global_teardown_raises(molotov: Molotov) -> None:
    script = SCENARIO.replace(
        'print("global_teardown")', 'raise ValueError("what is wrong")'
    )
    result = molotov(script, "-r", "1")
    assert result.status == 1
    assert result.lines[-3:] == [
        "what is wrong",
        "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]
    assert "child.py" not in result.stderr


def test_a_fixture_failing_in_one_process_stops_all(molotov: Molotov) -> None:
    script = """
@setup()
async def init(worker_id, args):
    os.mkdir("first")  # fails in the other one

@scenario()
async def one(session):
    await asyncio.sleep(0.001)
"""
    result = molotov(script, "-p", "2")
    assert result.status == 1
    assert "FileExistsError" in result.stdout
    assert BYE in result.lines


def test_stop_at_the_first_failure_in_all_processes(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    await asyncio.sleep(0.001)
    os.mkdir("first")
"""
    # The first run makes the folder, the next one fails, in either process.
    result = molotov(script, "-p", "2", "-x")
    assert result.status == 0
    assert re.search(r"FAILURES: [12]$", result.stdout, re.M)


def test_a_failure_shows_its_place(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    async with session.get(URL + "/status/404") as response:
        assert response.status == 200, response.status
"""
    result = molotov(script, "-r", "1")
    assert result.status == 0
    assert result.lines[2] == "[W:0] Failure!"
    check_block(
        [*result.lines[3:6], result.lines[-3]],
        "AssertionError(404)",
        "assert response.status == 200, response.status",
    )


def test_many_failures_of_a_kind_are_counted(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    raise ValueError(1)
"""
    result = molotov(script, "-r", "1234")
    assert result.lines.count("[W:0] Failure!") == 100
    assert "(… 1,134 more like this)" in result.lines
    assert "SUCCESSES: 0 | FAILURES: 1234 | WORKERS: 1" in result.lines


def test_lines_of_a_failure_in_several_processes(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    raise ValueError(1)
"""
    result = molotov(script, "-p", "2", "-r", "1")
    ours = result.lines[2:-2]
    assert len(ours) == 2 * 6
    assert all(re.match(r"\[\d+\] ", line) for line in ours)


def test_a_scenario_that_takes_no_session(molotov: Molotov) -> None:
    result = molotov("@scenario()\nasync def one(): pass", "-r", "1")
    assert "TypeError(" in result.stdout
    assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines


def test_a_picker_that_names_no_scenario(molotov: Molotov) -> None:
    script = """
@scenario_picker()
def pick(worker_id, step_id):
    return "nobody"
"""
    result = molotov(script + SCENARIO, "-r", "2")
    assert result.status == 0
    assert result.lines[2:5] == [
        "[W:0] Could not pick a scenario",
        "ValueError('Could not pick a scenario')",
        "",
    ]
    assert "SUCCESSES: 0 | FAILURES: 2 | WORKERS: 1" in result.lines


def test_a_picker_that_raises(molotov: Molotov) -> None:
    script = """
@scenario_picker()
def pick(worker_id, step_id):
    1 / 0
"""
    result = molotov(script + SCENARIO, "-r", "2")
    assert result.status == 1
    assert "ZeroDivisionError('division by zero')" in result.lines
    assert "teardown 0" in result.lines


@pytest.mark.parametrize(
    "how", ["raise asyncio.CancelledError", "return Odd('one')"]
)
def test_a_picker_that_fails_strangely(molotov: Molotov, how: str) -> None:
    """Nothing of Molotov's own is shown."""
    script = f"""
class Odd(str):
    def __hash__(self):
        raise asyncio.CancelledError

@scenario_picker()
def pick(worker_id, step_id):
    {how}
"""
    result = molotov(script + SCENARIO, "-r", "2")
    assert (result.status, result.stderr) == (1, "")
    assert "[W:0] The scenario picker failed" in result.lines
    assert "CancelledError()" in result.lines
    assert "teardown 0" in result.lines


def test_a_worker_that_is_cancelled(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    asyncio.current_task().cancel()
    await asyncio.sleep(10)
"""
    result = molotov(script, "-r", "2")
    assert result.status == 1
    assert "[W:0] Worker died!" in result.lines
    assert "CancelledError()" in result.stdout


@pytest.mark.parametrize(
    "dies",
    [
        "asyncio.current_task().cancel(); await asyncio.sleep(10)",
        "raise asyncio.CancelledError",
    ],
)
def test_a_worker_that_dies_has_its_sessions_closed(
    molotov: Molotov, dies: str
) -> None:
    script = f"""
@setup_session()
async def init(worker_id, session):
    made.append(session)

@scenario()
async def one(session):
    async with session.get(URL) as response:
        assert response.status == 200
    {dies}

@teardown_session()
async def finish(worker_id, session):
    print("teardown_session", session.closed)

@teardown()
def end_worker(worker_id):
    print("teardown", made[0].closed)

made = []
"""
    result = molotov(script)
    assert (result.status, result.stderr) == (1, "")
    assert "[W:0] Worker died!" in result.lines
    assert result.lines[-4:] == [
        "teardown_session False",
        "teardown True",
        NOTHING_RUN,
        BYE,
    ]


def test_a_failure_is_told_without_its_cause(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session):
    try:
        {}["missing"]
    except KeyError as error:
        raise ValueError("second") from error
"""
    result = molotov(script, "-r", "1")
    assert result.lines[2:4] == ["[W:0] Failure!", "ValueError('second')"]
    assert "KeyError(" not in result.stdout
    assert "Traceback" not in result.stdout
    assert "direct cause" not in result.stdout


def test_what_quiet_leaves_to_be_seen(molotov: Molotov) -> None:
    script = """
@scenario()
async def one(session): pass

@global_teardown()
def end(): raise ValueError("what is wrong")
"""
    result = molotov(script, "-q", "-r", "1")
    assert (result.status, result.stdout) == (1, "what is wrong\n")
    script = """
@scenario()
async def one(session): pass

@global_setup()
def init(args): raise ValueError("no")
"""
    result = molotov(script, "-q", "-r", "1")
    assert (result.status, result.stdout) == (1, "")
    assert result.stderr.endswith("\nValueError: no\n")


def test_what_is_no_exception_kills_its_worker(molotov: Molotov) -> None:
    """It is said, and what the worker had is put away."""
    script = """
class Worse(BaseException): pass

@scenario()
async def one(session): raise Worse("bad")

@teardown_session()
async def end_session(worker_id, session):
    print("teardown_session", session.closed)

@teardown()
def end_worker(worker_id): print("teardown")
"""
    result = molotov(script, "-r", "2")
    assert (result.status, result.stderr) == (1, "")
    assert result.lines[2:4] == ["[W:0] Worker died!", "Worse('bad')"]
    assert "SUCCESSES: 0 | FAILURES: 0 | WORKERS: 1" in result.lines
    assert result.lines[-4:-2] == ["teardown_session False", "teardown"]


EXITS = {
    "import": "sys.exit(3)",
    "global_setup": "@global_setup()\ndef f(args): sys.exit(3)",
    "setup": "@setup()\nasync def f(worker_id, args): sys.exit(3)",
    "setup_session": "@setup_session()\nasync def f(w, s): sys.exit(3)",
    "scenario_picker": "@scenario_picker()\ndef f(w, step): sys.exit(3)",
    "session_factory": (
        "@session_factory('mine')\ndef f(*a, **k): sys.exit(3)\n"
        "@scenario()\nasync def two(session, session_factory='mine'): pass"
    ),
    "teardown": "@teardown()\ndef f(worker_id): sys.exit(3)",
    "events": "@events()\nasync def f(event, **info): sys.exit(3)",
    "scenario": "@scenario()\nasync def two(session): sys.exit(3)",
    "teardown_session": "@teardown_session()\nasync def f(w, s): sys.exit(3)",
    "global_teardown": "@global_teardown()\ndef f(): sys.exit(3)",
}


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("code", EXITS.values(), ids=EXITS.keys())
def test_the_scripts_own_exit(
    molotov: Molotov, code: str, processes: str
) -> None:
    script = "@scenario()\nasync def one(session): pass\n" + code
    # A picker is asked only where scenarios are picked.
    bound = ["-r", "1"] if "picker" in code else ["--single-run"]
    result = molotov(script, *bound, "-p", processes)
    assert (result.status, result.stderr) == (3, "")


def test_keyboard_interrupt_of_a_scenario(molotov: Molotov) -> None:
    script = SCENARIO.replace('print("one")', "raise KeyboardInterrupt")
    result = molotov(script)
    assert result.status == 130
    assert "global_teardown" in result.lines


SESSION_USERS = {
    "refused": ("http://127.0.0.1:1/", "ClientConnectorError"),
    "unresolved": ("http://nowhere.invalid/", "ClientConnectorDNSError"),
    "malformed": ("nonsense", "InvalidUrlClientError"),
    "scheme": ("ftp://127.0.0.1/", "NonHttpUrlClientError"),
}


@pytest.mark.parametrize(
    "url, name", SESSION_USERS.values(), ids=SESSION_USERS.keys()
)
def test_failed_requests(molotov: Molotov, url: str, name: str) -> None:
    script = f"""
@scenario()
async def one(session):
    try:
        await session.get({url!r})
    except molotov.exceptions.{name} as error:
        print("caught", error)
        raise

import molotov.exceptions
"""
    result = molotov(script, "-r", "1")
    assert "SUCCESSES: 0 | FAILURES: 1 | WORKERS: 1" in result.lines
    (line,) = [x for x in result.lines if x.startswith("caught ")]
    place = url.removeprefix("http://").rstrip("/").split(":")[0]
    assert place in line

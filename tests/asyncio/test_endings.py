"""Scenarios that end themselves, their worker, the loop or the process."""

import re

import pytest


def test_a_scenario_that_cancels_itself_is_dead(molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            asyncio.current_task().cancel("no more")
            await asyncio.sleep(0)
            print("not reached")

        @teardown()
        def end(worker_id):
            print("teardown", worker_id)
    """
    result = molotov(script, "-w", "2", "-r", "5")
    assert result.status == 1, result
    assert result.lines.count("CancelledError('no more')") == 2
    for worker in "01":
        assert f"[W:{worker}] Worker died!" in result.lines
        assert f"teardown {worker}" in result.lines
    assert "not reached" not in result.lines
    assert "SUCCESSES: 0 | FAILURES: 0 | WORKERS: 2" in result.lines


def test_one_that_dies_leaves_the_others(molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            await session.get(URL)
            if asyncio.current_task().get_name() == "worker-0":
                raise asyncio.CancelledError
    """
    result = molotov(script, "-w", "3", "-r", "5")
    assert result.status == 1, result
    assert "SUCCESSES: 10 | FAILURES: 0 | WORKERS: 3" in result.lines


IN_STEP = """
        @scenario()
        async def one(session):
            await session.get(URL)
            {}
            await session.get(URL + "/never")
"""
IN_CHILD = """
        async def child(session):
            await session.get(URL)
            {}

        @scenario()
        async def one(session):
            await asyncio.gather(child(session), session.get(URL + "/never"))
"""
IN_CALLBACK = """
        def call():
            {}

        @scenario()
        async def one(session):
            asyncio.get_running_loop().call_later(0.01, call)
            await session.get(URL + "/never")
"""
PLACES = {"step": IN_STEP, "child": IN_CHILD, "callback": IN_CALLBACK}
EXITS = {
    "sys.exit(7)": 7,
    "sys.exit()": 0,
    "sys.exit('enough')": 1,
    "raise KeyboardInterrupt": 130,
}
GLOBAL_TEARDOWN = """
        @global_teardown()
        def end():
            print("global_teardown")
"""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", EXITS)
def test_the_script_ends_the_process(molotov, place: str, code: str) -> None:
    script = PLACES[place].format(code) + GLOBAL_TEARDOWN
    result = molotov(script, "-w", "2", "-d", "60")
    assert result.status == EXITS[code], result
    expected = "enough\n" if "enough" in code else ""
    assert result.stderr == expected
    # As in 2.7: only after a KeyboardInterrupt.
    after = "global_teardown" in result.lines
    assert after == (code == "raise KeyboardInterrupt")


def test_the_script_stops_the_loop(molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            await session.get(URL)
            print("stopping")
            asyncio.get_running_loop().stop()
            await session.get(URL)
            print("finished")

        @teardown()
        def end(worker_id):
            print("teardown", worker_id)
    """
    result = molotov(script + GLOBAL_TEARDOWN, "-w", "2", "-d", "60")
    assert (result.status, result.stderr) == (0, ""), result
    lines = result.lines
    # What is under way finishes.
    assert lines.count("finished") == lines.count("stopping") > 0
    assert {"teardown 0", "teardown 1", "global_teardown"} <= set(lines)


def test_slow_steps_are_named_in_debug_mode(
    molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    script = """
        @scenario()
        async def dawdling(session):
            await session.get(URL)
            time.sleep(0.15)
    """
    result = molotov(script, "-r", "1")
    assert result.status == 0, result
    named = re.search(r"Executing .*dawdling.* took \d+\.\d+ s", result.stderr)
    assert named, result


def test_what_asyncio_has_to_say_is_seen(molotov) -> None:
    script = """
        async def failing():
            raise KeyError("nobody looks")

        @scenario()
        async def one(session):
            asyncio.create_task(failing())
            await asyncio.sleep(0.01)
            asyncio.get_running_loop().call_soon(int, "no number")
            await asyncio.sleep(0.01)
    """
    result = molotov(script, "-r", "1")
    assert result.status == 0
    assert "Task exception was never retrieved" in result.stderr
    assert "KeyError: 'nobody looks'" in result.stderr
    assert "invalid literal for int()" in result.stderr

"""Scenarios that do what they should not, which must hurt nobody else."""

import pytest
from commands import Molotov


def test_one_that_closes_its_session(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                assert response.status == 200
            await session.close()

        @teardown_session()
        async def end(worker_id, session):
            print("closed", session.closed)
    """
    result = molotov(script, "-r", "3")
    assert (result.status, result.stderr) == (0, "")
    assert "RuntimeError('Session is closed')" in result.lines
    assert "closed True" in result.lines
    assert "SUCCESSES: 1 | FAILURES: 2 | WORKERS: 1" in result.lines


def test_one_that_blocks(molotov: Molotov) -> None:
    """Answers that came meanwhile are served after it."""
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL) as response:
                if get_context(session).worker_id == 0:
                    time.sleep(1.5)
                assert response.status == 200
    """
    result = molotov(script, "-w", "5", "-r", "2")
    assert (result.status, result.stderr) == (0, "")
    assert "SUCCESSES: 10 | FAILURES: 0 | WORKERS: 5" in result.lines


@pytest.mark.parametrize("processes", ["1", "2"])
def test_one_that_forks(molotov: Molotov, processes: str) -> None:
    script = """
        @scenario()
        async def one(session):
            pid = os.fork()
            if pid == 0:
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
            async with session.get(URL) as response:
                assert response.status == 200
    """
    result = molotov(script, "-r", "3", "-p", processes)
    assert (result.status, result.stderr) == (0, "")
    assert f"SUCCESSES: {3 * int(processes)} | FAILURES: 0" in result.stdout


@pytest.mark.parametrize("answer", ["None", "1", "[]", "pick", "float('nan')"])
def test_a_picker_that_answers_nonsense(molotov: Molotov, answer: str) -> None:
    script = f"""
        @scenario_picker()
        def pick(worker_id, step_id):
            return {answer} if step_id < 3 else "one"

        @scenario()
        async def one(session): pass
    """
    result = molotov(script, "-r", "3")
    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.count("[W:0] Could not pick a scenario") == 2
    assert "SUCCESSES: 1 | FAILURES: 2 | WORKERS: 1" in result.lines

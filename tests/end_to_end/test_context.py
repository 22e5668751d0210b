"""What a script learns by get_context(session)."""

import textwrap

from commands import Molotov

SLOTS = """
class Slots:
    __slots__ = ()

@session_factory("slots")
def make(*args, **options):
    return Slots()
"""


def test_context_of_each_worker(molotov: Molotov) -> None:
    script = """
        from molotov.session import get_context

        @setup_session()
        async def init(worker_id, session):
            context = get_context(session)
            assert context is molotov.get_context(session) is session.context
            assert context.worker_id == worker_id
            assert context.statsd is session.statsd is None
            assert context.step is None
            context.attach("name", f"worker {worker_id}")
            context.more = [worker_id]

        @scenario()
        async def one(session):
            context = get_context(session)
            assert context.args.workers == 2
            assert context.more == [context.worker_id]
            await asyncio.sleep(0.001)
            print(context.name, "step", context.step)

        @teardown_session()
        async def end(worker_id, session):
            print(worker_id, "ended after", get_context(session).step)
    """
    result = molotov(script, "-w", "2", "-r", "3")
    assert (result.status, result.stderr) == (0, "")
    for worker in range(2):
        steps = [x for x in result.lines if x.startswith(f"worker {worker}")]
        assert steps == [f"worker {worker} step {n}" for n in (1, 2, 3)]
        assert f"{worker} ended after 3" in result.lines


def test_sessions_that_take_no_attribute(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session, session_factory="slots"):
            print("step", get_context(session).step)

        @global_teardown()
        def end():
            print("left", len(molotov.context._kept_apart))
    """
    result = molotov(SLOTS + textwrap.dedent(script), "-r", "2", "-w", "2")
    assert (result.status, result.stderr) == (0, "")
    assert result.lines.count("step 1") == result.lines.count("step 2") == 2
    assert "left 0" in result.lines


def test_what_is_no_session_has_no_context(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            assert get_context(object()) is None
    """
    assert molotov(script, "-r", "1").lines[-2].startswith("SUCCESSES: 1")

"""molotov.session.get_session: sessions beside those of the workers."""

import asyncio

from commands import Molotov
from scripts import run_well

from molotov.session import get_context, get_session


def test_a_session_of_ones_own(molotov: Molotov) -> None:
    """It asks with its own headers and cookies, and prints as others do."""
    script = """
        from molotov.session import get_context, get_eventer, get_session

        @events()
        async def listen(event, **info):
            if event == "sending_request":
                print("told of", info["request"].url.path)

        async def note(event, **info):
            if event == "response_received":
                print("heard", info["response"].status)

        @scenario()
        async def one(session):
            headers = {"X-Mine": "yes"}
            async with get_session(
                session.loop, session.console, statsd="mine", headers=headers
            ) as own:
                async with own.get(URL + "/headers") as response:
                    print((await response.json())["headers"]["X-Mine"])
                own.print("  printed")
                context = get_context(own)
                print(context.statsd, context.args, context.worker_id,
                      context.step)
                get_eventer(own).add_listener(note)
                await own.get(URL)
            print(own.closed, session.closed)
    """
    assert run_well(molotov, script) == [
        "yes",
        "printed",
        "mine None None None",
        "heard 200",
        "True False",
    ]


def test_verbose(molotov: Molotov) -> None:
    script = """
        from molotov.session import get_session

        @scenario()
        async def one(session):
            async with get_session(session.loop, None, verbose=2) as own:
                await own.get(URL + "/json")
                own.print("printed")
    """
    lines = run_well(molotov, script)
    assert any(x.startswith("GET http://") for x in lines)
    assert "HTTP/1.1 200 OK" in lines
    assert lines[-1] == "printed"


def test_a_kind_of_the_scripts(molotov: Molotov) -> None:
    script = """
        from molotov.session import get_context, get_session

        class Mine:
            pass

        @session_factory("mine")
        def make(loop, console, verbose, statsd, trace_config, **options):
            print(verbose, statsd, options)
            return Mine()

        @scenario()
        async def one(session):
            own = get_session(session.loop, None, 1, None, "mine", size=3)
            print(type(own).__name__, get_context(own).statsd)
            try:
                get_session(session.loop, None, kind="other")
            except KeyError as error:
                print(error)
    """
    assert run_well(molotov, script) == [
        "1 None {'size': 3}",
        "Mine None",
        "'other'",
    ]


def test_without_a_load_test(target: str) -> None:
    async def ask() -> None:
        loop = asyncio.get_running_loop()
        async with get_session(loop, None, headers={"X-Mine": "yes"}) as own:
            async with own.get(target + "/headers") as response:
                headers = (await response.json())["headers"]
            assert headers["X-Mine"] == "yes"
            context = get_context(own)
            assert (context.worker_id, context.step) == (None, None)
            context.attach("mine", 1)
            assert get_context(own).mine == 1

    asyncio.run(ask())

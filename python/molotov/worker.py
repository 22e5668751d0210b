"""What the engine runs of a script: the program, and one worker's part of it.

The engine decides when; here is what. See Program and WorkerCode in
``_engine.pyi``.
"""

import argparse
import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from molotov import _engine, api
from molotov.console import Console
from molotov.context import Context, forget_context
from molotov.listeners import EventSender, verbose_listeners
from molotov.scenario_code import ScenarioCode, make_scenario_code
from molotov.session import ClientSession
from molotov.session_kinds import make_session
from molotov.tracebacks import failure_key

if TYPE_CHECKING:
    from molotov._engine import Board, Engine, ScenarioRecord

# What Program.picker answers with instead of an index. The engine says that
# there is no such scenario.
NO_SCENARIO = -1
PICKER_FAILED = -2


class Program:
    """A loaded script, in a process that makes load."""

    def __init__(
        self,
        scenarios: list[api.Scenario],
        args: argparse.Namespace,
        engine: "Engine",
        board: "Board",
        console: Console,
    ) -> None:
        listeners = api.get_listeners()
        self.events = EventSender(self, listeners)
        self.session_listeners = [
            *verbose_listeners(console, args.verbose, args.show_secrets),
            *listeners,
        ]
        self.code = make_scenario_code(engine, scenarios, self.events)
        # mypy takes a field that is a Callable for a method, so for read-only.
        self.scenarios = cast("Sequence[ScenarioRecord]", self.code)
        self.args = args
        self.engine = engine
        self.board = board
        self.console = console
        self.fixture_failed = False
        self.statsd: Any = None
        self.picker = self._make_picker()

    def make_worker(self, worker_id: int) -> "Worker":
        return Worker(self, worker_id)

    def print(self, line: str) -> None:
        self.console.print(line)

    def print_error(self, error: BaseException) -> None:
        """Prints what a listener raised, unless many of its kind were seen."""
        if (
            self.board.count_failure(failure_key(error))
            < _engine.FAILURES_SHOWN
        ):
            self.console.print_error(error)

    def count_fixture_failure(self, counter: str) -> None:
        """Counts on the board, and remembers for this process' exit status."""
        self.fixture_failed = True
        self.board.add(counter)

    def _make_picker(self) -> Callable[[int, int], int] | None:
        pick = api.get_fixture("scenario_picker")
        if pick is None:
            return None
        index = {s.name: i for i, s in enumerate(self.scenarios)}

        def picker(worker_id: int, step: int) -> int:
            try:
                name = pick(worker_id, step)
                if not isinstance(name, str):
                    return NO_SCENARIO
                return index.get(name, NO_SCENARIO)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:
                self.show_failure(
                    worker_id, "The scenario picker failed", error
                )
                return PICKER_FAILED

        return picker

    def show_failure(
        self, worker_id: int, what: str, error: BaseException
    ) -> None:
        """Prints a failure, unless many of its kind have been seen."""
        seen = self.board.count_failure(failure_key(error))
        if seen < _engine.FAILURES_SHOWN:
            self.console.print_error(error, f"[W:{worker_id}] {what}")


class Worker:
    """The fixtures and sessions of one worker."""

    def __init__(self, program: Program, worker_id: int) -> None:
        self._program = program
        self._console = program.console
        self._id = worker_id
        self._sessions: dict[str, Any] = {}  # by kind, in the order of making
        self._session_options: dict[str, Any] = {}
        self._creation_failure: BaseException | None = None

    async def setup(self) -> bool:
        fixture = api.get_fixture("setup")
        if fixture is None:
            return True
        try:
            options = await fixture(self._id, self._program.args)
        except Exception as error:
            self._console.print_error(error)
            self._program.count_fixture_failure("setups_failed")
            return False
        if options is None:
            return True
        if not isinstance(options, dict):
            self._say("The setup function needs to return a dict")
            self._program.count_fixture_failure("setups_failed")
            return False
        self._session_options = options
        return True

    async def open_session(self, scenario: int) -> Any:
        code = self._program.code[scenario]
        if self._program.args.verbose:
            self._say(f"Setting up session of kind {code.kind}")
        try:
            session = self._make_session(code)
        except Exception as error:
            self._creation_failure = error
            await self._program.events.send_event(
                "scenario_failure",
                scenario=code.record,
                exception=error,
                wid=self._id,
            )
            raise
        try:
            ready = await self._set_up_session(session)
        except BaseException:
            await close_quietly(session)
            raise
        if not ready:
            await close_quietly(session)
            return None
        self._sessions[code.kind] = session
        return session

    async def teardown(self) -> bool:
        ok = True
        while self._sessions:
            session = self._sessions.pop(next(iter(self._sessions)))
            ok = await self._tear_down_session(session) and ok
        fixture = api.get_fixture("teardown")
        if fixture is None:
            return ok
        try:
            fixture(self._id)
        except Exception as error:
            self._console.print_error(error)
            self._program.count_fixture_failure("teardowns_failed")
            return False
        return ok

    def on_failure(self, scenario: int, exception: BaseException) -> None:
        created = exception is not self._creation_failure
        what = "Failure!" if created else "Session creation failure!"
        self._program.show_failure(self._id, what, exception)

    def on_death(self, exception: BaseException) -> None:
        self._console.print_error(exception, f"[W:{self._id}] Worker died!")

    def _say(self, line: str) -> None:
        self._console.print(f"[W:{self._id}] {line}")

    def _make_session(self, code: ScenarioCode) -> Any:
        program = self._program
        options = self._session_options | code.options
        loop = asyncio.get_running_loop()
        worker = cast("_engine.Worker", asyncio.current_task())
        context = Context(program.args, program.statsd, self._id, worker)

        def make_http(**options: Any) -> ClientSession:
            session = ClientSession(loop=loop, **options)
            session._belong_to(self._console, context)
            session._listen(program, program.session_listeners)
            return session

        return make_session(
            code.kind,
            make_http,
            loop,
            self._console,
            program.args.verbose,
            context,
            options,
        )

    async def _set_up_session(self, session: Any) -> bool:
        fixture = api.get_fixture("setup_session")
        if fixture is None:
            return True
        try:
            await fixture(self._id, session)
        except Exception as error:
            self._console.print_error(error)
            self._program.count_fixture_failure("session_setups_failed")
            return False
        return True

    async def _tear_down_session(self, session: Any) -> bool:
        fixture = api.get_fixture("teardown_session")
        ok = True
        try:
            if fixture is not None:
                await fixture(self._id, session)
        except Exception as error:
            self._console.print_error(error)
            self._program.count_fixture_failure("teardowns_failed")
            ok = False
        finally:
            await close_quietly(session)
        return ok


async def close_quietly(session: Any) -> None:
    """Closes a session; what goes wrong then is nobody's result any more, also
    that a factory's has no close(), or one that is not awaited."""
    try:
        with contextlib.suppress(Exception):
            await session.close()
    finally:
        forget_context(session)

"""The Python process under the supervisor: a script's life from end to end.

Its exit status: 0 after a run; 1 when the script could not be used or a fixture
failed; n when the script called sys.exit(n).
"""

import gc
import io
import os
import random
import signal
import sys
from collections.abc import Callable
from types import FrameType

from molotov import api
from molotov._engine import Board
from molotov._guest import use_options_of
from molotov.console import Console
from molotov.listeners import EventSender
from molotov.load_process import run_load
from molotov.loader import CannotUseScript, load_script
from molotov.plan import print_plan
from molotov.processes import Children, fork_all, leave_at_once
from molotov.supervised import (
    STOP_AND_CANCEL,
    STOP_GRACEFULLY,
    Supervised,
    read_protocol,
)
from molotov.tracebacks import print_script_error

KEYBOARD_INTERRUPT = 130


def main(protocol: str) -> int:
    """Runs a script as the supervisor said; returns the exit status."""
    try:
        supervised = read_protocol(protocol)
        board = Board(supervised.board)
        if board.processes != supervised.processes:
            raise ValueError(f"the board is for {board.processes} processes")
    except (ValueError, OSError) as error:
        print(f"molotov: {error}", file=sys.stderr)
        return 1
    print_whole_lines()
    return Child(supervised, board).run()


def has_authorities(path: str | None, source: str) -> bool:
    """Says what is wrong with the file of --cacert before it is needed, and
    where it is named."""
    if path is None:
        return True
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        why = f"there are no certificates in {path!r}"
    except OSError as error:
        why = f"cannot read {path!r}: {error.strerror}"
    else:
        return True
    print(f"molotov: error: {source}: {why}", file=sys.stderr)
    return False


def print_whole_lines() -> None:
    """Has stdout written a line at a time, with PYTHONUNBUFFERED too, and no
    line fail to print for a strange character."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            line_buffering=True, write_through=False, errors="backslashreplace"
        )


class Child:
    """The process that loads the script; with several, their parent."""

    def __init__(self, supervised: Supervised, board: "Board") -> None:
        self._supervised = supervised
        self._board = board
        self._args = supervised.args

    def run(self) -> int:
        """Everything, to the exit status."""
        if self._supervised.processes == 1:
            self._board.attach(0)
            self._board.set_phase("starting")
        status = self._of_script(self.run_script)
        if self._board.stop_level() >= STOP_AND_CANCEL:
            leave_at_once(status)
        return status

    def run_script(self) -> int:
        """The script's life; 1 when a fixture failed. Raises CannotUseScript,
        and what the script ends its process with."""
        source = self._supervised.cacert_source
        if not has_authorities(self._args.cacert, source):
            raise CannotUseScript
        use_options_of(self._args)
        if self._args.seed is not None:
            random.seed(self._args.seed)
        scenarios = load_script(self._args)
        if self._args.dry_run:
            print_plan(scenarios)
            return 0
        self._args.original_pid = os.getpid()
        self._args.shared_console = Console(
            quiet=self._args.quiet, several_processes=False
        )
        self._global_setup()
        self._begin()
        try:
            status = self._make_load(scenarios)
        except KeyboardInterrupt:
            self._global_teardown()
            raise
        return self._global_teardown() or status

    def _begin(self) -> None:
        signal.signal(signal.SIGTERM, self._on_sigterm)
        # What is there now stays; the collector need not look at it again.
        gc.collect()
        gc.freeze()

    def _make_load(self, scenarios: list[api.Scenario]) -> int:
        if self._supervised.processes == 1:
            self._supervised.close_output()
            return self._load(0, scenarios)
        console = self._args.shared_console
        console.print(f"Forking {self._supervised.processes} processes")
        pids = fork_all(
            self._supervised,
            lambda index: self._of_script(lambda: self._load(index, scenarios)),
        )
        status = self._wait(self._children(pids), console)
        self._supervised.wait_until_read()
        self._supervised.close_output()
        return status

    def _load(self, index: int, scenarios: list[api.Scenario]) -> int:
        return run_load(self._supervised, self._board, index, scenarios)

    def _children(self, pids: list[int]) -> Children:
        return Children(pids, self._board, self._board.report_exit)

    def _wait(self, children: Children, console: Console) -> int:
        try:
            return children.wait(EventSender(console, api.get_listeners()))
        except SystemExit as error:
            self._leave(_status_of(error))
            children.wait(EventSender(console))
            raise

    def _of_script(self, code: Callable[[], int]) -> int:
        """Runs code that may end by the script's own exit."""
        try:
            return code()
        except CannotUseScript:
            return 1
        except SystemExit as error:
            return self._leave(_status_of(error))
        except KeyboardInterrupt:
            return self._leave(KEYBOARD_INTERRUPT)

    def _leave(self, status: int) -> int:
        self._board.set_script_exit(status)
        self._board.request_stop(STOP_GRACEFULLY)
        self._supervised.wake_all()
        return status

    def _global_setup(self) -> None:
        fixture = api.get_fixture("global_setup")
        if fixture is None:
            return
        try:
            fixture(self._args)
        except Exception as error:
            sys.stdout.flush()
            print("The global_setup() fixture failed", file=sys.stderr)
            print_script_error(error)
            raise CannotUseScript from error

    def _global_teardown(self) -> int:
        fixture = api.get_fixture("global_teardown")
        if fixture is None:
            return 0
        try:
            fixture()
        except Exception as error:
            print(error, flush=True)
            print_script_error(error)
            return 1
        return 0

    def _on_sigterm(self, _signal: int, _frame: FrameType | None) -> None:
        self._board.request_stop(STOP_GRACEFULLY)
        self._supervised.wake_all()


def _status_of(error: SystemExit) -> int:
    """The exit status of sys.exit(...), whose text is printed."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1

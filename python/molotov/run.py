"""Load tests run from Python: ``run(args)``; and the command, ``main()``."""

import argparse
import contextlib
import copy
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, TextIO

import molotov
from molotov import api
from molotov._engine import Board, RunMonitor, Sizing
from molotov._guest import use_options_of
from molotov.child import Child, print_whole_lines
from molotov.installation import run_molotov
from molotov.load_model import (
    WORKERS_OF_RATE,
    asks_for_rate,
    settle_load_model,
)
from molotov.load_process import run_load
from molotov.loader import CannotUseScript
from molotov.output import Output, has_descriptor
from molotov.processes import Children
from molotov.supervised import (
    OPTION_DEFAULTS,
    STOP_AND_CANCEL,
    STOP_GRACEFULLY,
    Supervised,
)
from molotov.util import OptionError, expand_options

HELLO = f"**** Molotov v{molotov.__version__}. Happy breaking! ****"
# Processes that were told twice to stop are killed after so many seconds.
PATIENCE = 0.8
# The exit status where a threshold is.
THRESHOLD_CROSSED = 99


def main(args: argparse.Namespace | None = None) -> int:
    """The command ``molotov``, with the arguments in ``sys.argv``, as a process
    of its own.

    :param args: options, instead of the command line's: they are run in this
        process, after their configuration file was applied.
    :returns: 0.
    :raises SystemExit: with the command's status, when that is not 0.
    """
    if args is None:
        status = run_molotov(sys.argv[1:])
        if status != 0:
            sys.exit(status)
        return 0
    _complete(args)
    if args.version:
        print(molotov.__version__)
        return 0
    if args.config:
        default = args.scenario == OPTION_DEFAULTS["scenario"]
        test = "test" if default else args.scenario
        args.scenario = OPTION_DEFAULTS["scenario"]
        try:
            expand_options(args.config, test, args)
        except OptionError as error:
            print(error)
            sys.exit(1)
    if args.sizing:
        args.ramp_up = args.ramp_up or 300.0
        args.workers = 500 if args.workers == 1 else args.workers
    run(args)
    return 0


def run(
    args: argparse.Namespace, stream: TextIO | None = None
) -> dict[str, Any]:
    """Runs a load test in this process, and in forks of it where ``args`` asks
    for several. What ``global_setup`` raises is passed on.

    :param args: the options by their ``dest`` names. Those that are missing get
        their default, here and for the fixtures.
    :param stream: where banner and summary go; stdout if not given.
    :returns: ``OK``, ``FAILED``, ``MINUTE_OK`` and ``MINUTE_FAILED`` (runs),
        ``MAX_WORKERS`` (that were started), ``WORKER`` (still running: 0),
        ``PROCESS``, ``SETUP_FAILED``, ``SESSION_SETUP_FAILED``, and of
        autosizing ``REACHED`` (0 or 1) and ``RATIO`` (percent).
    :raises SystemExit: when the script cannot be used (1), when it exits by
        itself, and when ``args.fail`` is reached, or a run failed with
        ``args.fail_on_any`` (1), or else when a threshold is crossed (99).
    :raises ValueError: when options contradict each other, or one cannot be
        used, before anything runs.
    """
    _complete(args)
    settle_load_model(args)
    with _forgotten_after(args.scenario):
        return Embedded(args, stream or sys.stdout).run_embedded()


def _complete(args: argparse.Namespace) -> None:
    if getattr(args, "workers", None) is None and asks_for_rate(args):
        args.workers = WORKERS_OF_RATE
    for name, default in OPTION_DEFAULTS.items():
        setattr(args, name, getattr(args, name, copy.copy(default)))


@contextlib.contextmanager
def _forgotten_after(scenario: str) -> Iterator[None]:
    """A file is executed anew each time, so what it registers must not stay. A
    module is imported only once."""
    if not os.path.exists(scenario):
        yield
        return
    kept, path = api.registered(), list(sys.path)
    try:
        yield
    finally:
        api.restore(kept)
        sys.path[:] = path


class Embedded(Child):
    """A script's run without a supervisor: this process does its work."""

    def __init__(self, args: argparse.Namespace, stream: TextIO) -> None:
        processes = max(args.processes, 1)
        board = Board.create(processes)
        self._monitor = RunMonitor(
            board, args.threshold, args.abort_on_threshold
        )
        self._stream = stream
        self._wake = [
            os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            for _ in range(processes)
        ]
        supervised = Supervised(
            board=-1,
            wake=self._wake,
            stdout=[1] * processes,
            stderr=[2] * processes,
            processes=processes,
            args=args,
        )
        super().__init__(supervised, board)
        self._pids: list[int] = []
        self._handlers: dict[int, Any] = {}
        self._signals = 0
        self._cancelled_at: float | None = None
        self._passed_on = 0
        self._sizing: Sizing | None = None
        # What our processes print, where they cannot print it themselves.
        self._output: Output | None = None
        if processes > 1 and not has_descriptor(sys.stdout):
            self._output = Output(sys.stdout, processes)

    def run_embedded(self) -> dict[str, Any]:
        """Everything, to the results."""
        try:
            self._print(HELLO)
            if self._supervised.processes == 1:
                self._board.attach(0)
            self.run_script()
        except CannotUseScript:
            sys.exit(1)
        finally:
            self._restore_signals()
            use_options_of(None)
            for fd in self._wake:
                os.close(fd)
            if self._output is not None:
                self._output.close()
            gc.collect()  # engine and script refer to each other
        exit_status = self._board.script_exit()
        if exit_status is not None:
            sys.exit(exit_status)
        results = self._results()
        if not self._args.dry_run:
            self._monitor.finish()
            if not self._args.quiet or self._args.summary:
                self._print_summary()
            if self._args.report is not None:
                self._monitor.write_report(self._args.report)
        if self._board.too_many_failed(self._args.fail, self._args.fail_on_any):
            sys.exit(1)
        if not self._args.dry_run and self._monitor.any_crossed():
            sys.exit(THRESHOLD_CROSSED)
        return results

    def _global_setup(self) -> None:
        fixture = api.get_fixture("global_setup")
        if fixture is not None:
            fixture(self._args)

    def _begin(self) -> None:
        if self._args.sizing:
            self._sizing = Sizing(self._board, self._args.sizing_tolerance)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.signal(number, self._on_signal)
                self._handlers[number] = handler

    def _load(self, index: int, scenarios: list[api.Scenario]) -> int:
        if self._supervised.processes == 1:
            return run_load(
                self._supervised, self._board, 0, scenarios, self._look
            )
        if self._output is not None:
            sys.stdout = self._output.open(index)
        print_whole_lines()  # the other processes print to the same stdout
        # A terminal's Ctrl+C is our parent's to act on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return super()._load(index, scenarios)

    def _children(self, pids: list[int]) -> Children:
        self._pids = pids
        return Children(pids, self._board, self._on_exit, self._look)

    def _on_exit(self, index: int, wait_status: int) -> None:
        if self._output is not None:
            self._output.end(index)
        pid, self._pids[index] = self._pids[index], 0
        self._board.report_exit(index, wait_status)
        code = os.waitstatus_to_exitcode(wait_status)
        if code in (0, 1) or code == self._board.script_exit():
            return
        if self._cancelled_at is not None:
            return
        how = f"ended with exit code {code}"
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        print(f"Process {pid} {how}", file=sys.stderr, flush=True)

    def _look(self) -> None:
        """Passes on what one process has asked of all, and what all print."""
        if self._output is not None:
            self._output.pass_on()
        self._monitor.look()
        if self._sizing is not None and self._sizing.observe():
            self._board.request_stop(STOP_GRACEFULLY)
        self._abort_when_crossed()
        if self._board.stop_level() > self._passed_on:
            self._passed_on = self._board.stop_level()
            self._supervised.wake_all()
        waited_from = self._cancelled_at
        if waited_from is None or time.monotonic() < waited_from + PATIENCE:
            return
        for pid in filter(None, self._pids):
            os.kill(pid, signal.SIGKILL)

    def _abort_when_crossed(self) -> None:
        if self._board.stop_level() > 0:
            return
        reason = self._monitor.reason_to_stop()
        if reason is not None:
            if not self._args.quiet:
                print(reason, file=sys.stderr, flush=True)
            self._board.request_stop(STOP_GRACEFULLY)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals == 1:
            self._board.request_stop(STOP_GRACEFULLY)
        else:
            self._board.request_stop(STOP_AND_CANCEL)
            self._cancelled_at = time.monotonic()
            self._restore_signals()  # the third one is as if we were not there
        self._supervised.wake_all()

    def _restore_signals(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def _results(self) -> dict[str, Any]:
        totals = self._board.totals()
        results = {
            "WORKER": totals["workers_running"],
            "REACHED": 0,
            "RATIO": 0.0,
            "OK": totals["runs_succeeded"],
            "FAILED": totals["runs_failed"],
            "MINUTE_OK": totals["runs_succeeded"],
            "MINUTE_FAILED": totals["runs_failed"],
            "MAX_WORKERS": totals["workers_started"],
            "SETUP_FAILED": totals["setups_failed"],
            "SESSION_SETUP_FAILED": totals["session_setups_failed"],
            "PROCESS": self._supervised.processes,
        }
        if self._sizing is not None:
            self._sizing.observe()
            verdict = self._sizing.verdict()
            results["MINUTE_OK"] = verdict["minute_succeeded"]
            results["MINUTE_FAILED"] = verdict["minute_failed"]
            if verdict["reached"]:
                results["REACHED"] = 1
                results["RATIO"] = verdict["error_ratio"]
        return results

    def _print_summary(self) -> None:
        alone = self._supervised.processes == 1 or self._args.sizing
        lines = self._monitor.summary(
            self._sizing,
            alone,
            self._args.verbose > 0,
            self._args.summary or not self._args.console,
            self._args.quiet,
        )
        for line in lines:
            self._write(line)

    def _print(self, line: str) -> None:
        if not self._args.quiet:
            self._write(line)

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()

"""Finds and runs the native programs that came with this package."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from molotov.processes import dying_with_parent


def find_program(name: str) -> str:
    """The path of a program of this installation.

    :raises FileNotFoundError: when it is missing.
    """
    user_scheme = sysconfig.get_preferred_scheme("user")
    folders = [
        os.path.dirname(sys.executable),
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", user_scheme),
    ]
    program = shutil.which(name, path=os.pathsep.join(folders))
    if program is None:
        raise FileNotFoundError(
            f"the program {name!r} of this installation is missing; "
            f"it should be in {folders[0]}"
        )
    return program


def run_molotov(
    arguments: Sequence[str],
    *,
    folder: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Runs the command; returns its exit status, as a shell would say it.

    SIGINT and SIGTERM are its to act on. Should we be killed, it stops.

    :raises OSError: when it cannot be started.
    """
    with (
        subprocess.Popen(
            [find_program("molotov"), *arguments],
            cwd=folder,
            env=environment,
            preexec_fn=dying_with_parent(signal.SIGTERM),
        ) as process,
        _left_to(process),
    ):
        status = process.wait()
    return 128 - status if status < 0 else status


@contextmanager
def _left_to(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Leaves signals to another process."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # A terminal's Ctrl+C has come to the whole group.
        if number != signal.SIGINT:
            process.send_signal(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, pass_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

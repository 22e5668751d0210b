"""``moloslave``: clones a repository and runs a load test that it has."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import molotov
from molotov.__main__ import SITE_PACKAGES
from molotov.installation import run_molotov
from molotov.slave_arguments import make_parser
from molotov.slave_options import BadOption, command_line

VENV = "venv"


class CannotRun(Exception):
    """Why the test could not be run."""


def main(argv: list[str] | None = None) -> int:
    """The command ``moloslave``.

    :param argv: its arguments; those of ``sys.argv`` if not given.
    :returns: the exit status: the load test's, or 1.
    """
    parser = make_parser()
    args = parser.parse_args(argv)
    if args.version:
        print(molotov.__version__)
        return 0
    if args.repo is None or args.run is None:
        parser.error("a repository and the name of a test are required")
    signal.signal(signal.SIGTERM, _leave)
    try:
        with _working_directory(args.directory) as directory:
            print(f"Working directory is {directory}", flush=True)
            return run_in(directory, args)
    except CannotRun as error:
        print(f"moloslave: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def run_in(directory: str, args: argparse.Namespace) -> int:
    """Everything, in a directory that is there; returns the exit status."""
    # A path is from where the user stands.
    repo = (
        os.path.abspath(args.repo) if os.path.exists(args.repo) else args.repo
    )
    _call(directory, "git", "clone", "--", repo, ".")
    settings = _read_settings(os.path.join(directory, args.config))
    arguments = _arguments(settings, args.run)
    environment = os.environ | _environment(settings)
    site_packages = _make_environment(directory, args, settings)
    if site_packages is not None:
        environment[SITE_PACKAGES] = site_packages
    print(f"Running: molotov {' '.join(arguments)}", flush=True)
    try:
        return run_molotov(arguments, folder=directory, environment=environment)
    except (OSError, ValueError) as error:
        raise CannotRun(str(error)) from error


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM: whatever was begun is cleared away."""
    sys.exit(128 + number)


@contextlib.contextmanager
def _working_directory(given: str | None) -> Iterator[str]:
    if given is not None:
        if not os.path.isdir(given):
            raise CannotRun(f"there is no directory {given!r}")
        yield given
        return
    made = tempfile.TemporaryDirectory(
        prefix="moloslave-", ignore_cleanup_errors=True
    )
    try:
        yield made.name
    finally:
        with _signals_held_back():  # nothing of it stays
            made.cleanup()


@contextlib.contextmanager
def _signals_held_back() -> Iterator[set[int]]:
    """One that comes meanwhile is acted on afterwards. Gives what was held back
    before."""
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM)
    )
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _call(directory: str, *command: str) -> None:
    """Runs a program, which says itself what is wrong."""
    called = " ".join(command)
    try:
        status = _status_of(directory, command)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotRun(f"cannot run {command[0]!r}: {reason}") from error
    if status != 0:
        raise CannotRun(f"{called!r} failed, status {status}")


def _status_of(directory: str, command: Sequence[str]) -> int:
    """Runs a program. A signal that ends us ends it too; it is held back while
    the program starts, when nobody could end that yet."""
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM)
    )

    def let_through() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        process = subprocess.Popen(
            command, cwd=directory, preexec_fn=let_through
        )
    except BaseException:
        let_through()
        raise
    with process:
        try:
            let_through()
            return process.wait()
        except BaseException:
            process.kill()
            raise


def _read_settings(path: str) -> dict[str, Any]:
    """What is below "molotov" in the configuration file."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as error:
        reason = f"cannot read {path!r}: {error.strerror}"
        raise CannotRun(reason) from error
    except ValueError as error:
        raise CannotRun(f"cannot parse {path!r}: {error}") from error
    if not isinstance(document, dict) or "molotov" not in document:
        raise CannotRun("Bad config -- no molotov key")
    settings = document["molotov"]
    if not isinstance(settings, dict) or "tests" not in settings:
        raise CannotRun("Bad config -- no molotov/tests key")
    return settings


def _arguments(settings: dict[str, Any], name: str) -> list[str]:
    """The command line of a test."""
    tests = settings["tests"]
    if not isinstance(tests, dict) or name not in tests:
        raise CannotRun(f"Can't find {name!r} in the config")
    if not isinstance(tests[name], dict):
        raise CannotRun(f"Bad config -- the test {name!r} is no object")
    try:
        arguments, unknown = command_line(tests[name])
    except BadOption as error:
        raise CannotRun(f"Bad config -- {error}") from error
    for key in unknown:
        print(
            f"moloslave: warning: {key!r} is no option of Molotov's",
            file=sys.stderr,
        )
    return arguments


def _environment(settings: dict[str, Any]) -> dict[str, str]:
    """The variables that are set for the run."""
    variables = settings.get("env")
    if variables is None:
        return {}
    if not isinstance(variables, dict):
        raise CannotRun("Bad config -- molotov/env is no object")
    for name, value in variables.items():
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise CannotRun(f"Bad config -- molotov/env/{name} is no string")
    return {name: str(value) for name, value in variables.items()}


def _make_environment(
    directory: str, args: argparse.Namespace, settings: dict[str, Any]
) -> str | None:
    """Makes the virtual environment; where there are requirements, installs
    them and returns the folder that they are in."""
    requirements = settings.get("requirements")
    maker = _venv_maker(args.virtualenv, args.python)
    if requirements is None:
        # Nobody will need pip, which takes seconds to install.
        without = "--without-pip" if maker[1] == "-m" else "--no-pip"
        _call(directory, *maker, without, VENV)
        return None
    if not isinstance(requirements, str):
        raise CannotRun("Bad config -- molotov/requirements is no string")
    _call(directory, *maker, VENV)
    pip = os.path.join(".", VENV, "bin", "pip")
    _call(directory, pip, "install", "-r", requirements)
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = os.path.join(directory, VENV, "lib", ours, "site-packages")
    if not os.path.isdir(folder):
        raise CannotRun(f"--python has to be {ours}, which runs Molotov")
    return os.path.abspath(folder)


def _venv_maker(virtualenv: str | None, python: str) -> list[str]:
    """The command that makes a virtual environment of that interpreter."""
    if virtualenv is not None:
        program = shutil.which(virtualenv)
        if program is not None:
            return [os.path.abspath(program), "--python", python]
        print(
            f"moloslave: warning: --virtualenv: there is no {virtualenv!r}; "
            "Python's venv is used",
            file=sys.stderr,
        )
    return [python, "-m", "venv"]


if __name__ == "__main__":
    sys.exit(main())

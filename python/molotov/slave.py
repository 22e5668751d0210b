"""``moloslave``: clones a repository and runs a load test that it has."""

import argparse
import contextlib
import json
import os
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
from molotov.slave_options import BadOption, command_line

VENV = "venv"


class CannotRun(Exception):
    """Why the test could not be run."""


def main(argv: list[str] | None = None) -> int:
    """The command. Its exit status is the load test's, or 1."""
    args = _parser().parse_args(argv)
    if args.version:
        print(molotov.__version__)
        return 0
    if args.repo is None or args.run is None:
        _parser().error("a repository and the name of a test are required")
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
    site_packages = _make_environment(directory, args.python, settings)
    if site_packages is not None:
        environment[SITE_PACKAGES] = site_packages
    print(f"Running: molotov {' '.join(arguments)}", flush=True)
    try:
        return run_molotov(arguments, folder=directory, environment=environment)
    except (OSError, ValueError) as error:
        raise CannotRun(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moloslave",
        description="Github-based load test",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--version", action="store_true", help="print the version and exit"
    )
    parser.add_argument(
        "--virtualenv", default="virtualenv", help="ignored, as it ever was"
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="interpreter that makes the virtual environment",
    )
    parser.add_argument(
        "--directory",
        help="existing, empty directory to work in, which stays; otherwise "
        "there is a temporary one",
    )
    parser.add_argument(
        "--config",
        default="molotov.json",
        help="path of the configuration file in the repository",
    )
    parser.add_argument("repo", nargs="?", help="whatever git can clone")
    parser.add_argument("run", nargs="?", help="name of the test to run")
    return parser


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
    with tempfile.TemporaryDirectory(
        prefix="moloslave-", ignore_cleanup_errors=True
    ) as made:
        yield made


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
    directory: str, python: str, settings: dict[str, Any]
) -> str | None:
    """Makes the virtual environment; where there are requirements, installs
    them and returns the folder that they are in."""
    requirements = settings.get("requirements")
    if requirements is None:
        # Nobody will need pip, which takes seconds to install.
        _call(directory, python, "-m", "venv", "--without-pip", VENV)
        return None
    if not isinstance(requirements, str):
        raise CannotRun("Bad config -- molotov/requirements is no string")
    _call(directory, python, "-m", "venv", VENV)
    pip = os.path.join(".", VENV, "bin", "pip")
    _call(directory, pip, "install", "-r", requirements)
    ours = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = os.path.join(directory, VENV, "lib", ours, "site-packages")
    if not os.path.isdir(folder):
        raise CannotRun(f"--python has to be {ours}, which runs Molotov")
    return os.path.abspath(folder)


if __name__ == "__main__":
    sys.exit(main())

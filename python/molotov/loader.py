"""Finds, imports and checks the script that says what is run."""

import argparse
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType
from typing import NoReturn

from molotov import api
from molotov.tracebacks import print_script_error

_MODULE_NAME = "loadtest"


class CannotUseScript(Exception):
    """The script cannot be run, and why has been said."""


def load_script(args: argparse.Namespace) -> list[api.Scenario]:
    """Imports ``args.scenario`` and answers with the scenarios to run.

    Raises CannotUseScript, after having printed what is wrong. SystemExit and
    KeyboardInterrupt of the script pass through.
    """
    import_script(args.scenario)
    return check_script(args)


def import_script(scenario: str) -> ModuleType:
    """Imports a script: a file, or else a dotted module name."""
    if os.path.exists(scenario):
        return _import_file(scenario)
    return _import_module(scenario)


def check_script(args: argparse.Namespace) -> list[api.Scenario]:
    """What can only be checked once the script has registered its scenarios."""
    scenarios = api.get_scenarios()
    if not scenarios:
        _reject(
            "You need at least one scenario. No scenario was found.",
            "A scenario with a weight of 0 is ignored",
        )
    if args.verbose and args.quiet:
        _reject("You can't use -q and -v at the same time")
    if args.single_mode is not None and args.single_run:
        _reject("You can't use --single-mode and --single-run")
    if args.single_mode is not None and not api.get_scenario(args.single_mode):
        _reject(f"Can't find {args.single_mode!r} in registered scenarii")
    return scenarios


def _import_file(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        _MODULE_NAME, os.path.abspath(path)
    )
    if os.path.isdir(path) or spec is None or spec.loader is None:
        _reject(f"Cannot import {path!r}")

    folder = os.path.dirname(os.path.abspath(path))
    sys.path.insert(0, folder)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses, pickle and inspect look modules up by their name.
    if not _has_sibling_of_our_name(folder, path):
        sys.modules[_MODULE_NAME] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        print_script_error(error)
        raise CannotUseScript from error
    return module


def _has_sibling_of_our_name(folder: str, path: str) -> bool:
    """Whether ``import loadtest`` in the script means another file."""
    found = importlib.machinery.PathFinder.find_spec(_MODULE_NAME, [folder])
    if found is None or found.origin is None:  # nothing, or just a folder
        return False
    return not os.path.samefile(found.origin, path)


def _import_module(name: str) -> ModuleType:
    try:
        module = importlib.import_module(name)
    except Exception as error:
        lines = [f"Cannot import {name!r}"]
        if _is_missing(name, error):
            lines.append("Try `molotov molotov.dummy`")
        else:
            print_script_error(error)
        _reject(*lines, "*** Bye ***")

    if module.__file__ is not None:
        folder = os.path.dirname(os.path.abspath(module.__file__))
        sys.path.insert(0, folder)
    return module


def _is_missing(name: str, error: Exception) -> bool:
    """Whether there is no such module, rather than an error inside it."""
    if not isinstance(error, ModuleNotFoundError):
        # What import_module() says to '' and to names that begin with a dot.
        return not name or name.startswith(".")
    missing = error.name or ""
    return f"{name}.".startswith(f"{missing}.")


def _reject(*lines: str) -> NoReturn:
    print("\n".join(lines), flush=True)
    raise CannotUseScript

"""Finds, imports and checks the script that says what is run, and what extends
it."""

import argparse
import importlib
import importlib.util
import itertools
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import NoReturn

from molotov import api
from molotov.tracebacks import import_failure, print_script_error

_MODULE_NAME = "loadtest"
_EXTENSION_NAME = "extension"


class CannotUseScript(Exception):
    """The script cannot be run, and why has been said."""


def load_script(args: argparse.Namespace) -> list[api.Scenario]:
    """Imports the extensions and ``args.scenario``; answers with the scenarios
    to run.

    Raises CannotUseScript, after having printed what is wrong. SystemExit and
    KeyboardInterrupt of the script pass through.
    """
    for extension in args.use_extension or ():
        if not args.quiet:
            print(f"Loading extension {extension!r}", flush=True)
        import_extension(extension)
    import_script(args.scenario)
    return check_script(args)


def import_extension(extension: str) -> ModuleType:
    """Imports an extension: a file, or else a dotted module name.

    Raises CannotUseScript, after having printed why.
    """
    spec = None
    if os.path.exists(extension):
        spec = _spec_of(extension, _free_name(_EXTENSION_NAME))
        # Behind all else: what was found without it still is.
        sys.path.append(os.path.dirname(os.path.abspath(extension)))
    try:
        return _execute(spec) if spec else importlib.import_module(extension)
    except Exception as error:
        _reject(f"Cannot import {extension!r}", import_failure(error))


def import_script(scenario: str) -> ModuleType:
    """Imports a script: a file, or else a dotted module name.

    A folder is a module when it is a package on ``sys.path``.
    """
    if os.path.exists(scenario) and not _is_package(scenario):
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
    spec = _spec_of(path, _MODULE_NAME)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        return _execute(spec)
    except Exception as error:
        print_script_error(error)
        raise CannotUseScript from error


def _spec_of(path: str, name: str) -> ModuleSpec:
    """A file as a module of that name; rejects what is no Python file."""
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(path))
    if os.path.isdir(path) or spec is None:
        _reject(f"Cannot import {path!r}")
    return spec


def _execute(spec: ModuleSpec) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    # Dataclasses, pickle and inspect look modules up by their name.
    if not _has_sibling_of_its_name(spec):
        sys.modules[spec.name] = module
    assert spec.loader is not None  # of a file there is one
    spec.loader.exec_module(module)
    return module


def _free_name(name: str) -> str:
    """The name, or one with a number: there may be several extensions."""
    candidates = itertools.chain(
        [name], (f"{name}_{number}" for number in itertools.count(2))
    )
    return next(x for x in candidates if x not in sys.modules)


def _is_package(name: str) -> bool:
    """Whether a folder's name is also that of a package to import."""
    if not os.path.isdir(name) or not name.isidentifier():
        return False
    found = PathFinder.find_spec(name)
    return found is not None and found.origin is not None


def _has_sibling_of_its_name(spec: ModuleSpec) -> bool:
    """Whether ``import loadtest`` in the script means another file."""
    assert spec.origin is not None
    folder = os.path.dirname(spec.origin)
    found = PathFinder.find_spec(spec.name, [folder])
    if found is None or found.origin is None:  # nothing, or just a folder
        return False
    return not os.path.samefile(found.origin, spec.origin)


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

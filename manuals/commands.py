"""The commands and their options, as their own tables have them."""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What argparse does not know: which values are paths of this machine. What
# --config of moloslave names lies in a repository that is not there yet.
PATHS = {"--python": "file", "--directory": "folder", "repo": "folder"}


@dataclass(frozen=True)
class Option:
    """An option, or a positional argument, which has no flags."""

    flags: tuple[str, ...]
    action: str  # store, flag, count, append, several, help
    metavar: str
    kind: str  # of its value: text, file, folder, script
    values: tuple[str, ...]
    """Words that are a value, where there are such."""
    help: str
    default: str  # empty: none that is worth a word
    variable: str = ""
    """Of the environment; empty: none."""

    @property
    def takes_value(self) -> bool:
        return self.action in ("store", "append", "several")

    @property
    def repeats(self) -> bool:
        return self.action in ("count", "append", "several")


@dataclass(frozen=True)
class Command:
    """A command. Where `open_ended`, more words may come than positionals."""

    name: str
    options: tuple[Option, ...]
    positionals: tuple[Option, ...]

    @property
    def open_ended(self) -> bool:
        return any(option.action == "several" for option in self.options)


def read_commands(option_table: Path) -> list[Command]:
    """All of them.

    :param option_table: what the build's program option_table has printed.
    """
    from molotov import quickstart, slave_arguments

    native = json.loads(option_table.read_text(encoding="utf-8"))
    return [
        _command("molotov", (_of_table(row) for row in native)),
        _of_parser(quickstart.make_parser()),
        _of_parser(slave_arguments.make_parser()),
    ]


def _command(name: str, options: Iterable[Option]) -> Command:
    every = tuple(options)
    return Command(
        name,
        tuple(option for option in every if option.flags),
        tuple(option for option in every if not option.flags),
    )


def _of_table(row: dict[str, Any]) -> Option:
    return Option(
        tuple(row["flags"]),
        row["action"],
        row["metavar"],
        row["kind"],
        tuple(row["values"]),
        row["help"],
        _default(row["default"]),
        row["variable"],
    )


def _of_parser(parser: argparse.ArgumentParser) -> Command:
    return _command(parser.prog, map(_of_action, parser._actions))


def _of_action(action: argparse.Action) -> Option:
    names = {argparse._HelpAction: "help", argparse._StoreTrueAction: "flag"}
    key = action.option_strings[-1] if action.option_strings else action.dest
    default = str(action.default)
    if action.default == sys.executable:
        default = "the one that runs Molotov"
    return Option(
        tuple(action.option_strings),
        names.get(type(action), "store"),
        action.dest.upper() if action.option_strings else action.dest,
        PATHS.get(key, "text"),
        (),
        (action.help or "").rstrip("."),
        "" if default == argparse.SUPPRESS else _default(default),
    )


def _default(shown: str) -> str:
    return "" if shown in ("None", "False", "0") else shown

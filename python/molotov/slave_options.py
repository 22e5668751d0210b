"""The options of a test in a configuration file, as a command line."""

from typing import Any

from molotov.supervised import OPTION_DEFAULTS

SHORT = {
    "single_mode": "-s",
    "verbose": "-v",
    "workers": "-w",
    "processes": "-p",
    "duration": "-d",
    "max_runs": "-r",
    "quiet": "-q",
    "exception": "-x",
    "fail": "-f",
    "console": "-c",
}
COUNTED = "verbose"
# After its values the scenario would be one more.
OPEN_ENDED = "use_extension"
# They are allowed, and do nothing.
INERT = ("config", "version")


class BadOption(Exception):
    """A value that an option cannot have."""


def command_line(test: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The arguments that say the same, and the keys that are no options.

    :raises BadOption: for a value that is of the wrong type.
    """
    arguments = []
    for key, value in test.items():
        if key in OPTION_DEFAULTS and key not in (*INERT, "scenario"):
            arguments += _words(key, value)
    if test.get(OPEN_ENDED):
        arguments.append("--")
    scenario = test.get("scenario", OPTION_DEFAULTS["scenario"])
    if not isinstance(scenario, str):
        raise BadOption("'scenario' must be a string")
    unknown = [key for key in test if key not in OPTION_DEFAULTS]
    return [*arguments, scenario], unknown


def _words(key: str, value: Any) -> list[str]:
    name = SHORT.get(key, "--" + key.replace("_", "-"))
    if value is None:
        return []
    if key == COUNTED:
        return [name] * _count(key, value)
    if isinstance(OPTION_DEFAULTS[key], bool):
        if not isinstance(value, bool):
            raise BadOption(f"{key!r} must be true or false")
        return [name] if value else []
    if key == OPEN_ENDED:
        return [name, *_texts(key, value)] if value else []
    if isinstance(OPTION_DEFAULTS[key], list):  # given once for each
        return [word for text in _texts(key, value) for word in (name, text)]
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise BadOption(f"{key!r} must be a string or a number")
    return [name, str(value)]


def _count(key: str, value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= 100:
        raise BadOption(f"{key!r} must be a small whole number")
    return int(value)


def _texts(key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(
        isinstance(text, str) for text in value
    ):
        raise BadOption(f"{key!r} must be a list of strings")
    return value

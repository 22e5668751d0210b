"""Completion for zsh."""

from commands import Command, Option

ACTIONS = {
    "text": "",
    "file": "_files",
    "folder": "_files -/",
    "script": '_files -g "*.py(-.)"',
}


def completion(command: Command) -> str:
    specs = [_option(option) for option in command.options]
    for number, positional in enumerate(command.positionals, 1):
        place = "*" if command.open_ended else f"{number}:"
        specs.append(f"'{place}:{positional.metavar}:{_action(positional)}'")
    lines = " \\\n  ".join(specs)
    return f"#compdef {command.name}\n\n_arguments -s -S \\\n  {lines}\n"


def _option(option: Option) -> str:
    value = ""
    if option.takes_value:
        value = f":{option.metavar.lower()}:{_action(option)}"
    text = f"[{_quoted(option.help)}]{value}"
    if option.action == "help":
        excluded = "(- *)"
    elif option.repeats:
        excluded = "*"
    else:
        excluded = f"({' '.join(option.flags)})"
    names = [_name(flag, option) for flag in option.flags]
    if len(names) == 1:
        return f"'{excluded}{names[0]}{text}'"
    return f"'{excluded}'{{{','.join(names)}}}'{text}'"


def _name(flag: str, option: Option) -> str:
    """Whether its value may come with it, besides behind it."""
    if not option.takes_value:
        return flag
    return flag + ("=" if flag.startswith("--") else "+")


def _action(option: Option) -> str:
    if option.values:
        return f"({' '.join(option.values)})"
    return ACTIONS[option.kind]


def _quoted(text: str) -> str:
    for special in "\\[]:":
        text = text.replace(special, "\\" + special)
    return text.replace("'", r"'\''")

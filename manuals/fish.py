"""Completion for fish."""

from commands import Command, Option

# -f: no files, -F: files all the same; __fish_complete_suffix has those that
# end so first.
ACTIONS = {
    "text": "-x",
    "file": "-r -F",
    "folder": "-x -a '(__fish_complete_directories)'",
    "script": "-r -F -k -a '(__fish_complete_suffix .py)'",
}


def completion(command: Command) -> str:
    lines = [f"# fish completion of {command.name}", ""]
    lines.append(_line(command, _positional(command)))
    lines += [_line(command, _option(option)) for option in command.options]
    return "\n".join(lines) + "\n"


def _line(command: Command, rest: str) -> str:
    return f"complete -c {command.name} {rest}"


def _positional(command: Command) -> str:
    if not command.positionals:
        return "-f"
    action = ACTIONS[command.positionals[0].kind]
    return action.replace("-x", "-f").replace("-r -F", "-f")


def _option(option: Option) -> str:
    words = [
        f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
        for flag in option.flags
    ]
    if option.values:
        words.append(f"-x -a '{' '.join(option.values)}'")
    elif option.takes_value:
        words.append(ACTIONS[option.kind])
    quoted = option.help.replace("\\", "\\\\").replace("'", "\\'")
    return " ".join([*words, f"-d '{quoted}'"])

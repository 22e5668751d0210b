"""Completion for bash, without the package bash-completion."""

from itertools import starmap

from commands import Command, Option

TEMPLATE = r"""# bash completion of @NAME@

_@NAME@() {
    local current=${COMP_WORDS[COMP_CWORD]//\\/}
    local before=${COMP_WORDS[COMP_CWORD - 1]}
    current=${current#[\"\']}
    # --option=value comes as three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    case $before in
@VALUES@    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@FLAGS@' -- "$current")
        return
    fi
@REST@
}
complete -F _@NAME@ @NAME@
"""

# `default` is readline's own completion of file names, which quotes them.
ACTIONS = {
    "text": "",
    "file": "compopt -o default",
    "folder": 'mapfile -t COMPREPLY < <(compgen -d -- "$current")\n'
    "compopt -o filenames",
    "script": "mapfile -t COMPREPLY < <(\n"
    "    compgen -f -X '!*.py' -- \"$current\"\n"
    '    compgen -d -- "$current"\n'
    ")\n"
    "compopt -o filenames",
}


def completion(command: Command) -> str:
    flags_by_action: dict[str, list[str]] = {}
    for option in command.options:
        if option.takes_value:
            flags_by_action.setdefault(_action(option), []).extend(option.flags)
    flags = [flag for option in command.options for flag in option.flags]
    rest = command.positionals[0].kind if command.positionals else "text"
    return (
        TEMPLATE.replace("@NAME@", command.name)
        .replace("@VALUES@", "".join(starmap(_case, flags_by_action.items())))
        .replace("@FLAGS@", " ".join(flags))
        .replace("@REST@", _indented(ACTIONS[rest], 4))
    )


def _action(option: Option) -> str:
    if option.values:
        words = " ".join(option.values)
        return f"mapfile -t COMPREPLY < <(compgen -W '{words}' -- \"$current\")"
    return ACTIONS[option.kind]


def _case(action: str, flags: list[str]) -> str:
    body = _indented(f"{action}\nreturn".lstrip(), 12)
    return f"        {'|'.join(flags)})\n{body}\n            ;;\n"


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.split("\n"))

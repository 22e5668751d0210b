"""Makes the manual pages and the completion for bash, zsh and fish.

    generate.py OPTION_TABLE SHARE

OPTION_TABLE is the file that the build's program option_table has printed,
SHARE the folder that is made, to be installed as share/ beside bin/. The
package has to be importable; its engine is not needed.
"""

import sys
from pathlib import Path

import bash
import fish
import roff
import zsh
from commands import Command, read_commands


def outputs(command: Command) -> dict[str, str]:
    """The files of a command, by their paths in share/."""
    name = command.name
    return {
        f"man/man1/{name}.1": roff.page(command),
        f"bash-completion/completions/{name}": bash.completion(command),
        f"zsh/site-functions/_{name}": zsh.completion(command),
        f"fish/vendor_completions.d/{name}.fish": fish.completion(command),
    }


def main(option_table: str, share: str) -> None:
    for command in read_commands(Path(option_table)):
        for name, text in outputs(command).items():
            path = Path(share, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The shells, each asked what it would offer at the end of a line."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from installed import PATH, SHARE, output_of

TIMEOUT = 60.0
BASH_FILES = SHARE / "bash-completion/completions"
ZSH_FILES = SHARE / "zsh/site-functions"


class Terminal:
    """An interactive shell, that keys are typed to. `answers` is a pipe with a
    name, $ANSWERS to the shell."""

    def __init__(self, command: list[str], setup: str, folder: Path) -> None:
        self._folder = TemporaryDirectory()
        self.home = Path(self._folder.name)
        self._pipe = self.home / "answers"
        os.mkfifo(self._pipe)
        self._reading = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            self._become(command, folder)
        self.type(f"{setup}; echo ready > $ANSWERS\n")
        assert self.answer() == ["ready"]

    def _become(self, command: list[str], folder: Path) -> NoReturn:
        """In the child."""
        environment = {
            "PATH": PATH,
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "ANSWERS": str(self._pipe),
        }
        try:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        finally:
            os._exit(127)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def answer(self) -> list[str]:
        """The next lines that the shell writes into the pipe, when it has
        closed that."""
        shown, written = b"", b""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            ready, _, _ = select.select(
                [self._terminal, self._reading], [], [], 1.0
            )
            if self._terminal in ready:
                shown += os.read(self._terminal, 65536)
            if self._reading in ready:
                piece = os.read(self._reading, 65536)
                written += piece
                if written and not piece:
                    self._reopen()
                    return written.decode().splitlines()
        raise AssertionError(f"no answer; the terminal has: {shown!r}")

    def _reopen(self) -> None:
        """Without it the end of the last writer would be read again."""
        os.close(self._reading)
        self._reading = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)

    def end(self) -> None:
        os.close(self._terminal)  # SIGHUP
        os.waitpid(self._pid, 0)
        os.close(self._reading)
        self._folder.cleanup()


@contextmanager
def terminal(
    command: list[str], setup: str, folder: Path
) -> Iterator[Terminal]:
    running = Terminal(command, setup, folder)
    try:
        yield running
    finally:
        running.end()


def _typed_words(running: Terminal, keys: str) -> list[str]:
    """The words that the shell makes of a line with tabs in it, behind the
    command's name."""
    running.type(keys + "\n")
    return running.answer()


ECHO = "molotov() { printf '%s\\n' \"$@\" > $ANSWERS; }"


class Bash:
    """The completion function is called as readline would call it."""

    def offers(self, line: str, folder: Path) -> list[str]:
        words = line.split(" ")
        script = (
            f". {BASH_FILES}/{words[0]}; "
            f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); "
            f"COMP_CWORD={len(words) - 1}; "
            # Nobody but readline may be asked for its own completion.
            'compopt() { [[ $* != "-o default" ]] || COMPREPLY=(*); }; '
            f'_{words[0]}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        )
        found = subprocess.run(
            ["bash", "--norc", "-c", script],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        )
        assert found.stderr == ""
        return [word for word in found.stdout.splitlines() if word]

    def words(self, keys: str, folder: Path) -> list[str]:
        setup = f". {BASH_FILES}/molotov; {ECHO}"
        with terminal(["bash", "--norc", "-i"], setup, folder) as running:
            return _typed_words(running, keys)


class Zsh:
    """A key makes the line editor complete a line; what is offered to it is
    written down where it comes by, in compadd."""

    SETUP = f"fpath=({ZSH_FILES} $fpath); autoload -Uz compinit; compinit -D -u"
    WIDGET = """
compadd() {
  local -a offered
  [[ " $* " == *" -"[OAD]" "* ]] || builtin compadd -A offered "$@"
  hits+=($offered)
  builtin compadd "$@"
}
ask() {
  hits=()
  BUFFER=$(<$HOME/line)
  CURSOR=$#BUFFER
  zle complete-word
  BUFFER=
  print -rl -- $hits . > $ANSWERS
}
zle -N ask
bindkey '^T' ask
"""

    def offers(self, line: str, folder: Path) -> list[str]:
        with terminal(["zsh", "-f", "-i"], self.SETUP, folder) as running:
            (running.home / "widget").write_text(self.WIDGET)
            (running.home / "line").write_text(line + "\n")
            running.type(". $HOME/widget; echo ready > $ANSWERS\n")
            assert running.answer() == ["ready"]
            running.type("\x14")
            return [w.replace("\\ ", " ") for w in running.answer()[:-1]]

    def words(self, keys: str, folder: Path) -> list[str]:
        setup = f"{self.SETUP}; {ECHO}"
        with terminal(["zsh", "-f", "-i"], setup, folder) as running:
            return _typed_words(running, keys)


class Fish:
    """It has a command for the question."""

    def offers(self, line: str, folder: Path) -> list[str]:
        with TemporaryDirectory() as home:
            found = output_of(
                "fish",
                "-c",
                f"cd {shlex.quote(str(folder))}; "
                f"complete -C {shlex.quote(line)}",
                HOME=home,
                XDG_DATA_DIRS=f"{SHARE}:/usr/share",
                PATH=PATH,
            )
        return [entry.split("\t")[0] for entry in found.splitlines()]

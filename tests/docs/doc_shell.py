"""Runs the commands of a page as a shell would, one after the other."""

from __future__ import annotations

import os
import pty
import subprocess
import tempfile
from pathlib import Path

# Runs the command; then says where it has led, for the next one.
SCRIPT = """
{preamble}
{command}
status=$?
{{ pwd; env -0; }} > "$DOC_SHELL_STATE"
exit $status
"""


class Shell:
    """The folder and the environment of a command are those that the one
    before it left."""

    def __init__(
        self, folder: Path, environment: dict[str, str], preamble: str
    ) -> None:
        self.folder = folder
        self.environment = environment
        self._preamble = preamble

    def run(
        self, command: str, answers: list[str], seconds: float
    ) -> tuple[int, str]:
        """Exit status and output, stderr in it. With answers, it has a
        terminal, where they are typed."""
        with tempfile.NamedTemporaryFile("r") as state:
            script = SCRIPT.format(preamble=self._preamble, command=command)
            arguments = ["bash", "-c", script]
            environment = {**self.environment, "DOC_SHELL_STATE": state.name}
            if answers:
                result = self._run_on_a_terminal(
                    arguments, environment, answers, seconds
                )
            else:
                done = subprocess.run(
                    arguments,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=seconds,
                    check=False,
                )
                result = done.returncode, done.stdout
            self._follow(Path(state.name).read_text())
        return result

    def _follow(self, state: str) -> None:
        folder, variables = state.split("\n", 1)
        self.folder = Path(folder)
        pairs = [pair.split("=", 1) for pair in variables.split("\0") if pair]
        self.environment = dict(pairs)

    def _run_on_a_terminal(
        self,
        arguments: list[str],
        environment: dict[str, str],
        answers: list[str],
        seconds: float,
    ) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            arguments,
            cwd=self.folder,
            env={**environment, "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        output, left = b"", list(answers)
        try:
            while True:
                try:
                    output += os.read(ours, 4096)
                except OSError:  # the last one has closed its end
                    break
                if left and output.endswith(b"]: "):
                    os.write(ours, left.pop(0).encode() + b"\n")
            status = process.wait(seconds)
        finally:
            os.close(ours)
            if process.poll() is None:
                process.kill()
                process.wait()
        return status, output.decode().replace("\r\n", "\n")

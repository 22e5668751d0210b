"""A case under one of the two: ours, or the original."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import ORIGINAL_PROGRAMS
from commands import (
    MARK,
    PROGRAMS,
    Molotov,
    default_signals,
    marked_pids,
    wait_until,
)

from differential.case import Case
from differential.datagrams import receiving
from differential.observed import Observed
from differential.recorder import PATIENCE, Recorder, recording

# In one piece: processes write to the same pipe.
SAY = """def say(*what):
    sys.stdout.write(" ".join(map(str, (">", *what))) + "\\n")
    sys.stdout.flush()
"""


@dataclass(frozen=True)
class Side:
    name: str
    programs: Path


OURS = Side("ours", PROGRAMS)
ORIGINAL = Side("original", ORIGINAL_PROGRAMS)


def observe(case: Case, side: Side, folder: Path) -> Observed:
    """Runs it in that folder, which is empty. After that no process of it may
    be left."""
    with ExitStack() as stack:
        recorder = stack.enter_context(recording())
        datagrams = stack.enter_context(receiving())
        _write_files(case, folder, recorder.url)
        mark = uuid.uuid4().hex
        # What the original leaves in temporary folders goes with this one.
        environment = os.environ | {MARK: mark, "TMPDIR": str(folder)}
        # Lines come whole then, where several processes print.
        environment.pop("PYTHONUNBUFFERED", None)
        for command in case.before:
            subprocess.run(
                command,
                cwd=folder,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        places = {
            "URL": recorder.url,
            "UDP": datagrams.address,
            "FOLDER": str(folder),
        }
        process = subprocess.Popen(
            [side.programs / case.program, *_filled(case.command(), places)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            preexec_fn=default_signals,
        )
        stdout, stderr = _communicate(case, process, recorder, mark)
        wait_until(lambda: not marked_pids(mark))
        return Observed(
            process.returncode,
            stdout,
            stderr,
            list(recorder.requests),
            datagrams.all(),
            {name: _read(folder / name) for name in case.makes},
        )


def _write_files(case: Case, folder: Path, url: str) -> None:
    if case.script:
        Molotov(folder, url).write(SAY + textwrap.dedent(case.script))
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _filled(arguments: list[str], places: dict[str, str]) -> list[str]:
    for name, value in places.items():
        arguments = [argument.replace(name, value) for argument in arguments]
    return arguments


def _communicate(
    case: Case, process: subprocess.Popen[str], recorder: Recorder, mark: str
) -> tuple[str, str]:
    try:
        for sent in case.signals:
            if recorder.wait_for(sent.requests):
                process.send_signal(sent.number)
        if case.signals:
            recorder.release()
        return process.communicate(case.typed, timeout=PATIENCE)
    finally:
        if process.poll() is None:
            for pid in marked_pids(mark):
                os.kill(pid, 9)
            process.communicate()


def _read(path: Path) -> str:
    """A file that was made; how JSON is laid out is left open."""
    if not path.exists():
        return "(none)"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return json.dumps(json.loads(text), indent=1, sort_keys=True)
    return text

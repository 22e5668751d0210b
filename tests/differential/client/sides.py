"""Cases under one of the two: a session of ours in a scenario, or aiohttp's."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from commands import PROGRAMS, Result, run

from differential.client.case import ClientCase
from differential.recorder import Recorder, Request, recording

COMMON = '''
import asyncio, json, sys

def seen(error):
    return f"{type(error).__name__}: {error}"

def raw(answer, ends=False):
    """The path whose answer is these bytes, where it ends with the connection
    or not."""
    return ("/raw-end/" if ends else "/raw/") + answer.hex()

class Asked:
    """One case: its session's options, what it does, and what it said."""

    def __init__(self, name, url, options, ask):
        self.name, self.url, self.options, self.ask = name, url, options, ask
        self.said = []

    def say(self, *what):
        self.said.append(" ".join(map(repr, what)))

    async def run(self, make):
        try:
            async with asyncio.timeout(30):
                session = await make(self.options(self.url))
                try:
                    await self.ask(session, self.url, self.say)
                finally:
                    await session.close()
        except Exception as error:
            self.said.append("raised " + seen(error))

ALL = []

async def ask_all(make):
    for asked in ALL:
        await asked.run(make)
    with open("said.json", "w") as file:
        json.dump({asked.name: asked.said for asked in ALL}, file)
'''
OURS = """
import molotov
from molotov.session import get_session

@molotov.scenario()
async def one(session):
    async def make(options):
        return get_session(asyncio.get_running_loop(), None, **options)
    await ask_all(make)
"""
THEIRS = """
async def make(options):
    return api.ClientSession(**options)

asyncio.run(ask_all(make))
"""


@dataclass(frozen=True)
class Seen:
    """What a case said, and what the server was sent."""

    said: list[str]
    requests: list[str]

    def lines(self) -> list[str]:
        return [*self.said, *self.requests]


def ours(cases: Sequence[ClientCase], folder: Path) -> dict[str, Seen]:
    """By the names of the cases."""

    def start(script: str) -> Result:
        (folder / "loadtest.py").write_text(script + OURS)
        return run(folder, PROGRAMS / "molotov", "-r", "1", "loadtest.py")

    return _observe(cases, folder, start)


def theirs(cases: Sequence[ClientCase], folder: Path) -> dict[str, Seen]:
    """By the names of the cases."""

    def start(script: str) -> Result:
        (folder / "theirs.py").write_text(script + THEIRS)
        return run(folder, PROGRAMS / "python", "theirs.py")

    return _observe(cases, folder, start)


def _observe(
    cases: Sequence[ClientCase],
    folder: Path,
    start: Callable[[str], Result],
) -> dict[str, Seen]:
    with ExitStack() as stack:
        recorders = [stack.enter_context(recording()) for _ in cases]
        result = start(_script(cases, [r.url for r in recorders]))
        assert result.status == 0, result
        said = json.loads((folder / "said.json").read_text())
    return {
        case.name: Seen(
            [_plain(line, recorder) for line in said[case.name]],
            _requests(case, recorder),
        )
        for case, recorder in zip(cases, recorders, strict=True)
    }


def _script(cases: Sequence[ClientCase], urls: list[str]) -> str:
    parts = [COMMON, "import aiohttp as api\n"]
    for number, (case, url) in enumerate(zip(cases, urls, strict=True)):
        lines = textwrap.indent(textwrap.dedent(case.lines), "    ")
        parts.append(
            f"{textwrap.dedent(case.at_hand)}\n"
            f"async def ask_{number}(session, URL, say):\n{lines}\n"
            f"ALL.append(Asked({case.name!r}, {url!r}, "
            f"lambda URL: {case.options}, ask_{number}))\n"
        )
    return "".join(parts)


def _plain(text: str, recorder: Recorder) -> str:
    """Without what two runs cannot have in common."""
    text = text.replace(recorder.url.rpartition(":")[2], "PORT")
    text = re.sub(r"(/raw(-end)?/)[0-9a-f]+", r"\1ANSWER", text)
    return re.sub(r"\b[0-9a-f]{32}\b", "BOUNDARY", text)


def _requests(case: ClientCase, recorder: Recorder) -> list[str]:
    """A line each, with all of it in order."""
    ports = list(dict.fromkeys(r.port for r in recorder.requests))
    return [
        _plain(
            f"{ports.index(request.port) + 1}: " * case.connections
            + _line(request),
            recorder,
        )
        for request in recorder.requests
    ]


def _line(request: Request) -> str:
    fields = [
        f"{name}: {'(own)' if name == 'User-Agent' else value}"
        for name, value in request.fields
    ]
    first = f"{request.method} {request.target}"
    return " | ".join([first, *fields, repr(request.body)])

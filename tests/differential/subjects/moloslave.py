"""moloslave: repositories of this machine."""

from __future__ import annotations

import json

from differential.case import Case, Differs

SCRIPT = """
import os
from molotov import scenario

@scenario()
async def one(session):
    print("> " + os.environ["MINE"])

@scenario()
async def failing(session):
    raise ValueError("no")
"""
# As the other cases have it by their command lines.
PLAIN = {"console": True, "console_update": 0}
TESTS = {
    "good": {"single_mode": "one", "max_runs": 2, **PLAIN},
    "bad": {"single_mode": "failing", "max_runs": 2, "fail": 1, **PLAIN},
}
SETTINGS = {"molotov": {"env": {"MINE": "yes"}, "tests": TESTS}}
IN_ONE_LINE = "2.x ends in a traceback (D44)"


def git(*arguments: str) -> tuple[str, ...]:
    who = ("-c", "user.name=me", "-c", "user.email=me@example.com")
    return ("git", "-C", "origin", *who, *arguments)


def cloned(
    name: str, *arguments: str, differs: tuple[Differs, ...] = ()
) -> Case:
    return Case(
        name,
        arguments=arguments,
        program="moloslave",
        files={
            "origin/loadtest.py": SCRIPT,
            "origin/molotov.json": json.dumps(SETTINGS),
        },
        before=(
            git("init", "--quiet"),
            git("add", "."),
            git("commit", "--quiet", "-m", "all"),
        ),
        differs=differs,
    )


CASES = [
    cloned("moloslave", "FOLDER/origin", "good"),
    cloned("moloslave of a test that fails", "FOLDER/origin", "bad"),
    cloned(
        "moloslave of a test that is not there",
        "FOLDER/origin",
        "other",
        differs=(
            Differs(
                "stderr",
                IN_ONE_LINE,
                ours=("moloslave: Can't find 'other' in the config",),
                original=("…", "KeyError: 'other'"),
            ),
        ),
    ),
    cloned(
        "moloslave of what is no repository",
        "FOLDER/none",
        "good",
        differs=(
            Differs(
                "stderr",
                IN_ONE_LINE,
                ours=("moloslave: 'git clone…",),
                original=("…", "subprocess.CalledProcessError: …"),
            ),
        ),
    ),
]

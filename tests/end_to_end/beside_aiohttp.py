"""The same code with our session and with aiohttp's, against one server."""

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

from commands import PROGRAMS, Molotov, run

COMMON = """
HEADERS = {"X-Common": "c"}

def session_options():
    return {}

def first_line(text):
    found = parsed(text)
    return found.get("method"), found.get("target", found.get("url"))

def parsed(text):
    import json
    return json.loads(text) if text else {}

def fields(text, prefix):
    found = parsed(text)
    pairs = found.get("fields", found.get("headers"))
    pairs = pairs.items() if isinstance(pairs, dict) else pairs
    return sorted(
        (name.lower(), value) for name, value in pairs
        if name.lower().startswith(prefix)
    )

async def raised(awaitable):
    try:
        await awaitable
    except Exception as error:
        return type(error).__name__, str(error)
    return None

"""


def functions(bodies: Mapping[str, str], at_hand: str) -> str:
    """An `ask_N` for each of the bodies."""
    return (
        COMMON
        + at_hand
        + "".join(
            f"async def ask_{number}(session):\n"
            + textwrap.indent(textwrap.dedent(body), "    ")
            for number, body in enumerate(bodies.values())
        )
    )


OURS = """
from aiohttp import BasicAuth

@setup()
async def init(worker_id, args):
    return {"headers": HEADERS, **session_options()}

@scenario()
async def one(session):
    answers = {}
    for name, ask in list(globals().items()):
        if name.startswith("ask_"):
            try:
                answers[name] = repr(await ask(session))
            except Exception as error:
                answers[name] = f"raised {error!r}"
    import json
    with open("answers.json", "w") as file:
        json.dump(answers, file)
"""

# Without a load test.
ALONE = """
import asyncio, json
from aiohttp import BasicAuth

async def main():
    answers = {}
    options = {"headers": HEADERS, **session_options()}
    async with ClientSession(**options) as session:
        for name, ask in list(globals().items()):
            if name.startswith("ask_"):
                try:
                    answers[name] = repr(await ask(session))
                except Exception as error:
                    answers[name] = f"raised {error!r}"
    print(json.dumps(answers))

asyncio.run(main())
"""


def answers(
    folder: Path, target: str, bodies: Mapping[str, str], at_hand: str = ""
) -> dict[str, tuple[str, str]]:
    """What ours and aiohttp's gave for each, as `repr()`.

    Each body is that of `async def ask(session)`, with BasicAuth, URL, and the
    functions above and `at_hand` at hand, and returns what is to be the same
    for both. `at_hand` may have a session_options() of its own.
    """
    result = Molotov(folder, target)(
        functions(bodies, at_hand) + OURS, "-r", "1"
    )
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines, result
    theirs = answers_alone("aiohttp", folder, target, bodies, at_hand)
    ours = json.loads((folder / "answers.json").read_text())
    return {
        name: (ours[f"ask_{number}"], theirs[name])
        for number, name in enumerate(bodies)
    }


def answers_alone(
    package: str,
    folder: Path,
    target: str,
    bodies: Mapping[str, str],
    at_hand: str = "",
) -> dict[str, str]:
    """What the ClientSession of that package gave for each, under
    `asyncio.run()`."""
    (folder / "alone.py").write_text(
        f"from {package} import ClientSession\n"
        f"URL = {target!r}\n{functions(bodies, at_hand)}{ALONE}"
    )
    done = run(folder, PROGRAMS / "python", "alone.py")
    assert done.status == 0, done
    found = json.loads(done.stdout)
    return {name: found[f"ask_{number}"] for number, name in enumerate(bodies)}

"""What Blazemeter Taurus asks of Molotov: its command line, without -c and with
the output in files; the events that its extension writes down; the end by a
signal."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from commands import (
    BYE,
    PATIENCE,
    PROGRAMS,
    Molotov,
    default_signals,
    wait_until,
)

# As Taurus' own extension does: pairs a response with its request by id().
EXTENSION = """
import json, os
from molotov import events, global_teardown

sent = {}

def tell(**what):
    with open("events.jsonl", "a") as file:
        file.write(json.dumps(what) + "\\n")

@events()
async def record(event, **info):
    if event == "sending_request":
        sent[id(info["request"])] = info["request"]
        tell(event=event)
    elif event == "response_received":
        response = info["response"]
        assert sent.pop(id(info["request"])) is info["request"]
        tell(event=event, status=response.status, reason=response.reason)
    elif event == "current_workers":
        tell(event=event, workers=info["workers"])
    else:
        raised = info.get("exception")
        tell(
            event=event,
            name=info["scenario"]["name"],
            **({} if raised is None else {"exception": repr(raised)}),
        )

@global_teardown()
def end():
    tell(event="global_teardown", unanswered=len(sent))
"""
# Both are run, however few runs there are time for.
SCRIPT = """
@scenario_picker()
def pick(worker_id, step_id):
    return ("good", "bad")[(worker_id + step_id) % 2]

@scenario()
async def good(session):
    async with session.get(URL) as response:
        assert response.status == 200

@scenario()
async def bad(session):
    async with session.get(URL + "/status/404") as response:
        assert response.status == 200
"""


def taurus(
    molotov: Molotov, *options: str, ends_by: signal.Signals | None = None
) -> tuple[int, str, str]:
    """Exit status, and what is in the two files."""
    script = molotov.write(SCRIPT)
    # It is a module of a package that Python can import.
    package = molotov.folder / "site" / "bzt" / "resources"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "molotov_ext.py").write_text(EXTENSION)
    command = [
        *(PROGRAMS / "molotov", "--workers", "2", *options),
        *("--use-extension=bzt.resources.molotov_ext", script),
    ]
    told = molotov.folder / "events.jsonl"
    out, err = molotov.folder / "molotov.out", molotov.folder / "molotov.err"
    with (
        out.open("w") as stdout,
        err.open("w") as stderr,
        subprocess.Popen(
            command,
            cwd=molotov.folder,
            env=os.environ | {"PYTHONPATH": str(molotov.folder / "site")},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            preexec_fn=default_signals,
        ) as process,
    ):
        if ends_by is not None:
            wait_until(
                lambda: told.exists() and "scenario_failure" in told.read_text()
            )
            process.send_signal(ends_by)
        status = process.wait(PATIENCE)
    return status, out.read_text(), err.read_text()


def events_of(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("processes", [[], ["--processes", "2"]])
def test_a_run(molotov: Molotov, processes: list[str]) -> None:
    options = ["--ramp-up", "0.1", "--duration", "1", "--delay", "0.1"]
    status, out, err = taurus(molotov, *processes, *options)
    assert (status, err) == (0, "")
    assert out.endswith(f"{BYE}\n")
    told = events_of(molotov.folder)
    assert {event["event"] for event in told} == {
        *("sending_request", "response_received", "current_workers"),
        *("scenario_start", "scenario_success", "scenario_failure"),
        "global_teardown",
    }
    answers = {(e["status"], e["reason"]) for e in told if "reason" in e}
    assert answers == {(200, "OK"), (404, "Not Found")}
    assert {e["name"] for e in told if "name" in e} == {"good", "bad"}
    assert told[-1] == {"event": "global_teardown", "unanswered": 0}
    failures = {e.get("exception") for e in told if "failure" in e["event"]}
    assert failures == {"AssertionError()"}
    events = [event["event"] for event in told]
    ended = events.count("scenario_success") + events.count("scenario_failure")
    assert ended == events.count("scenario_start")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_its_end(molotov: Molotov, number: signal.Signals) -> None:
    status, out, err = taurus(molotov, "--duration", "3600", ends_by=number)
    assert (status, err) == (0, "")
    assert out.endswith(f"{BYE}\n")
    last = {"event": "global_teardown", "unanswered": 0}
    assert events_of(molotov.folder)[-1] == last


def test_the_probe() -> None:
    done = subprocess.run(
        [PROGRAMS / "molotov", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "3.0\n", "")

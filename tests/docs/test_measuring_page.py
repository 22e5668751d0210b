"""docs/measuring.md, executed; and the report is as its schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doc_run import run_page
from doc_target import ROOT, Target
from test_pages import MOLOTOV, run

PAGE = ROOT / "docs" / "measuring.md"
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text())


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 3


def check(report: Any) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


EVERYTHING = """
import asyncio
import molotov
from molotov import scenario

@scenario()
async def one(session):
    with molotov.step("nothing"):
        molotov.check(False, "is so")
    molotov.count("calls", 2)
    molotov.record("temperature", -12.5, unit="C")
    for path in ("/", "/users/42", "/status/404", "/bytes/100000", "/gzip"):
        async with session.get(URL + path) as response:
            await response.read()
    for path in ("/reset", "/garbage", "/truncate"):
        try:
            async with session.get(URL + path) as response:
                await response.read()
        except Exception:
            pass
    async with session.get(URL + "/bytes/100000000"):
        pass  # the body is left
"""


@pytest.mark.parametrize("options", [["-r", "3"], ["-p", "2", "-d", "2"]])
def test_reports_are_as_the_schema_says(
    tmp_path: Path, target: Target, options: list[str]
) -> None:
    script = tmp_path / "loadtest.py"
    script.write_text(f"URL = {target.url.rstrip('/')!r}\n{EVERYTHING}")
    run(tmp_path, MOLOTOV, *options, "--report", "report.json", script.name)
    report = json.loads((tmp_path / "report.json").read_text())
    check(report)
    every = report["all_requests"]
    assert every["requests"] == sum(e["requests"] for e in report["endpoints"])
    assert every["errors"] == sum(every["errors_by_kind"].values()) > 0
    timed = every["response_time_seconds"]["count"]
    assert timed + every["bodies_left"] == every["requests"] - every["errors"]
    points = report["timeline"]
    assert sum(point["requests"] for point in points) == every["requests"]


def test_a_report_of_nothing(tmp_path: Path) -> None:
    script = tmp_path / "loadtest.py"
    script.write_text(
        "from molotov import scenario\n"
        "@scenario()\nasync def one(session):\n    pass\n"
    )
    run(tmp_path, MOLOTOV, "-r", "1", "--report", "report.json", script.name)
    check(json.loads((tmp_path / "report.json").read_text()))


def test_the_schema_refuses_what_is_not_in_it(tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        check({"schema_version": 1})

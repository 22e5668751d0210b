"""The end-to-end tests' command and target, with the requests that came."""

import importlib.util
import json
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

END_TO_END = Path(__file__).resolve().parents[1] / "end_to_end"
SUMMARY = re.compile(r"SUCCESSES: (\d+) \| FAILURES: (\d+) \| WORKERS: (\d+)")


def load_fixtures() -> Any:
    path = END_TO_END / "conftest.py"
    spec = importlib.util.spec_from_file_location("end_to_end_conftest", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fixtures = load_fixtures()
target = fixtures.target
molotov = fixtures.molotov


@dataclass
class Played:
    """What came of a script."""

    status: int
    printed: list[str]  # between "Preparing ...OK" and the summary
    successes: int
    failures: int
    requests: int  # by the target's own count
    stderr: str

    def assert_well(self, *, runs: int, requests: int) -> None:
        assert (self.status, self.stderr) == (0, ""), self
        assert (self.successes, self.failures) == (runs, 0), self
        assert self.requests == requests, self


class Play:
    """Runs a script; every run of it is expected to end well."""

    def __init__(self, command: Any, target: str) -> None:
        self._command = command
        self._target = target

    def __call__(self, script: str, *arguments: str) -> Played:
        before = self._requests()
        result = self._command(script, *(arguments or ("-r", "1")))
        requests = self._requests() - before
        lines = result.lines
        summary = SUMMARY.search(result.stdout)
        assert summary is not None, result
        begin = next(i for i, x in enumerate(lines) if x.endswith("...OK"))
        end = next(i for i, x in enumerate(lines) if SUMMARY.match(x))
        return Played(
            status=result.status,
            printed=lines[begin + 1 : end],
            successes=int(summary[1]),
            failures=int(summary[2]),
            requests=requests,
            stderr=result.stderr,
        )

    def _requests(self) -> int:
        with urllib.request.urlopen(self._target + "/stats") as answer:
            count = json.load(answer)["requests"]
            assert isinstance(count, int)
            return count


@pytest.fixture
def play(molotov: Any, target: str) -> Play:
    return Play(molotov, target)

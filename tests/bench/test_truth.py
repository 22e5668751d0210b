"""What tools say is read as meant, and held against the truth rightly."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from bench import freeze, truth
from bench.truth import compare, error_of, row
from bench.truth_tools import TOOLS, nearest_rank, percentiles

CORE = min(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("fraction", "count", "rank"),
    [
        (0.5, 1, 0),
        (0.5, 4, 1),
        (0.9, 10, 8),
        (0.999, 1000, 998),
        (0.999, 1001, 999),
        (0.99, 50, 49),
    ],
)
def test_the_nearest_rank(fraction: float, count: int, rank: int) -> None:
    assert nearest_rank(fraction, count) == rank


def test_percentiles_are_of_values_that_were() -> None:
    assert percentiles(list(range(2000, 0, -1))) == {
        "p50": 1000,
        "p90": 1800,
        "p99": 1980,
        "p99.9": 1998,
    }


def test_the_error_is_what_lies_beyond_the_neighbours() -> None:
    times = [float(value) for value in range(1, 101)]
    assert error_of(50.0, times, "p50", 0) == 0
    assert error_of(53.0, times, "p50", 0) == 3
    assert error_of(48.0, times, "p50", 0) == -2
    assert error_of(53.0, times, "p50", 2) == 1
    assert error_of(48.0, times, "p50", 2) == 0
    assert error_of(110.0, times, "p99.9", 5) == 10


def test_what_wrk_says(tmp_path: Path) -> None:
    said = "Running 1s test\nPERCENTILES 1000 500 900 1100 20000\n"
    told = TOOLS["wrk"].read(said, tmp_path)
    assert told.count == 1000
    assert told.seconds == {
        "p50": 0.0005,
        "p90": 0.0009,
        "p99": 0.0011,
        "p99.9": 0.02,
    }


def test_what_hey_says(tmp_path: Path) -> None:
    said = "response-time,DNS+dialup,status-code\n" + "".join(
        f"0.0{number:03},0.0001,200\n" for number in range(1, 101)
    )
    told = TOOLS["hey"].read(said, tmp_path)
    assert told.count == 100
    assert told.seconds["p90"] == 0.009
    assert told.seconds["p99.9"] == 0.01


def test_what_oha_says(tmp_path: Path) -> None:
    report = {
        "latencyPercentiles": {"p50": 1, "p90": 2, "p99": 3, "p99.9": 4},
        "statusCodeDistribution": {"200": 5, "500": 1},
    }
    (tmp_path / "oha.json").write_text(json.dumps(report))
    told = TOOLS["oha"].read("", tmp_path)
    assert told.count == 6
    assert told.seconds == report["latencyPercentiles"]


def test_what_locust_says(tmp_path: Path) -> None:
    entries = [
        {"name": "/a", "response_times": {"5": 990, "100": 5}},
        {"name": "/b", "response_times": {"7.5": 5}},
    ]
    said = f"a line\n{json.dumps(entries, indent=4)}\nName  # reqs\n[x] table"
    told = TOOLS["Locust"].read(said, tmp_path)
    assert told.count == 1000
    assert told.seconds == {
        "p50": 0.005,
        "p90": 0.005,
        "p99": 0.005,
        "p99.9": 0.1,
    }


def test_what_ours_says(tmp_path: Path) -> None:
    times = {"count": 9, "p50": 1, "p75": 1.5, "p90": 2, "p99": 3, "p99.9": 4}
    report = {"all_requests": {"server_time_seconds": times}}
    (tmp_path / "report.json").write_text(json.dumps(report))
    told = TOOLS["ours"].read("", tmp_path)
    assert told.count == 9
    assert told.seconds == {"p50": 1, "p90": 2, "p99": 3, "p99.9": 4}


def test_a_tool_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    wrk = TOOLS["wrk"]
    if why := wrk.prepare():
        pytest.skip(why)
    monkeypatch.setattr(truth, "CALIBRATIONS", 1)
    monkeypatch.setattr(truth, "CALIBRATION_SECONDS", 1)
    monkeypatch.setattr(truth, "START_SECONDS", 0.2)
    found = compare(wrk, "log-normal", 0.2, 1, (CORE, CORE))
    assert found.count > 0 and found.truth_count > 0
    assert list(found.truth_seconds.values()) == sorted(
        found.truth_seconds.values()
    )
    assert found.truth_seconds["p50"] > 0.004
    assert "wrk" in row(found)


def test_the_truth_of_a_freeze() -> None:
    told = freeze.truth()
    assert told["p50"] == pytest.approx(0.005)
    # Of 2,000 requests 400 are due while it is frozen, evenly.
    assert told["p90"] == pytest.approx(1.0, abs=0.01)
    assert told["p99"] == pytest.approx(1.9, abs=0.01)


def test_a_freeze_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    wrk = freeze.PACED_TOOLS["wrk"]
    if why := wrk.prepare():
        pytest.skip(why)
    monkeypatch.setattr(freeze, "SECONDS", 1)
    monkeypatch.setattr(freeze, "FREEZE_AT", 0.5)
    monkeypatch.setattr(freeze, "FREEZE_SECONDS", 0.2)
    told = freeze.measure(wrk, (CORE, CORE))
    assert told.count > 0
    assert told.seconds["p99.9"] > 0.05

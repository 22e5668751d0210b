"""The budgets are measured, tiny, and said as they are."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bench.budgets import Finding
from bench.contenders import THE_ORIGINAL
from bench.memory import resident_kib
from bench.ratios import middle
from bench.sink import sink

Benchmark = Callable[..., tuple[str, dict[str, Any]]]


def test_a_budget_is_met_when_the_middle_meets_it() -> None:
    spread = middle([0.8, 1.0, 1.2])
    finding = Finding("cost", spread.median, " ms", 1.0, spread)
    assert finding.met and str(finding).endswith("budget 1 ms: met")
    assert "1 [0.8, 1.2] ms" in str(finding)
    assert str(replace(finding, value=1.1)).endswith("NOT MET")


def test_what_is_to_be_reached_is_met_from_there_on() -> None:
    spread = middle([11.0, 12.0, 14.0])
    finding = Finding("rate", spread.median, "", 12.0, spread, at_least=True)
    assert finding.met and str(finding).endswith("budget at least 12: met")
    assert str(replace(finding, value=11.9)).endswith("NOT MET")


def test_resident_memory() -> None:
    rollup = "Rss:      50132 kB\nPss:      50130 kB\n"
    assert resident_kib(rollup + rollup) == [50132, 50132]


def test_the_budgets(benchmark: Benchmark) -> None:
    options = ["--only", "budgets", "--long-run", "1000"]
    said, written = benchmark(*options, "--idle-workers", "2", "20")
    assert "runs" not in written
    findings = written["budgets"]
    assert [(each["unit"], each["budget"]) for each in findings] == [
        (" KiB", 12),
        (" ms", 100),
        (" ms", 100),
        (" KiB", 256),
        ("", 1),
    ]
    for each in findings:
        assert f"{each['what']} " in said


def test_what_is_asked_for_beside_the_load(benchmark: Benchmark) -> None:
    if why := THE_ORIGINAL.prepare():
        pytest.skip(why)
    tiny = ["--idle-workers", "2", "20", "--large-bytes", "1000000"]
    said, written = benchmark("--only", "extras", *tiny)
    assert not {"runs", "budgets"} & set(written)
    findings = written["extras"]
    assert [(each["budget"], each["at_least"]) for each in findings] == [
        (12, True),
        (20, True),
        (0.95, True),
        (0.95, True),
        (15, True),
        (12, True),
        (20, True),
        (20, True),
        (16, False),
        (16, False),
        *[(1, True)] * 4,
    ]
    for each in findings:
        assert f"{each['what']} " in said
        assert each["value"] > 0 or not each["at_least"]


def test_one_may_be_measured_alone(benchmark: Benchmark) -> None:
    options = ["--only", "extras", "--large-bytes", "1000000"]
    _, written = benchmark(*options, "--measures", "large bodies")
    assert len(written["extras"]) == 4


def test_the_sink_counts_what_it_is_sent() -> None:
    with sink(min(os.sched_getaffinity(0))) as there:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(3):
                sender.sendto(b"a:1|c", ("127.0.0.1", there.port))
        assert there.datagrams() == 3

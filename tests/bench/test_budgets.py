"""The budgets are measured, tiny, and said as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bench.budgets import Finding
from bench.memory import resident_kib
from bench.ratios import middle

Benchmark = Callable[..., tuple[str, dict[str, Any]]]


def test_a_budget_is_met_when_the_middle_meets_it() -> None:
    spread = middle([0.8, 1.0, 1.2])
    finding = Finding("cost", spread.median, " ms", 1.0, spread)
    assert finding.met and str(finding).endswith("budget 1 ms: met")
    assert "1 [0.8, 1.2] ms" in str(finding)
    assert str(replace(finding, value=1.1)).endswith("NOT MET")


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

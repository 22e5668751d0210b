"""The last lines of a run without a supervisor, as report/summary.h has them
for one with."""

from typing import Any

from molotov.worker import FAILURES_SHOWN


def counts_line(
    succeeded: int,
    failed: int,
    cancelled: int = 0,
    workers: int | None = None,
) -> str:
    line = f"SUCCESSES: {succeeded} | FAILURES: {failed}"
    if workers is not None:
        line += f" | WORKERS: {workers}"
    if cancelled > 0:
        line += f" | CANCELLED: {cancelled}"
    return line


def sizing_lines(verdict: dict[str, Any], overall: str) -> list[str]:
    """What --sizing found, when it did; `overall` is a counts line."""
    minute = counts_line(verdict["minute_succeeded"], verdict["minute_failed"])
    return [
        "",
        "Sizing is over!",
        "",
        f"Error Ratio {verdict['error_ratio']:.2f} % obtained with "
        f"{verdict['workers']} workers.",
        "",
        f"OVERALL: {overall}",
        f"LAST MINUTE: {minute}",
        "",
    ]


def failures_not_shown(failures: list[tuple[str, int]]) -> list[str]:
    lines = []
    for kind, count in failures:
        if count > FAILURES_SHOWN:
            more = f"(… {count - FAILURES_SHOWN:,} more like this)"
            lines += [kind, more] if kind else [more]
    return lines

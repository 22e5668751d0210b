"""Differences that several cases have."""

from __future__ import annotations

from differential.case import Differs

FAILED_FIXTURE = Differs(
    "status",
    "2.x ends with 0 when a fixture has failed (D3)",
    ours=("exit status 1",),
    original=("exit status 0",),
)
WORKER_DIED = "2.x says nothing of a worker that died (D4)"
DEAD_WORKER = (
    Differs(
        "status",
        "2.x ends with 0 when a worker has died (D3)",
        ours=("exit status 1",),
        original=("exit status 0",),
    ),
    Differs(
        "stdout",
        WORKER_DIED,
        ours=("[W:0] Worker died!", "…"),
    ),
)


def only_in_27(*ours: str, original: tuple[str, ...] = ()) -> Differs:
    """On stdout; the original that is run is 2.6."""
    return Differs("stdout", "new in 2.7", ours=ours, original=original)

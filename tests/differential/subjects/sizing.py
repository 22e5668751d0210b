"""Autosizing."""

from __future__ import annotations

from differential.case import Case, Differs

HALF = """
COUNT = []
@scenario()
async def one(session):
    COUNT.append(1)
    assert len(COUNT) % 2
"""
GOOD = """
@global_setup()
def gs(args):
    say(args.workers, float(args.ramp_up))
    args.workers = 1
@scenario()
async def one(session):
    pass
"""
BOUNDS = "-w 1 and --ramp-up 0 that are typed are meant (D32)"

COUNTS = Differs(
    "stdout",
    "what ran is said all the same",
    ours=("SUCCESSES: 2 | FAILURES: 0",),
)
CASES = [
    Case(
        "sizing that is not finished",
        GOOD,
        ("--sizing", "-r", "2"),
        differs=(COUNTS,),
        quick=True,
    ),
    Case(
        "sizing by its own numbers",
        GOOD,
        ("--sizing", "-r", "2", "-w", "3", "--ramp-up", "0.1"),
        differs=(COUNTS,),
    ),
    Case(
        "sizing of one worker",
        GOOD,
        ("--sizing", "-r", "2", "-w", "1", "--ramp-up", "0"),
        differs=(
            COUNTS,
            Differs("stdout", BOUNDS, ("> 1 0.0",), ("> 500 300.0",)),
        ),
    ),
    Case(
        "sizing that is finished",
        HALF,
        ("--sizing", "-w", "2", "--ramp-up", "0.01", "-r", "200"),
        differs=(
            Differs(
                "stdout",
                "runs are counted against runs (D32), and no failure is lost",
                ours=("Error Ratio 5… % obtained with 2 workers.", "…"),
                original=("Error Ratio 1… % obtained with 2 workers.", "…"),
            ),
        ),
    ),
]

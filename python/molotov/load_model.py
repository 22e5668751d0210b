"""The options that say what the load is like, where Python is given them: what
the command checks of them before it starts, and what they mean for others."""

import argparse
import math

from molotov import _engine
from molotov.supervised import OPTION_DEFAULTS

WORKERS_OF_RATE = 10_000
"""So many there may be in a process, where nobody says otherwise."""


def asks_for_rate(args: argparse.Namespace) -> bool:
    """Whether runs are to begin at a rate, however long they take."""
    if getattr(args, "rate", None) is not None:
        return True
    stages = getattr(args, "stages", None)
    return isinstance(stages, str) and "/" in stages


def settle_load_model(args: argparse.Namespace) -> None:
    """Makes a rate a number, and has stages say how long the load takes.

    :raises ValueError: where an option cannot be used, or contradicts another.
    """
    _check_range(args)
    if args.rate is not None:
        _settle_rate(args)
    if args.stages is not None:
        _settle_stages(args)
    if args.arrival not in ("constant", "poisson"):
        raise ValueError(
            f"arrival: invalid choice: {args.arrival!r} "
            "(choose from 'constant', 'poisson')"
        )
    if args.arrival != "constant" and not asks_for_rate(args):
        raise ValueError("arrival: needs rate, or stages of rates")


def _check_range(args: argparse.Namespace) -> None:
    if not 0 <= args.warmup < math.inf:
        raise ValueError("warmup: must not be negative, and must end some day")
    if args.warmup > 0:
        _refuse_with("warmup", args, "single_run")


def _settle_rate(args: argparse.Namespace) -> None:
    if isinstance(args.rate, str):
        args.rate = _rate_of(args.rate)
    if not args.rate > 0:
        raise ValueError("rate: must be above 0")
    _refuse_with("rate", args, "stages", "sizing", "single_run")


def _rate_of(text: str) -> float:
    try:
        return _engine.parse_rate(text)
    except ValueError as error:
        raise ValueError(f"rate: {error}") from None


def _settle_stages(args: argparse.Namespace) -> None:
    if not isinstance(args.stages, str):
        raise ValueError("stages: must be a str")
    try:
        of_rate, highest, seconds = _engine.parse_stages(args.stages)
    except ValueError as error:
        raise ValueError(f"stages: {error}") from None
    _refuse_with("stages", args, "duration", "ramp_up", "sizing", "single_run")
    if args.warmup >= seconds:
        raise ValueError("warmup: must be shorter than all stages together")
    args.duration = seconds
    if not of_rate:
        args.workers = int(highest)


def _refuse_with(name: str, args: argparse.Namespace, *others: str) -> None:
    for other in others:
        if getattr(args, other) != OPTION_DEFAULTS[other]:
            raise ValueError(f"{name}: not allowed with {other}")

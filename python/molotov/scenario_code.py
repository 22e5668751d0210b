"""Scenarios as the engine runs them."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from molotov import api
from molotov.listeners import EventSender
from molotov.session_kinds import kind_of

if TYPE_CHECKING:
    from molotov._engine import Worker

Run = Callable[..., Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class ScenarioCode:
    """See ScenarioRecord in ``_engine.pyi``, of which it is one."""

    name: str
    weight: float
    delay: float
    func: Run
    session_kind: int
    """Scenarios with the same number share their worker's session."""

    kind: str
    """What its session factory is called by."""
    options: dict[str, Any]
    """For that factory."""
    record: dict[str, Any]
    """What listeners are given."""


def make_scenario_code(
    scenarios: list[api.Scenario], events: EventSender
) -> list[ScenarioCode]:
    """For all scenarios of a script. Where nobody listens, the script's own
    functions are run."""
    numbers: dict[str, int] = {}
    made = []
    for scenario in scenarios:
        kind, options = kind_of(scenario.func)
        record = vars(scenario)
        func = scenario.func
        made.append(
            ScenarioCode(
                name=scenario.name,
                weight=scenario.weight,
                delay=scenario.delay,
                func=_announced(func, record, events) if events else func,
                session_kind=numbers.setdefault(kind, len(numbers)),
                kind=kind,
                options=options,
                record=record,
            )
        )
    return made


def _announced(func: Run, record: dict[str, Any], events: EventSender) -> Run:
    """The scenario with the events of its run around it."""

    tell = events.send_event

    @functools.wraps(func)
    async def run(session: Any) -> None:
        worker = cast("Worker", asyncio.current_task())
        wid = worker.worker_id
        await tell("scenario_start", scenario=record, wid=wid)
        try:
            await func(session)
        except Exception as error:
            await tell(
                "scenario_failure", exception=error, scenario=record, wid=wid
            )
            raise
        await tell("scenario_success", scenario=record, wid=wid)

    return run

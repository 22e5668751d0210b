"""Scenarios as the engine runs them."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from molotov import _engine, api
from molotov.listeners import EventSender
from molotov.session_kinds import kind_of

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
    engine: _engine.Engine, scenarios: list[api.Scenario], events: EventSender
) -> list[ScenarioCode]:
    """For all scenarios of a script. Where nobody listens, the script's own
    functions are run."""
    numbers: dict[str, int] = {}
    made = []
    for scenario in scenarios:
        kind, options = kind_of(scenario.func)
        record = vars(scenario)
        func: Run = scenario.func
        if events:
            func = _engine.AnnouncedScenario(engine, func, record, events)
        made.append(
            ScenarioCode(
                name=scenario.name,
                weight=scenario.weight,
                delay=scenario.delay,
                func=func,
                session_kind=numbers.setdefault(kind, len(numbers)),
                kind=kind,
                options=options,
                record=record,
            )
        )
    return made

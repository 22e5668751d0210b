"""--dry-run: what a script would run, printed instead of run."""

from molotov import api


def print_plan(scenarios: list[api.Scenario]) -> None:
    """Prints the scenarios with their weights, and the fixtures."""
    total = sum(s.weight for s in scenarios)
    width = max(len(s.name) for s in scenarios)
    print("Scenarios:")
    for s in scenarios:
        share = f"{s.weight / total:.1%}"
        delay = f", delay {s.delay:g} s" if s.delay > 0 else ""
        print(f"  {s.name:<{width}}  weight {s.weight:g} ({share}){delay}")
    fixtures = api.get_fixtures()
    if not fixtures:
        return
    print("Fixtures:")
    width = max(len(kind) for kind in fixtures)
    for kind, function in fixtures.items():
        name = getattr(function, "__name__", repr(function))
        print(f"  {kind:<{width}}  {name}")

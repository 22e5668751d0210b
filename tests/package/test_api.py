"""The decorators: what they register, and what they refuse."""

import asyncio
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import molotov
from molotov import api

ASYNC_KINDS = ["setup", "setup_session", "teardown_session"]
PLAIN_KINDS = ["global_setup", "global_teardown", "teardown", "scenario_picker"]


async def a_coroutine(*args: Any) -> Any:
    return args


def a_function(*args: Any) -> Any:
    return args


def test_everything_documented_is_exported() -> None:
    others = "scenario events session_factory get_context set_var get_var"
    for name in [*ASYNC_KINDS, *PLAIN_KINDS, *others.split()]:
        assert callable(getattr(molotov, name))
    assert molotov.__version__ == "3.0"


def test_scenario_defaults() -> None:
    molotov.scenario()(a_coroutine)
    (record,) = api.get_scenarios()
    assert (record.name, record.weight, record.delay, record.func) == (
        "a_coroutine",
        1,
        0.0,
        a_coroutine,
    )


def test_scenario_weight_may_be_positional() -> None:
    molotov.scenario(40)(a_coroutine)
    assert api.get_scenarios()[0].weight == 40


def test_scenarios_are_in_the_order_of_the_script() -> None:
    for name in ("b", "a", "c"):
        molotov.scenario(name=name)(a_coroutine)
    assert [s.name for s in api.get_scenarios()] == ["b", "a", "c"]


def test_name_replaces_the_functions() -> None:
    molotov.scenario(name="other")(a_coroutine)
    assert api.get_scenario("other") is not None
    assert api.get_scenario("a_coroutine") is None


@pytest.mark.parametrize("weight", [0, -1, -0.5])
def test_without_weight_it_is_not_registered(weight: float) -> None:
    decorated = molotov.scenario(weight=weight)(a_coroutine)
    assert api.get_scenarios() == []
    assert asyncio.run(decorated(1)) == (1,)


def test_decorated_functions_stay_usable() -> None:
    assert asyncio.run(molotov.scenario()(a_coroutine)(1)) == (1,)
    assert asyncio.run(molotov.setup()(a_coroutine)(2)) == (2,)
    assert molotov.global_setup()(a_function)(3) == (3,)


@pytest.mark.parametrize("kind", ["scenario", *ASYNC_KINDS])
def test_plain_function_where_a_coroutine_is_needed(kind: str) -> None:
    with pytest.raises(TypeError) as raised:
        getattr(molotov, kind)()(a_function)
    assert str(raised.value) == f"{a_function!r} needs to be a coroutine"


@pytest.mark.parametrize("kind", PLAIN_KINDS)
def test_coroutine_where_a_plain_function_is_needed(kind: str) -> None:
    with pytest.raises(TypeError, match="needs to be a plain function"):
        getattr(molotov, kind)()(a_coroutine)


@pytest.mark.parametrize(
    "kind", ["scenario", "events", *ASYNC_KINDS, *PLAIN_KINDS]
)
def test_without_parentheses(kind: str) -> None:
    function = a_function if kind in PLAIN_KINDS else a_coroutine
    with pytest.raises(TypeError, match=rf"write @{kind}\(\) before"):
        getattr(molotov, kind)(function)


@pytest.mark.parametrize("kind", [*ASYNC_KINDS, *PLAIN_KINDS])
def test_no_two_fixtures_of_a_kind(kind: str) -> None:
    function = a_function if kind in PLAIN_KINDS else a_coroutine
    getattr(molotov, kind)()(function)
    with pytest.raises(ValueError) as raised:
        getattr(molotov, kind)()(function)
    assert str(raised.value) == f"You can't have two '{kind}' functions"


@pytest.mark.parametrize(
    "arguments",
    [
        {"weight": "1"},
        {"weight": float("nan")},
        {"delay": None},
        {"delay": float("inf")},
        {"name": 3},
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        molotov.scenario(**arguments)(a_coroutine)


def test_a_fixtures_decorator_takes_no_arguments() -> None:
    with pytest.raises(TypeError, match="takes no arguments"):
        molotov.setup(1)


def make_scenario() -> Callable[..., Any]:
    async def same_line(session: Any) -> None: ...

    return same_line


def test_two_scenarios_of_one_name_are_told_of() -> None:
    molotov.scenario(name="same")(a_coroutine)
    other = make_scenario()
    with pytest.warns(UserWarning, match="two scenarios are named 'same'"):
        molotov.scenario(name="same")(other)
    assert [s.func for s in api.get_scenarios()] == [other]


def test_the_same_scenario_twice_is_not_told_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        molotov.scenario()(make_scenario())
        molotov.scenario()(make_scenario())
    assert len(api.get_scenarios()) == 1


def test_get_var_keeps_what_the_factory_made() -> None:
    made: list[object] = []

    def factory() -> object:
        made.append(object())
        return made[-1]

    name = object()  # no other test's
    assert molotov.get_var(name) is None
    assert molotov.get_var(name, factory) is molotov.get_var(name, factory)
    assert len(made) == 1


def test_set_var_gives_back_the_same() -> None:
    value = object()
    molotov.set_var("value", value)
    assert molotov.get_var("value") is value


def test_a_session_factory_is_found_by_its_kind() -> None:
    molotov.session_factory("a kind")(len)
    assert molotov.session_factory("a kind")(a_function) is a_function
    assert api.get_session_factory("a kind") is a_function
    assert api.get_session_factory("another") is None


def test_what_is_no_session_factory() -> None:
    with pytest.raises(TypeError, match="needs to be a plain function"):
        molotov.session_factory("a kind")(a_coroutine)
    with pytest.raises(TypeError, match="needs parentheses"):
        molotov.session_factory(a_function)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="kind needs to be a string"):
        molotov.session_factory(3)  # type: ignore[arg-type]

"""A test of a configuration file as moloslave's command line."""

from typing import Any

import pytest

from molotov.slave_options import BadOption, command_line


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ({}, "loadtest.py"),
        ({"scenario": "a.py"}, "a.py"),
        ({"workers": 3, "ramp_up": 5, "scenario": "a.py"}, "-w 3 --ramp-up 5"),
        ({"duration": "10", "delay": 0.5}, "-d 10 --delay 0.5"),
        ({"verbose": 2}, "-v -v"),
        ({"verbose": True}, "-v"),
        ({"verbose": 0}, ""),
        ({"quiet": True, "sizing": True}, "-q --sizing"),
        ({"quiet": False, "sizing": False}, ""),
        ({"max_runs": None, "quiet": None, "use_extension": None}, ""),
        (
            {"use_extension": ["a.py", "b.py"], "workers": 2},
            "--use-extension a.py b.py -w 2 --",
        ),
        ({"use_extension": []}, ""),
        (
            {"connect_to": ["a:1:b:2", "c:3:d:4"]},
            "--connect-to a:1:b:2 --connect-to c:3:d:4",
        ),
        ({"config": "other.json", "version": True}, ""),
    ],
)
def test_options(test: dict[str, Any], wanted: str) -> None:
    arguments, unknown = command_line(test)
    scenario = test.get("scenario", "loadtest.py")
    assert arguments == [*wanted.removesuffix(scenario).split(), scenario]
    assert unknown == []


def test_unknown_keys() -> None:
    assert command_line({"max-runs": 1, "nope": 2, "fail": 3}) == (
        ["-f", "3", "loadtest.py"],
        ["max-runs", "nope"],
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("workers", {}),
        ("workers", True),
        ("quiet", 1),
        ("quiet", "yes"),
        ("verbose", -1),
        ("verbose", "2"),
        ("use_extension", "a.py"),
        ("use_extension", [1]),
        ("scenario", None),
    ],
)
def test_values_of_the_wrong_type(key: str, value: Any) -> None:
    with pytest.raises(BadOption, match=f"'{key}' must be "):
        command_line({key: value})

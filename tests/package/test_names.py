"""What can be imported, and that nothing hides why it cannot."""

import importlib
import subprocess
import sys

import pytest

import molotov

MODULES = [
    "api",
    "dummy",
    "listeners",
    "quickstart",
    "run",
    "session",
    "shared.counter",
    "slave",
    "util",
]


@pytest.mark.parametrize("name", MODULES)
def test_a_module(name: str) -> None:
    importlib.import_module(f"molotov.{name}")


def test_the_names_of_the_package() -> None:
    for name in molotov.__all__:
        assert hasattr(molotov, name)
    assert {"request", "json_request", "get_var", "set_var"} <= set(
        molotov.__all__
    )


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("listeners", ["BaseListener"]),
        ("quickstart", ["main"]),
        ("run", ["main", "run"]),
        ("session", ["get_context", "get_eventer", "get_session"]),
        ("shared.counter", ["Counter", "Counters"]),
        ("slave", ["main"]),
        ("util", ["expand_options", "get_var", "json_request", "set_var"]),
    ],
)
def test_what_users_import(module: str, names: list[str]) -> None:
    imported = importlib.import_module(f"molotov.{module}")
    assert [x for x in names if not hasattr(imported, x)] == []


def test_a_failing_import_is_seen() -> None:
    script = "import sys; sys.modules['molotov.util'] = None; import molotov"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "molotov.util" in done.stderr.splitlines()[-1]

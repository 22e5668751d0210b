"""molotov.util: what a configuration file says, put onto args."""

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from molotov.util import OptionError, expand_options


def written(folder: Path, document: Any) -> str:
    path = folder / "molotov.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_test_wins_over_args(tmp_path: Path) -> None:
    config = {"molotov": {"tests": {"test": {"duration": 1, "more": [2]}}}}
    args = argparse.Namespace(duration=86400, workers=3)
    expand_options(written(tmp_path, config), "test", args)
    assert vars(args) == {"duration": 1, "workers": 3, "more": [2]}


def test_a_file_object() -> None:
    args = argparse.Namespace()
    file = io.StringIO('{"molotov": {"tests": {"test": {"workers": 2}}}}')
    expand_options(file, "test", args)
    assert args.workers == 2


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "Bad config -- no molotov key"),
        ([], "Bad config -- no molotov key"),
        (7, "Bad config -- no molotov key"),
        ({"molotov": {}}, "Bad config -- no molotov/tests key"),
        ({"molotov": 7}, "Bad config -- no molotov/tests key"),
        ({"molotov": {"tests": {}}}, "Can't find 'test' in the config"),
        ({"molotov": {"tests": 7}}, "Can't find 'test' in the config"),
        (
            {"molotov": {"tests": {"test": None}}},
            "Bad config -- the test 'test' is no object",
        ),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, document: Any, says: str) -> None:
    with pytest.raises(OptionError) as raised:
        expand_options(
            written(tmp_path, document), "test", argparse.Namespace()
        )
    assert str(raised.value) == says


def test_what_cannot_be_read(tmp_path: Path) -> None:
    args = argparse.Namespace()
    with pytest.raises(OptionError, match="Can't find ''"):
        expand_options("", "test", args)
    with pytest.raises(OptionError, match="Can't read"):
        expand_options(str(tmp_path), "test", args)
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(OptionError, match=r"Can't parse '.*bad\.json'"):
        expand_options(str(tmp_path / "bad.json"), "test", args)
    with pytest.raises(OptionError, match=r"Can't parse <_io\.StringIO"):
        expand_options(io.StringIO("{"), "test", args)

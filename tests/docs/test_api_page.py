"""docs/api.md: it is made of the docstrings of now, and none is missing."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys

import pytest
from doc_target import ROOT

import molotov

TOOL = ROOT / "tools/api_page.py"
sys.path.insert(0, str(TOOL.parent))

import api_page  # noqa: E402


@pytest.fixture(scope="module")
def entries() -> dict[str, list[api_page.Entry]]:
    """All that is public, by module."""
    package = api_page.load()
    return {
        module: api_page.entries_of(package, module)
        for module in api_page.PUBLIC
    }


def test_it_is_not_stale() -> None:
    done = subprocess.run(
        [sys.executable, TOOL, "check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_page_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api_page, "PAGE", ROOT / "docs/options.md")
    assert api_page.main(["check"]) == 1
    assert "stale" in capsys.readouterr().out


def test_every_public_name_has_a_docstring(
    entries: dict[str, list[api_page.Entry]],
) -> None:
    everything = [
        (module, named)
        for module, its in entries.items()
        for entry in its
        for named in (entry, *entry.members)
    ]
    assert len(everything) > 150
    assert [
        f"{module}: {named.name}"
        for module, named in everything
        if named.thing.docstring is None
    ] == []


def test_nothing_of_a_docstring_is_lost(
    entries: dict[str, list[api_page.Entry]],
) -> None:
    """Text behind the fields of one would be."""
    page = set(words_of((ROOT / "docs/api.md").read_text()))
    for its in entries.values():
        for entry in its:
            for named in (entry, *entry.members):
                text = named.thing.docstring.value
                text = re.sub(r":(param|raises|returns)|:\w+:", "", text)
                shown = "\n".join(api_page._docstring(named.thing))
                lost = set(words_of(text)) - set(words_of(shown))
                assert not lost, named.name
                assert set(words_of(shown)) <= page


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_public_names_can_be_imported(
    entries: dict[str, list[api_page.Entry]],
) -> None:
    for module, its in entries.items():
        imported = importlib.import_module(module)
        assert [e.name for e in its if not hasattr(imported, e.name)] == []


@pytest.mark.parametrize("module", ["molotov", "molotov.session"])
def test_what_a_module_exports_is_public(module: str) -> None:
    exported = set(importlib.import_module(module).__all__)
    elsewhere = set(api_page.PUBLIC["molotov"]) & exported
    assert exported == set(api_page.PUBLIC[module]) | elsewhere


def test_the_version_is_the_packages() -> None:
    assert molotov.__version__ in (ROOT / "pyproject.toml").read_text()

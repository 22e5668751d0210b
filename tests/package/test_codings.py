"""The content codings that are asked for, beside aiohttp."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("aiohttp")

PROGRAM = """
from aiohttp.client_reqrep import ClientRequest
from molotov.client.codings import accept_encoding
print(accept_encoding() == ClientRequest.DEFAULT_HEADERS["Accept-Encoding"])
print(accept_encoding())
"""


@pytest.mark.parametrize(
    ("package", "asked"),
    [(None, []), ("brotli", ["br"]), ("brotlicffi", ["br"])],
)
def test_they_are_aiohttps(
    tmp_path: Path, package: str | None, asked: list[str]
) -> None:
    if package is not None:
        # What aiohttp looks for in it.
        (tmp_path / f"{package}.py").write_text("class Decompressor: ...\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    same, said = done.stdout.splitlines()
    assert same == "True", said
    assert set(asked) <= set(said.split(", "))

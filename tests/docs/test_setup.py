"""What a checkout begins with, where there is nothing to begin on: a system
other than Linux is refused at once, in words, and nothing is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from doc_target import ROOT


def test_another_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "uname").write_text("#!/bin/sh\necho Darwin\n")
    touched = tmp_path / "touched"
    for name in ("apt-get", "dpkg-query", "sudo"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho $0 >> {touched}\n")
    for command in tmp_path.iterdir():
        command.chmod(0o755)
    done = subprocess.run(
        [ROOT / "tools" / "setup.sh", "dev"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "error: Molotov 3 runs on Linux only; this is Darwin.\n",
    )
    assert not touched.exists()


def test_another_system_is_refused_by_the_build(tmp_path: Path) -> None:
    """As `pip install` runs it, where there is no tools/setup.sh."""
    done = subprocess.run(
        [
            *("cmake", "-S", ROOT, "-B", tmp_path),
            *("-DCMAKE_SYSTEM_NAME=Darwin", "-DCMAKE_CXX_COMPILER_WORKS=1"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    text = " ".join(done.stderr.split())
    assert "Molotov 3 runs on Linux only" in text, done.stderr
    assert "This system is Darwin." in text, done.stderr

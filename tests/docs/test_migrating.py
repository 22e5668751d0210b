"""docs/migrating.md: executed as the tutorial is, and `setup` may return what
it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from doc_page import blocks_of
from doc_run import run_page
from doc_target import ROOT, Target

PAGE = ROOT / "docs" / "migrating.md"
MOLOTOV = ROOT / "venv/bin/molotov"


def run_one(
    folder: Path, setup: str, scenario: str
) -> subprocess.CompletedProcess[str]:
    """A single run of a script of these two functions' bodies."""
    (folder / "loadtest.py").write_text(
        "import molotov\n"
        "URL = 'http://127.0.0.1:1'\n"
        f"@molotov.setup()\nasync def init(worker_id, args):\n    {setup}\n"
        f"@molotov.scenario()\nasync def one(session):\n    {scenario}\n"
    )
    return subprocess.run(
        [MOLOTOV, "-r", "1"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_page(tmp_path: Path, example_com: Target) -> None:
    # Whatever it shows is typed, but for the script.
    assert {block.language for block in blocks_of(PAGE)} <= {
        "python",
        "console",
    }
    assert run_page(PAGE, example_com, tmp_path, tmp_path) == 5


# What `setup` may return, as source.
SESSION_OPTIONS = {
    "headers": "{'A': '1'}",
    "cookies": "{'b': '2'}",
    "auth": "None",
    "timeout": "None",
    "raise_for_status": "True",
    "json_serialize": "str",
    "auto_decompress": "False",
    "json_serialize_bytes": "None",
    "base_url": "'http://h/'",
    "cookie_jar": "None",
    "skip_auto_headers": "['Accept']",
    "version": "(1, 0)",
    "connector_owner": "False",
    "requote_redirect_url": "False",
    "read_bufsize": "1000",
    "max_line_size": "1000",
    "max_field_size": "1000",
    "max_headers": "10",
    "fallback_charset_resolver": "lambda response, body: 'latin-1'",
    "proxy": "None",
    "proxy_auth": "None",
    "trust_env": "True",
    "connector": "None",
    "ssl": "False",
    "trace_configs": "[]",
    "middlewares": "()",
    "read_timeout": "3",
    "conn_timeout": "2",
}


def test_what_setup_may_return(tmp_path: Path) -> None:
    text = " ".join(PAGE.read_text().split())
    (listed,) = re.findall(r"for the session may be (.*?);", text)
    assert re.findall(r"`(\w+)`", listed) == list(SESSION_OPTIONS)
    given = ", ".join(f"{k}={v}" for k, v in SESSION_OPTIONS.items())
    done = run_one(tmp_path, f"return dict({given})", "pass")
    assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in done.stdout
    done = run_one(tmp_path, "return {'response_class': None}", "pass")
    assert "[W:0] Session creation failure!" in done.stdout
    assert "unexpected keyword argument 'response_class'" in done.stdout

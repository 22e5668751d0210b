"""What holds of every page: its Python and its commands run, its links lead
somewhere, and the make targets that it names exist. And the examples run."""

from __future__ import annotations

import hashlib
import re
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from certificates import Authority
from doc_page import Block, blocks_of
from doc_target import ROOT, Target

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
EXAMPLES = sorted(ROOT.glob("examples/*.py"))
MOLOTOV = str(ROOT / "venv/bin/molotov")
PYTHON = str(ROOT / "venv/bin/python")
FAILS_ON_PURPOSE = ('ValueError("always")', "async def missing(")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_there_are_pages_and_examples() -> None:
    assert {"README.md", "docs/tutorial.md"} <= set(names(PAGES))
    assert "examples/first.py" in names(EXAMPLES)


def run(
    folder: Path, *command: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def greeter() -> Iterator[str]:
    """The address of the server that the pages' gRPC scenario talks to."""

    def greet(request: bytes, _context: object) -> bytes:
        return b"Hello, " + request

    methods = {"Greet": grpc.unary_unary_rpc_method_handler(greet)}
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("test.Greeter", methods)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def identities(folder: Path, target: Target) -> str:
    """Writes the files of certificates that pages name; returns the digest of
    the target's own."""
    assert target.authority is not None
    (folder / "ca.pem").write_bytes(Path(target.authority).read_bytes())
    client = Authority(folder / "clients").issue("client", "DNS:client")
    (folder / "client.pem").write_bytes(client.read_bytes())
    own = ssl.get_server_certificate(("127.0.0.1", int(target.port)))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(own)).hexdigest()


def run_python(
    folder: Path, block: Block, text: str, *options: str, url: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Runs a block for what it is: tests of the load test before it, a program,
    or a load test. Also returns what it has to have printed."""
    program = "import run" in text or "asyncio.run(main())" in text
    failures = int(any(code in text for code in FAILS_ON_PURPOSE))
    printed = f" | FAILURES: {failures} | "
    script, command = "loadtest.py", [MOLOTOV, *options]
    if block.name.startswith("test_"):
        script, printed = block.name, " passed in "
        command = [PYTHON, "-m", "pytest", "-q", script]
    elif program:
        script, command = "program.py", [PYTHON, "program.py"]
        printed = printed if "import run" in text else ""
    (folder / script).write_text(text)
    return run(folder, *command, TARGET_URL=url), printed


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_python_of_a_page(
    page: Path,
    tmp_path: Path,
    target: Target,
    example_com: Target,
    proxy: str,
    socket: str,
) -> None:
    """Each block is a load test, or a program or tests that use the one before
    it."""
    led_here = f"--connect-to=example.com:443:127.0.0.1:{example_com.port}"
    options = ["--single-run", led_here, f"--cacert={example_com.authority}"]
    digest = identities(tmp_path, example_com)
    with greeter() as address:
        for block in blocks_of(page):
            if block.language != "python":
                continue
            text = block.text.replace("localhost:50051", address)
            text = text.replace("localhost:3128", proxy)
            text = text.replace("/run/app.sock", socket)
            text = re.sub(r'"[0-9a-f]{64}"', f'"{digest}"', text)
            done, printed = run_python(
                tmp_path, block, text, *options, url=target.url.rstrip("/")
            )
            where = f"{page.name}:{block.line}: {done.stdout}{done.stderr}"
            assert (done.returncode, done.stderr) == (0, ""), where
            assert printed in done.stdout, where


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_commands_of_a_page(page: Path, tmp_path: Path) -> None:
    """Those that are not typed at a prompt, and so run, can be used."""
    script = "import molotov\n@molotov.scenario()\nasync def one(s): ...\n"
    for name in ("loadtest.py", "first.py", "second.py"):
        (tmp_path / name).write_text(script if name == "loadtest.py" else "")
    authority = Authority(tmp_path / "authority").file
    (tmp_path / "ca.pem").write_bytes(authority.read_bytes())
    for line in re.findall(
        r"^(?:    )?molotov (.*\bloadtest\.py.*)", page.read_text(), re.M
    ):
        done = run(tmp_path, MOLOTOV, "--dry-run", *line.split())
        assert (done.returncode, done.stderr) == (0, ""), f"{page.name}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_of_a_page(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    dead = [
        link
        for link in links
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_make_targets_of_a_page(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    # `make build` is of the Makefile that molostart writes, too.
    named = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", page.read_text()))
    assert named <= targets


@pytest.mark.parametrize("example", EXAMPLES, ids=names(EXAMPLES))
@pytest.mark.parametrize("processes", [1, 2])
def test_an_example(
    example: Path, processes: int, target: Target, tmp_path: Path
) -> None:
    options = ["-w", "3", "-r", "5", "-p", str(processes)]
    command = [MOLOTOV, *options, str(example)]
    done = run(tmp_path, *command, TARGET_URL=target.url)
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = f"SUCCESSES: {15 * processes} | FAILURES: 0"
    assert wanted in done.stdout, done.stdout + done.stderr

"""moloslave: clones repositories of this machine, and runs what they have."""

import functools
import http.server
import json
import os
import signal
import ssl
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import (
    BYE,
    PATIENCE,
    PROGRAMS,
    Result,
    default_signals,
    run,
)

SCRIPT = """
import os, time
import molotov

@molotov.global_teardown()
def end():
    print("This is the end")

@molotov.scenario()
async def one(session):
    print("greeting:", os.environ.get("GREETING"))
"""
FAILING = """
import molotov

@molotov.scenario()
async def one(session):
    raise ValueError("no")
"""
# A package by path is built by what it has itself: nothing is downloaded.
BACKEND = """
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    about = "mylib-1.dist-info/"
    with zipfile.ZipFile(f"{folder}/mylib-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("mylib.py", "WORD = 'hello'")
        wheel.writestr(
            about + "METADATA",
            "Metadata-Version: 2.1\\nName: mylib\\nVersion: 1\\n",
        )
        wheel.writestr(
            about + "WHEEL",
            "Wheel-Version: 1.0\\nGenerator: us\\nRoot-Is-Purelib: true\\n"
            "Tag: py3-none-any\\n",
        )
        wheel.writestr(about + "RECORD", "")
    return "mylib-1-py3-none-any.whl"
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


class Repository:
    """A git repository with a load test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git("init", "--quiet")

    def commit(self, molotov: Any, **files: str) -> None:
        """`molotov` is what the configuration has below that key; `a__b_py` is
        the file a/b.py."""
        config = json.dumps({"molotov": molotov})
        files = {"loadtest_py": SCRIPT, "molotov_json": config, **files}
        for name, text in files.items():
            stem, _, ending = name.replace("__", "/").rpartition("_")
            path = self.folder / f"{stem}.{ending}"
            path.parent.mkdir(exist_ok=True)
            path.write_text(textwrap.dedent(text))
        self._git("add", "--all")
        who = ("-c", "user.name=me", "-c", "user.email=me@localhost")
        self._git(*who, "commit", "--quiet", "--message", "test")

    def update_server_info(self) -> None:
        """What git reads of a server that knows nothing of git."""
        self._git("update-server-info")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(folder)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_stays(temporary: Path) -> Any:
    yield
    assert list(temporary.glob("moloslave-*")) == []


def moloslave(folder: Path, *arguments: object) -> Result:
    return run(folder, PROGRAMS / "moloslave", *map(str, arguments))


def complaint(result: Result) -> str:
    """The line that says why it failed."""
    assert result.status == 1, result
    assert "Traceback" not in result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("moloslave: ")
    return last.removeprefix("moloslave: ")


def test_version(tmp_path: Path) -> None:
    result = moloslave(tmp_path, "--version")
    assert (result.status, result.stdout) == (0, "3.0\n")


@pytest.mark.parametrize("greeting", ["hello", 3])
def test_a_test_runs(
    tmp_path: Path, repository: Repository, greeting: object
) -> None:
    repository.commit(
        {
            "env": {"GREETING": greeting},
            "tests": {"test": {"max_runs": 2, "quiet": False, "fail": None}},
        }
    )
    # As a path, from where the user stands.
    result = moloslave(tmp_path, "repository", "test")
    assert result.status == 0, result
    first, running, *lines = result.lines
    assert first.startswith("Working directory is /")
    assert running == "Running: molotov -r 2 loadtest.py"
    assert lines.count(f"greeting: {greeting}") == 2
    assert lines[-3:] == [
        "This is the end",
        "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1",
        BYE,
    ]


def test_its_exit_status(tmp_path: Path, repository: Repository) -> None:
    repository.commit(
        {"tests": {"test": {"fail": 2, "max_runs": 2, "verbose": 1}}},
        loadtest_py=FAILING,
    )
    result = moloslave(tmp_path, repository.folder, "test")
    assert result.status == 1
    assert "SUCCESSES: 0 | FAILURES: 2 | WORKERS: 1" in result.lines
    assert "[W:0] Starting" in result.lines


def test_requirements(tmp_path: Path, repository: Repository) -> None:
    """Installed into an environment of the test's own, and imported."""
    repository.commit(
        {"requirements": "needs.txt", "tests": {"test": {"max_runs": 1}}},
        needs_txt="./mylib\n",
        mylib__pyproject_toml=PYPROJECT
        + "[project]\nname = 'mylib'\nversion = '1'\n",
        mylib__backend_py=BACKEND,
        loadtest_py="import mylib\n" + SCRIPT + "    print(mylib.WORD)\n",
    )
    work = tmp_path / "work"
    work.mkdir()
    arguments = ("--directory", "work", "--virtualenv", "nonsense")
    result = moloslave(tmp_path, *arguments, repository.folder, "test")
    assert result.status == 0, result
    assert "hello" in result.lines
    assert (work / "venv" / "bin" / "python").exists()
    # Ours have stayed as they are.
    done = subprocess.run([sys.executable, "-c", "import mylib"], check=False)
    assert done.returncode == 1


def test_a_virtualenv_of_ones_own(
    tmp_path: Path, repository: "Repository"
) -> None:
    """The program is given what virtualenv takes; one that is not there is
    told of."""
    repository.commit({"tests": {"test": {"max_runs": 1}}}, loadtest_py=SCRIPT)
    maker = tmp_path / "maker"
    maker.write_text('#!/bin/sh\necho "made by $*"\n')
    maker.chmod(0o755)
    made = moloslave(
        tmp_path, "--virtualenv", "./maker", repository.folder, "test"
    )
    assert made.status == 0, made
    assert f"made by --python {PROGRAMS / 'python'} --no-pip venv" in made.lines
    missing = moloslave(
        tmp_path, "--virtualenv", "nothing", repository.folder, "test"
    )
    assert missing.status == 0, missing
    assert missing.stderr.endswith(
        "moloslave: warning: --virtualenv: there is no 'nothing'; "
        "Python's venv is used\n"
    )


@contextmanager
def served(folder: Path, certificate: Path | None = None) -> Iterator[str]:
    """The URL of a server of files that knows nothing of git."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(folder)
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        scheme = "http"
        if certificate is not None:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
        yield f"{scheme}://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For 127.0.0.1, with its key; it is its own authority."""
    path = tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=ours", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", path, "-out", tmp_path / "alone.pem"),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("a") as file:
        file.write((tmp_path / "alone.pem").read_text())
    return path


def check_ran(result: Result) -> None:
    assert result.status == 0, result
    assert "This is the end" in result.lines


def test_a_file_url(tmp_path: Path, repository: Repository) -> None:
    repository.commit({"tests": {"test": {"max_runs": 1}}})
    check_ran(moloslave(tmp_path, repository.folder.as_uri(), "test"))


def test_http(tmp_path: Path, repository: Repository) -> None:
    repository.commit({"tests": {"test": {"max_runs": 1}}})
    repository.update_server_info()
    with served(repository.folder) as url:
        check_ran(moloslave(tmp_path, f"{url}/.git", "test"))


def test_https(
    tmp_path: Path,
    repository: Repository,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Git checks the certificate, as ever, against the authorities it has."""
    repository.commit({"tests": {"test": {"max_runs": 1}}})
    repository.update_server_info()
    with served(repository.folder, certificate) as url:
        result = moloslave(tmp_path, f"{url}/.git", "test")
        assert "failed, status 128" in complaint(result)
        monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
        check_ran(moloslave(tmp_path, f"{url}/.git", "test"))


def test_a_repository_is_never_a_command(tmp_path: Path) -> None:
    for name in ("; touch made", "$(touch made)", "--upload-pack=touch made"):
        assert "failed" in complaint(moloslave(tmp_path, "--", name, "test"))
        assert not list(tmp_path.rglob("made"))


@pytest.mark.parametrize(
    ("settings", "name", "says"),
    [
        ({"tests": {}}, "test", "Can't find 'test' in the config"),
        ({"tests": []}, "test", "Can't find 'test' in the config"),
        ({}, "test", "Bad config -- no molotov/tests key"),
        (7, "test", "Bad config -- no molotov/tests key"),
        (
            {"tests": {"test": 7}},
            "test",
            "Bad config -- the test 'test' is no object",
        ),
        (
            {"tests": {"test": {"workers": []}}},
            "test",
            "Bad config -- 'workers' must be a string or a number",
        ),
        (
            {"tests": {"test": {}}, "env": {"A": None}},
            "test",
            "Bad config -- molotov/env/A is no string",
        ),
        (
            {"tests": {"test": {}}, "env": []},
            "test",
            "Bad config -- molotov/env is no object",
        ),
        (
            {"tests": {"test": {}}, "requirements": []},
            "test",
            "Bad config -- molotov/requirements is no string",
        ),
    ],
)
def test_bad_configurations(
    tmp_path: Path,
    repository: Repository,
    settings: Any,
    name: str,
    says: str,
) -> None:
    repository.commit(settings)
    result = moloslave(tmp_path, repository.folder, name)
    assert complaint(result) == says


def test_no_configuration(tmp_path: Path, repository: Repository) -> None:
    repository.commit({}, bad_json="{")
    command = (tmp_path, "--config")
    result = moloslave(*command, "missing.json", repository.folder, "test")
    assert complaint(result).endswith(
        "missing.json': No such file or directory"
    )
    result = moloslave(*command, "bad.json", repository.folder, "test")
    assert "cannot parse" in complaint(result)


def test_unknown_keys(tmp_path: Path, repository: Repository) -> None:
    repository.commit({"tests": {"test": {"max-runs": 2, "max_runs": 1}}})
    result = moloslave(tmp_path, repository.folder, "test")
    assert result.status == 0
    assert result.stderr.splitlines()[-1] == (
        "moloslave: warning: 'max-runs' is no option of Molotov's"
    )


def test_what_is_missing(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"tests": {"test": {}}})
    at = repository.folder
    for arguments in ((), (at,)):
        result = moloslave(tmp_path, *arguments)
        assert result.status == 2
        assert "usage: moloslave" in result.stderr
    assert "failed" in complaint(moloslave(tmp_path, "missing", "test"))
    result = moloslave(tmp_path, "--directory", "missing", at, "test")
    assert complaint(result) == "there is no directory 'missing'"
    result = moloslave(tmp_path, "--python", "missing", at, "test")
    assert complaint(result) == (
        "cannot run 'missing': No such file or directory"
    )
    result = moloslave(tmp_path, "--python", "false", at, "test")
    assert "'false -m venv --without-pip venv' failed" in complaint(result)
    monkeypatch.setenv("PATH", "/missing")
    result = moloslave(tmp_path, at, "test")
    assert complaint(result) == "cannot run 'git': No such file or directory"


def test_requirements_that_fail(tmp_path: Path, repository: Repository) -> None:
    """A Python of which none is needed stands in for a slow one."""
    repository.commit(
        {"requirements": "missing.txt", "tests": {"test": {}}},
    )
    fake = tmp_path / "python"
    fake.write_text(
        "#!/bin/sh\nmkdir -p venv/bin\n"
        "printf '#!/bin/sh\\nexit 3\\n' > venv/bin/pip\n"
        "chmod +x venv/bin/pip\n"
    )
    fake.chmod(0o755)
    result = moloslave(tmp_path, "--python", fake, repository.folder, "test")
    assert complaint(result) == (
        "'./venv/bin/pip install -r missing.txt' failed, status 3"
    )


def test_a_python_that_is_not_ours(
    tmp_path: Path, repository: Repository
) -> None:
    repository.commit({"requirements": "none.txt", "tests": {"test": {}}})
    fake = tmp_path / "python"
    fake.write_text(
        "#!/bin/sh\nmkdir -p venv/bin venv/lib/python2.7/site-packages\n"
        "ln -s /bin/true venv/bin/pip\n"
    )
    fake.chmod(0o755)
    result = moloslave(tmp_path, "--python", fake, repository.folder, "test")
    assert "--python has to be python3." in complaint(result)


def start_run(repository: Repository) -> "subprocess.Popen[str]":
    """A moloslave whose scenario runs, in a session of its own."""
    process = subprocess.Popen(
        [PROGRAMS / "moloslave", repository.folder, "test"],
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,
        start_new_session=True,
    )
    assert process.stdout is not None
    while "greeting" not in process.stdout.readline():
        assert process.poll() is None
    return process


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_are_the_runs(
    tmp_path: Path, repository: Repository, temporary: Path, name: str
) -> None:
    """As to molotov itself: the run ends well, and all is cleared away."""
    repository.commit(
        {"tests": {"test": {}}},
        loadtest_py=SCRIPT + "    time.sleep(0.01)\n",
    )
    process = start_run(repository)
    if name == "SIGINT":  # as a terminal's key
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    rest = output.splitlines()
    assert rest[-1] == BYE
    assert "This is the end" in rest


def test_a_second_ctrl_c(tmp_path: Path, repository: Repository) -> None:
    repository.commit(
        {"tests": {"test": {}}},
        loadtest_py="import asyncio\n"
        + SCRIPT
        + "    await asyncio.sleep(1000)\n",
    )
    process = start_run(repository)
    assert process.stderr is not None
    os.killpg(process.pid, signal.SIGINT)
    while "Waiting for 1 worker" not in process.stderr.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    rest, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "CANCELLED: 1" in rest
    assert "Traceback" not in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("program", ["git", "python"])
def test_a_signal_before_the_run(
    tmp_path: Path,
    repository: Repository,
    temporary: Path,
    program: str,
    number: signal.Signals,
) -> None:
    """While it clones, and while it makes the environment."""
    repository.commit({"tests": {"test": {}}})
    folder = tmp_path / "programs"
    folder.mkdir()
    fake = folder / program
    fake.write_text("#!/bin/sh\n> begun\necho making\nexec sleep 300\n")
    fake.chmod(0o755)
    python = ["--python", str(fake)] if program == "python" else []
    process = subprocess.Popen(
        [PROGRAMS / "moloslave", *python, repository.folder, "test"],
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,
    )
    assert process.stdout is not None
    while process.stdout.readline() != "making\n":
        assert process.poll() is None
    assert list(temporary.glob("*/begun"))
    process.send_signal(number)
    # Nobody has the pipes any more: what was begun has ended too.
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert list(temporary.iterdir()) == []


# A moloslave that gets a signal when it removes the first file.
HIT = """
import os, sys
from molotov.slave import main

remove = os.unlink

def hit(*arguments, **options):
    if "dir_fd" in options:  # of a whole tree
        os.unlink = remove
        print("removing", flush=True)
        os.kill(os.getpid(), number)
    remove(*arguments, **options)

number = int(sys.argv.pop())
os.unlink = hit
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_clears_away(
    tmp_path: Path,
    repository: Repository,
    temporary: Path,
    number: signal.Signals,
) -> None:
    """It finishes, and ends by the signal."""
    repository.commit({"tests": {"test": {}}})
    program = tmp_path / "hit.py"
    program.write_text(HIT)
    result = run(
        tmp_path,
        *(PROGRAMS / "python", program, "--config", "missing.json"),
        *(repository.folder, "test", str(int(number))),
    )
    assert result.lines[-1] == "removing"
    assert result.status == 128 + number
    assert "Traceback" not in result.stderr
    assert list(temporary.iterdir()) == []

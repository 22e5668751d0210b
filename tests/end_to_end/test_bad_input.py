"""What is said of scripts, options, hosts and certificates that do not do.

Each row: a message that says what is wrong, and the exit status. Whatever is
wrong, no process is left: run() and Running.finish() see to that.
"""

import json
import re
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from commands import (
    BANNER,
    BYE,
    PROGRAMS,
    Molotov,
    Result,
    run,
    tls_target,
)
from running import running

GOOD = "@scenario()\nasync def one(session): pass\n"
# What only a mistake of ours prints.
OURS = re.compile(
    r"terminate called|\bcheck failed|CHECK|std::|\bAssertion `|\.cc:\d|\.cpp:"
    r"|molotov/\w+\.py|_engine|RuntimeWarning|ResourceWarning|never awaited",
)


def looks_clean(result: Result) -> None:
    said = OURS.search(result.stdout + result.stderr)
    assert said is None, (said, result)
    assert result.status >= 0, result


# --- The script ---------------------------------------------------------------

SCRIPTS = [
    ("raise ValueError('at import')", "err", "ValueError: at import"),
    ("def (:\n    pass", "err", "SyntaxError: invalid syntax"),
    ("import no_such_module", "err", "ModuleNotFoundError: No module named"),
    ("x = 1", "out", "You need at least one scenario. No scenario was found."),
    (
        "@scenario(weight=0)\nasync def one(session): pass",
        "out",
        "A scenario with a weight of 0 is ignored",
    ),
    (
        "@scenario()\ndef one(session): pass",
        "err",
        re.compile(
            r"TypeError: <function one at 0x\w+> needs to be a coroutin"
        ),
    ),
    (
        GOOD + "@setup()\ndef init(worker_id, args): pass",
        "err",
        "needs to be a coroutine",
    ),
    (
        "@setup()\nasync def a(w, x): pass\n" * 2 + GOOD,
        "err",
        "ValueError: You can't have two 'setup' functions",
    ),
]


@pytest.mark.parametrize(("script", "stream", "said"), SCRIPTS)
def test_unusable_script(
    molotov: Molotov, script: str, stream: str, said: str | re.Pattern[str]
) -> None:
    result = molotov(script)
    text = result.stderr if stream == "err" else result.stdout
    assert re.search(
        said if isinstance(said, re.Pattern) else re.escape(said), text
    )
    assert result.status == 1
    assert "SUCCESSES" not in result.stdout
    looks_clean(result)


def test_an_extension_that_has_the_scripts_fixture_too(
    molotov: Molotov,
) -> None:
    fixture = "@setup()\nasync def init(worker_id, args): pass\n"
    (molotov.folder / "ext.py").write_text(
        "from molotov import setup\n" + fixture
    )
    script = fixture + "@scenario()\nasync def one(session): pass\n"
    result = molotov(script, "--use-extension=ext.py", "-r", "1")
    assert (result.status, result.lines) == (
        1,
        [BANNER, "Loading extension 'ext.py'"],
    )
    first, where, *_, last = result.stderr.splitlines()
    assert first == "Traceback (most recent call last):"
    assert 'loadtest.py", line 5, in <module>' in where
    assert last == "ValueError: You can't have two 'setup' functions"


def test_a_script_that_exits_decides_the_status(molotov: Molotov) -> None:
    result = molotov("sys.exit(7)")
    assert (result.status, result.stderr) == (7, "")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "missing.py",
            [
                "Cannot import 'missing.py'",
                "Try `molotov molotov.dummy`",
                "*** Bye ***",
            ],
        ),
        ("", ["Cannot import ''", "Try `molotov molotov.dummy`", BYE]),
        (".", ["Cannot import '.'"]),
        ("notes.txt", ["Cannot import 'notes.txt'"]),
    ],
)
def test_no_such_script(molotov: Molotov, name: str, lines: list[str]) -> None:
    (molotov.folder / "notes.txt").write_text("a text")
    result = run(molotov.folder, PROGRAMS / "molotov", name)
    assert result.lines == [BANNER, *lines]
    assert (result.status, result.stderr) == (1, "")


def test_a_script_of_no_text(molotov: Molotov) -> None:
    (molotov.folder / "loadtest.py").write_bytes(b"\xff\x00\xfe" * 10)
    result = run(molotov.folder, PROGRAMS / "molotov")
    assert result.status == 1
    assert "SyntaxError" in result.stderr or "ValueError" in result.stderr
    looks_clean(result)


# --- Options ------------------------------------------------------------------

USAGE = [
    (["--nope"], "molotov: error: unrecognized arguments: --nope"),
    (["-w", "x"], "argument -w/--workers: invalid int value: 'x'"),
    (["-d", "1.5"], "argument -d/--duration: invalid int value: '1.5'"),
    (["-r", ""], "argument -r/--max-runs: invalid int value: ''"),
    (["--ramp-up", "1x"], "argument --ramp-up: invalid float value: '1x'"),
    (["-w"], "argument -w/--workers: expected one argument"),
    (["a.py", "b.py"], "molotov: error: unrecognized arguments: b.py"),
    (["--connect-to", "a:1"], "argument --connect-to: "),
    (["--connect-to", "a:1:b:x"], "argument --connect-to: "),
    (["--connect-to", "a:1:b:99999"], "argument --connect-to: "),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_wrong_options(
    molotov: Molotov, arguments: list[str], said: str
) -> None:
    result = molotov(GOOD, *arguments)
    assert result.status == 2
    assert result.stdout == ""
    assert result.stderr.startswith("usage: molotov ")
    assert said in result.stderr.splitlines()[-1]
    looks_clean(result)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-q", "-v"], "You can't use -q and -v at the same time"),
        (
            ["-s", "one", "--single-run"],
            "You can't use --single-mode and --single-run",
        ),
        (["-s", "two"], "Can't find 'two' in registered scenarii"),
    ],
)
def test_contradictory_options(
    molotov: Molotov, arguments: list[str], said: str
) -> None:
    result = molotov(GOOD, *arguments)
    assert said in result.lines
    assert (result.status, result.stderr) == (1, "")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("{", "test", "Can't parse 'c.json'"),
        ("[]", "test", "Bad config -- no molotov key"),
        ({"molotov": {}}, "test", "Bad config -- no molotov/tests key"),
        ({"molotov": {"tests": {}}}, "x", "Can't find 'x' in the config"),
        (
            {"molotov": {"tests": {"x": {"scenario": "none.py"}}}},
            "x",
            "Cannot import 'none.py'",
        ),
    ],
)
def test_bad_configuration(
    molotov: Molotov, content: object, name: str, said: str
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (molotov.folder / "c.json").write_text(text)
    result = molotov(GOOD, "--config", "c.json", name)
    assert said in result.lines
    assert result.status == 1
    looks_clean(result)


def test_what_a_configuration_does_not_do(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its requirements are moloslave's, its paths begin where the user stands,
    and it names its test once. Its env is set."""
    monkeypatch.delenv("OF_FILE", raising=False)
    (molotov.folder / "there").mkdir()
    content = {
        "molotov": {
            "env": {"OF_FILE": "1"},
            "requirements": "absent.txt",
            "other": 3,
            "tests": {
                "mine": {"scenario": "loadtest.py", "max_runs": 1},
                "inert": {"config": "absent.json", "version": True},
            },
        }
    }
    (molotov.folder / "there" / "c.json").write_text(json.dumps(content))
    script = GOOD + "assert os.environ['OF_FILE'] == '1'\n"
    for name in ("mine", "inert"):
        arguments = ["-r", "1", "--config", "there/c.json", name]
        result = molotov(script, *arguments)
        assert (result.status, result.stderr) == (0, "")
        assert "SUCCESSES: 1 | FAILURES: 0 | WORKERS: 1" in result.lines


# --- Hosts --------------------------------------------------------------------


@contextmanager
def refusing_port() -> Iterator[int]:
    """One that is taken, and nobody listens on it."""
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def one_request(molotov: Molotov, url: str, options: str = "") -> Result:
    script = f"""
        @scenario()
        async def one(session):
            async with session.get({url!r}{options}) as response:
                await response.read()
    """
    return molotov(script, "-r", "2")


def check_failed(result: Result, said: str) -> None:
    """Two failures, each said in a block that ends in the script."""
    looks_clean(result)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines[-2:] == [
        "SUCCESSES: 0 | FAILURES: 2 | WORKERS: 1",
        BYE,
    ]
    at = result.lines.index("[W:0] Failure!")
    assert re.match(said, result.lines[at + 1]), result.lines[at + 1]
    assert re.match(r'  File ".*loadtest.py", line', result.lines[at + 2])


# A name of the target's, and what its failure is called.
MISBEHAVIOUR = [
    ("/reset", "", r"(ClientOSError|ClientConnectionResetError|ServerDisconn)"),
    ("/truncate", "", r"ClientPayloadError\("),
    ("/garbage", "", r"ClientResponseError\(|ServerDisconnectedError\("),
    ("/never", ", timeout=0.3", r"TimeoutError\('no answer.*after 0\.3 s'"),
    (
        "/slow/9/5000",
        ", timeout=1",
        r"TimeoutError\('no end of the answer.*\d+ bytes",
    ),
]


@pytest.mark.parametrize(("path", "options", "said"), MISBEHAVIOUR)
def test_a_server_that_misbehaves(
    molotov: Molotov, target: str, path: str, options: str, said: str
) -> None:
    check_failed(one_request(molotov, target + path, options), said)


def test_a_host_that_refuses(molotov: Molotov) -> None:
    with refusing_port() as port:
        result = one_request(molotov, f"http://127.0.0.1:{port}/")
    check_failed(result, rf"ClientConnectorError\(.*127\.0\.0\.1.*{port}")
    assert "refused" in result.stdout


def test_a_host_that_does_not_resolve(molotov: Molotov) -> None:
    result = one_request(molotov, "http://does-not-exist.invalid/")
    check_failed(result, r"ClientConnectorDNSError\(.*does-not-exist\.invalid")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://localhost/", r"NonHttpUrlClientError\("),
        ("localhost:1/x", r"<InvalidUrlClientError .*scheme other than http"),
        ("http://", r"<InvalidUrlClientError .*no host"),
        ("http://[::1", r"<InvalidUrlClientError .*\[ without \]"),
        ("", r"<InvalidUrlClientError .*no http:// or https://"),
        (
            "http://localhost:99999/",
            r"<InvalidUrlClientError .*port over 65535",
        ),
    ],
)
def test_an_url_that_is_none(molotov: Molotov, url: str, said: str) -> None:
    check_failed(one_request(molotov, url), said)


# --- Certificates -------------------------------------------------------------


CHECKED = r"ClientConnectorCertificateError\("


def https(molotov: Molotov, url: str, *arguments: str, ssl: str = "") -> Result:
    return molotov(
        f"""
        @scenario()
        async def one(session):
            async with session.get({url!r}{ssl}) as response:
                assert response.status == 200
        """,
        *("-r", "2"),
        *arguments,
    )


def check_succeeded(result: Result) -> None:
    assert (result.status, result.stderr) == (0, "")
    assert "SUCCESSES: 2 | FAILURES: 0 | WORKERS: 1" in result.lines, result


def test_untrusted(molotov: Molotov, tls: tuple[str, Path]) -> None:
    result = https(molotov, tls[0])
    check_failed(result, CHECKED)
    assert "self-signed certificate in certificate chain" in result.stdout or (
        "unable to get local issuer certificate" in result.stdout
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("expired", "the certificate expired on "),
        ("wrong-host", r"certificate is for .*not|not for|is not valid"),
        ("self-signed", "self-signed certificate"),
    ],
)
def test_refused_certificate(molotov: Molotov, kind: str, said: str) -> None:
    with tls_target("--certificate", kind) as (url, authority):
        url = url.replace("127.0.0.1", "localhost")
        result = https(molotov, url, "--cacert", str(authority))
        check_failed(result, CHECKED)
        assert re.search(said, result.stdout)
        check_succeeded(https(molotov, url, "--insecure"))
        check_succeeded(https(molotov, url, ssl=", ssl=False"))


def test_trusted_authority(
    molotov: Molotov, tls: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, authority = tls
    check_succeeded(https(molotov, url, "--cacert", str(authority)))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    check_succeeded(https(molotov, url))


def test_connect_to(molotov: Molotov, tls: tuple[str, Path]) -> None:
    """The tutorial's address, unchanged and verified."""
    url, authority = tls
    port = url.rpartition(":")[2]
    to = f"example.com:443:127.0.0.1:{port}"
    check_succeeded(
        https(
            molotov,
            "https://example.com",
            *("--connect-to", to, "--cacert", str(authority)),
        )
    )
    other = https(
        molotov,
        "https://example.org",
        *("--connect-to", to.replace("com", "org")),
        *("--cacert", str(authority)),
    )
    check_failed(other, CHECKED)


def test_plain_http_to_a_tls_port_and_back(
    molotov: Molotov, tls: tuple[str, Path], target: str
) -> None:
    check_failed(
        one_request(molotov, tls[0].replace("https", "http")),
        r"\w*(Response|Disconnected|Reset|OS)Error\(",
    )
    check_failed(
        one_request(molotov, target.replace("http", "https")),
        r"ClientConnectorSSLError\(",
    )


def test_missing_cacert(molotov: Molotov) -> None:
    result = molotov(GOOD, "--cacert", "ca.pem")
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == (
        "molotov: error: argument --cacert: can't open 'ca.pem': "
        "No such file or directory"
    )


@pytest.mark.parametrize("content", ["", "not PEM"])
def test_cacert_without_certificates(molotov: Molotov, content: str) -> None:
    (molotov.folder / "ca.pem").write_text(content)
    result = molotov(GOOD, "--cacert", "ca.pem", "-r", "1")
    looks_clean(result)
    assert (result.status, result.lines) == (1, [BANNER])
    assert result.stderr == (
        "molotov: error: argument --cacert: "
        "there are no certificates in 'ca.pem'\n"
    )


def test_where_a_cacert_without_certificates_is_named(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch
) -> None:
    (molotov.folder / "ca.pem").touch()
    why = "there are no certificates in 'ca.pem'\n"
    (molotov.folder / "c.json").write_text(
        '{"molotov": {"tests": {"test": {\n"cacert": "ca.pem"\n}}}}'
    )
    result = molotov(GOOD, "--config", "c.json")
    assert result.status == 1
    assert result.stderr.endswith(f"c.json:2: argument --cacert: {why}")
    monkeypatch.setenv("MOLOTOV_CACERT", "ca.pem")
    result = molotov(GOOD)
    assert result.status == 1
    assert result.stderr.endswith(f"environment variable MOLOTOV_CACERT: {why}")


# --- Limits and folders -------------------------------------------------------


def limit_descriptors(soft: int, hard: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_too_few_descriptors(molotov: Molotov) -> None:
    with running(
        molotov, GOOD, "-w", "500", before=limit_descriptors(64, 64)
    ) as command:
        result = command.finish()
    assert (result.status, result.stdout) == (1, "")
    assert re.match(
        r"500 workers in a process need at least \d+ file descriptors, and the "
        r"limit is 64\.\nRaise it \(`ulimit -Hn \d+` as root",
        result.stderr,
    )


def test_the_soft_limit_is_raised(molotov: Molotov) -> None:
    script = """
        @scenario()
        async def one(session):
            async with session.get(URL + "/delay/300") as response:
                assert response.status == 200
    """
    with running(
        molotov,
        script,
        *("-w", "200", "-r", "1"),
        before=limit_descriptors(64, 1024),
    ) as command:
        result = command.finish()
    assert (result.status, result.stderr) == (0, "")
    assert "SUCCESSES: 200 | FAILURES: 0 | WORKERS: 200" in result.lines


def test_descriptors_run_out_during_the_run(molotov: Molotov) -> None:
    """A scenario's own; what others count is not lost."""
    script = """
        kept = []

        @scenario()
        async def one(session):
            while True:
                kept.append(open("/dev/null"))
    """
    with running(
        molotov, script, "-r", "2", before=limit_descriptors(256, 256)
    ) as command:
        result = command.finish()
    assert result.status == 0
    assert "OSError(24, 'Too many open files')" in result.stdout
    assert "SUCCESSES: 0 | FAILURES: 2 | WORKERS: 1" in result.lines


@pytest.mark.parametrize("where", ["file/below", "/proc/made", "file"])
def test_molostart_where_nothing_can_be_written(
    tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path, PROGRAMS / "molostart", typed=f"{where}\ny\n")
    assert done.status == 1, done
    assert where in done.stdout + done.stderr
    assert "Traceback" not in done.stderr

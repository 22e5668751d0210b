"""The command line is read as Python's argparse reads it: the same command
lines go through a parser built with the same table, and what comes out must be
the same to the letter: values, messages, exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
from typing import Any

import pytest


def rate(text: str) -> float:
    number = text.removesuffix("/m").removesuffix("/s")
    return float(number) / (60 if text.endswith("/m") else 1)


# In Molotov 2.7's order, then ours: flags, and what add_argument takes.
OPTIONS: list[tuple[list[str], dict[str, Any]]] = [
    (["--single-run"], {"action": "store_true"}),
    (["-s", "--single-mode"], {}),
    (["--config"], {}),
    (["--version"], {"action": "store_true"}),
    (["--debug"], {"action": "store_true"}),
    (["-v", "--verbose"], {"action": "count", "default": 0}),
    (["-w", "--workers"], {"type": int, "default": 1}),
    (["--ramp-up"], {"type": float, "default": 0.0}),
    (["--sizing"], {"action": "store_true"}),
    (["--sizing-tolerance"], {"type": float, "default": 5.0}),
    (["--delay"], {"type": float, "default": 0.0}),
    (["--console-update"], {"type": float, "default": 0.2}),
    (["-p", "--processes"], {"type": int, "default": 1}),
    (["-d", "--duration"], {"type": int, "default": 86400}),
    (["-r", "--max-runs"], {"type": int}),
    (["-q", "--quiet"], {"action": "store_true"}),
    (["-x", "--exception"], {"action": "store_true"}),
    (["-f", "--fail"], {"type": int}),
    (["-c", "--console"], {"action": "store_true"}),
    (["--statsd"], {"action": "store_true"}),
    (["--statsd-address"], {"default": "udp://localhost:8125"}),
    (["--uvloop"], {"action": "store_true"}),
    (["--use-extension"], {"nargs": "+"}),
    (["--force-shutdown"], {"action": "store_true"}),
]
OURS: list[tuple[list[str], dict[str, Any]]] = [
    (["--connect-to"], {"action": "append", "default": []}),
    (["--cacert"], {}),
    (["--insecure"], {"action": "store_true"}),
    (["--dry-run"], {"action": "store_true"}),
    (["--fail-on-any"], {"action": "store_true"}),
    (["--grace"], {"type": float}),
    (["--summary"], {"action": "store_true"}),
    (["--report"], {}),
    (["--show-secrets"], {"action": "store_true"}),
    (["--rate"], {"type": rate}),
    (["--arrival"], {"default": "constant"}),
    (["--stages"], {}),
    (["--warmup"], {"type": float, "default": 0.0}),
    (["--seed"], {"type": int}),
    (["--threshold"], {"action": "append", "default": []}),
    (["--abort-on-threshold"], {"type": float}),
]
MOLOTOV_2 = [flag for flags, _ in OPTIONS for flag in flags] + ["--help"]

# What parses, and what does not.
LINES = [
    "",
    "a.py",
    "a.py b.py",
    "a.py -v b.py",
    "-v a.py",
    "-vvv",
    "-v --verbose -v",
    "-w 3",
    "-w3",
    "-w=3",
    "-w= 3",
    "-w",
    "-w x",
    "-w ''",
    "-w 1.5",
    "-w ' 7 '",
    "-w 1_000",
    "-w 1__0",
    "-w _1",
    "-w +3",
    "-w --",
    "-w -- 3",
    "-w -5",
    "-w -5x",
    "--workers=-5",
    "--workers=",
    "--workers",
    "--work 2",
    "--w 2",
    "--max 1",
    "--max=1",
    "--max-runs=x=y",
    "-cx",
    "-cxq",
    "-xcs NAME",
    "-xcsNAME",
    "-cr1",
    "-cr",
    "-cz",
    "-c=x",
    "-c=",
    "-cx=1",
    "--console=1",
    "--console=",
    "--cons",
    "--con",
    "--c",
    "--s",
    "--si",
    "--single",
    "--single-r",
    "--siz",
    "--sizing",
    "--sizing-t 3",
    "--d",
    "--de",
    "--del 1",
    "--du 1",
    "--deb=1",
    "--v",
    "--ver",
    "--vers=x",
    "--f",
    "--fa 3",
    "--fo",
    "--st",
    "--u",
    "--q",
    "--e",
    "--r 1.5",
    "--p 2",
    "--nope",
    "--nope=3 a.py",
    "--nope -z a.py",
    "-z",
    "-zw",
    "-1",
    "-1 -2",
    "-.5",
    "-1.",
    "-1.5 a.py",
    "-1e5",
    "-",
    "--",
    "-- a.py",
    "-- -x",
    "-- --",
    "-- a.py b.py",
    "a.py --",
    "a.py -- b.py",
    "a.py b.py -- c.py",
    "-v -- a.py",
    "a.py -v -- b.py",
    "a.py -v --",
    "'a b.py'",
    "'-a b'",
    "'--nope b'",
    "''",
    "'' a.py",
    "--ramp-up 10",
    "--ramp-up 1e3",
    "--ramp-up .5",
    "--ramp-up 5.",
    "--ramp-up .",
    "--ramp-up 1e",
    "--ramp-up 0x10",
    "--ramp-up 1_0.0_1",
    "--ramp-up -1.5",
    "--ramp-up -1e5",
    "--ramp-up=-1e5",
    "--ramp-up -.5",
    "--ramp-up five",
    '--ramp-up "it\'s"',
    "--ramp-up 'a\"b'",
    "--ramp-up 'a\\b'",
    "--ramp-up 'é'",
    "--ramp-up '\t5'",
    "--ramp-up 'x\ty'",
    "--delay 1,5",
    "-d 3",
    "-d 3.0",
    "-d 1e3",
    "-r 0",
    "-r -1",
    "-f 0",
    "-f",
    "-s",
    "-s a -s b",
    "-s -x",
    "-s -5",
    "--config c.json test",
    "-p 2 -w 10 -d 60 a.py",
    "-qv",
    "-h",
    "-h --nope",
    "--nope -h",
    "-xh",
    "--workers x -h",
    "-h --workers x",
    "--con -h",
    "-h --con",
    "--help=1",
    "--connect-to a:1:b:2",
    "--connect-to a:1:b:2 --connect-to c:3:d:4",
    "--conn a:1:b:2",
    "--ca x",
    "--cacert",
    "--in",
    "--dr",
    "--dry-run=1",
    "--force",
    "--statsd-address udp://x:1",
    "--statsd-a x",
    "--use-extension",
    "--use-extension a",
    "--use-extension a b",
    "--use-extension a b -v c.py",
    "--use-extension a -- b.py",
    "--use-extension=a b.py",
    "--use-extension a --use-extension b",
    "--use-ext=a --deb --uvl",
    "--fail-on-any",
    "--fail-on",
    "--fail-on-any=1",
    "--grace 1.5",
    "--grace five",
    "--g 3",
    "-w 5 --rate 500",
    "-w 5 --rate 500/s --arrival poisson",
    "-w 5 --rate=30000/m --arr constant",
    "-w 5 --rat 1.5",
    "--ra 5",
    "--rate",
    "--rate five",
    "--rate 5/h",
    "--rate ''",
    "--arrival",
    "--stages",
    "--warmup 1.5",
    "--wa 5",
    "--warmup five",
    "--seed 7",
    "--seed -7",
    "--seed 1.5",
    "--threshold p99<1s --threshold errors==0",
    "--thres=p99<1s --abort-on-threshold 3",
    "--threshold p99<1s --abort x",
    "--threshold",
]


class Reference(argparse.ArgumentParser):
    """Takes prefixes among 2.7's options first."""

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        found = super()._get_option_tuples(option_string)
        theirs = [match for match in found if match[1] in MOLOTOV_2]
        return theirs or found


def reference() -> argparse.ArgumentParser:
    parser = Reference(
        prog="molotov",
        description="Load test.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("scenario", nargs="?", default="loadtest.py")
    for flags, how in OPTIONS + OURS:
        parser.add_argument(*flags, **how)
    return parser


def words(line: str) -> list[str]:
    """As a shell has it, but with backslashes left alone."""
    found: list[str] = []
    quote, word = "", None
    for c in line:
        if quote:
            if c == quote:
                quote = ""
            else:
                word = (word or "") + c
        elif c in "'\"":
            quote, word = c, word or ""
        elif c == " ":
            if word is not None:
                found.append(word)
            word = None
        else:
            word = (word or "") + c
    if word is not None:
        found.append(word)
    return found


def run_reference(arguments: list[str]) -> tuple[int, Any, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            return 0, vars(reference().parse_args(arguments)), ""
    except SystemExit as error:
        return int(error.code or 0), None, err.getvalue()


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="argparse's words changed after 3.11"
)
@pytest.mark.parametrize("line", LINES)
def test_reads_as_argparse_does(command, monkeypatch, line: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command.plays(
        """
        Path("options.json").write_text(json.dumps(seat.options))
        seat.play()
        """
    )
    # Where it is not there, a swallowed scenario is released.
    command.path("loadtest.py").touch()
    code, values, err = run_reference(words(line))
    ours = command.run("--version", *words(line))
    if values is not None and values["cacert"]:
        assert "can't open" in ours.stderr
    else:
        assert (ours.returncode, ours.stderr) == (code, err)
        if values is not None and not values["config"]:
            # 99: nothing is there for a threshold.
            assert command.run(*words(line)).returncode in (0, 1, 99)
            got = json.loads(command.path("options.json").read_text())
            if values["sizing"]:  # which has defaults of its own
                values |= {"workers": 500, "ramp_up": 300}
            assert got == values


def test_each_prefix_means_what_it_meant(command, tmp_path) -> None:
    """None of our options takes a prefix from one of 2.7's."""
    flags = [flag for flag in MOLOTOV_2 if flag.startswith("--")]
    ours = [flag for names, _ in OURS for flag in names]
    for flag in flags:
        for length in range(3, len(flag) + 1):
            prefix = flag[:length]
            meant = [other for other in flags if other.startswith(prefix)]
            done = command.run("--version", f"{prefix}=\x01", "--config=")
            if prefix in flags or len(meant) == 1:
                assert "ambiguous" not in done.stderr, prefix
            else:
                text = f"{prefix}=\x01 could match {', '.join(meant)}\n"
                if "--help" in meant:
                    continue
                assert done.stderr.endswith(text), prefix
            assert not any(
                name in done.stderr.split("error:")[-1] for name in ours
            ), prefix


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="argparse's layout changed after 3.11"
)
@pytest.mark.parametrize("columns", [40, 60, 80, 100, 130, 1000])
def test_usage_wraps_as_argparse_does(command, monkeypatch, columns) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = command.run("-h")
    usage = reference().format_usage()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(usage + "\nLoad test.\n\n")


def test_help_gives_each_default(command, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    # A long name has its text on the next line.
    text = re.sub(r"\n {10,}", "  ", command.run("-h").stdout)
    for action in reference()._actions[1:]:
        name = (action.option_strings or [action.dest])[-1]
        entry = re.search(rf"^  .*?(?<!\S){name} .*$", text, re.MULTILINE)
        default = action.default if action.default != [] else None
        assert entry is not None, name
        assert entry[0].endswith(f"(default: {default})")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--connect-to", "x"], "must be HOST:PORT:HOST:PORT: 'x'"),
        (["--connect-to", "a:b:c:d"], "must be HOST:PORT:HOST:PORT: 'a:b:c:d'"),
        (["--connect-to", "a:1:c:0"], "must be HOST:PORT:HOST:PORT: 'a:1:c:0'"),
        (["--connect-to", "[::1:1:c:2"], "must be HOST:PORT:HOST:PORT"),
        (["--cacert", "absent.pem"], "can't open 'absent.pem': No such file"),
        (["--cacert", "/dev/null", "--insecure"], "not allowed with argument"),
        (
            ["--statsd-address", "udp://x:y", "--statsd"],
            "must be udp://HOST:PORT: 'udp://x:y'",
        ),
        (["--abort-on-threshold", "3"], "needs a --threshold"),
        (["--delay", "nan"], "argument --delay: invalid float value: 'nan'"),
        (["--ramp-up", "\udcff"], r"invalid float value: '\udcff'"),
    ],
)
def test_objects_to(command, arguments: list[str], message: str) -> None:
    done = command.run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("usage: molotov ")
    assert f"\nmolotov: error: argument {arguments[0].split('=')[0]}: " in (
        done.stderr
    )
    assert message in done.stderr.splitlines()[-1]


def test_points_at_what_is_wrong_in_a_threshold(command) -> None:
    done = command.run("--threshold", "errors == 0", "--threshold", "p99 < 250")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-3:] == [
        "molotov: error: argument --threshold: give a unit: us, ms or s",
        "  p99 < 250",
        "           ^",
    ]


@pytest.mark.parametrize(
    "value",
    ["a:1:b:2", ":443:127.0.0.1:8080", "[::1]:80:[::2]:81", ":::", "a::b:"],
)
def test_takes_connect_to_as_curl_does(command, value: str) -> None:
    command.plays('print(seat.options["connect_to"]); seat.play()')
    done = command.run("--connect-to", value)
    assert f"{[value]}\n" in done.stdout
    assert done.returncode == 0


def test_numbers_may_be_endless(command) -> None:
    command.plays("print(seat.options); seat.play()")
    done = command.run("-d", "9" * 30, "--ramp-up", "inf", "-r", "-" + "9" * 30)
    assert done.returncode == 0, done.stderr
    assert "'max_runs': -9223372036854775808" in done.stdout
    assert "inf" not in done.stdout.replace("connect_to", "")

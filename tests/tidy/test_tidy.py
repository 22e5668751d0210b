"""tools/tidy.py: the sources of this checkout pass, and each rule fires on what
it is for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

CMAKE = """
molotov_library(base LINK fmt::fmt)
molotov_library(io USES base LINK Threads::Threads)
molotov_library(net USES io LINK OpenSSL::SSL)
molotov_library(metrics USES base)
molotov_library(target USES net)
molotov_library(cli EXCEPTIONS USES metrics LINK nlohmann_json::nlohmann_json)
molotov_python_module(_engine USES net)
"""


def load_tidy() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "tidy", ROOT / "tools" / "tidy.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["tidy"] = module
    spec.loader.exec_module(module)
    return module


tidy = load_tidy()


def complaints(**files: str) -> list[str]:
    """Of a tree with these files; `io__x_h` is src/io/x.h."""
    sources = []
    for name, text in files.items():
        stem, ending = name.replace("__", "/").rsplit("_", 1)
        sources.append(tidy.Source(f"{stem}.{ending}", text.splitlines()))
    tree = tidy.Tree(sources, tidy.read_uses(CMAKE))
    return [str(complaint) for rule in tidy.RULES for complaint in rule(tree)]


def test_this_checkout_passes() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "tidy.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_arrows_are_followed_to_their_end() -> None:
    uses = tidy.read_uses(CMAKE)
    assert uses["net"] == {"net", "io", "base"}
    assert uses["python"] == {"python", "net", "io", "base"}
    assert uses["cli"] == {"cli", "metrics", "base"}
    assert uses["base"] == {"base"}


def test_arrows_that_go_round_are_refused() -> None:
    with pytest.raises(SystemExit, match="a > b > a"):
        tidy.read_uses("molotov_library(a USES b)\nmolotov_library(b USES a)")


def test_an_include_against_the_arrows() -> None:
    found = complaints(
        io__x_h="#pragma once\n",
        net__y_h="#pragma once\n",
        io__x_cc='\n#include "net/y.h"\n',
    )
    assert found == [
        'src/io/x.cc:2: "net/y.h": io may not use net (USES in CMakeLists.txt)',
    ]
    assert not complaints(
        io__x_h="#pragma once\n", net__y_cc='#include "io/x.h"\n'
    )


def test_a_folder_that_is_not_built() -> None:
    assert complaints(other__x_cc="") == [
        "src/other/x.cc:1: its folder is not in CMakeLists.txt"
    ]


def test_an_include_that_is_not_named_from_src() -> None:
    found = complaints(io__x_h="#pragma once\n", io__x_cc='#include "x.h"\n')
    assert found == [
        'src/io/x.cc:1: "x.h": ours are named from src/, others in <>'
    ]


def test_a_header_without_guard() -> None:
    assert complaints(io__x_h="int x();\n") == ["src/io/x.h:1: no #pragma once"]


@pytest.mark.parametrize(
    ("line", "where", "allowed"),
    [
        ("#include <Python.h>", "session", "python"),
        ("  int fd = epoll_create1(0);", "http", "io"),
        ("  epoll_pwait2(fd, events, 1, &span, nullptr);", "net", "io"),
        ("#include <sys/socket.h>", "http", "net"),
        ("#include <netinet/tcp.h>", "load", "target"),
        ('  std::printf("%d", 1);', "io", "cli"),
        ('  printf("%d", 1);', "io", "cli"),
        ('  fmt::print("{}", 1);', "io", "cli"),
        ('  std::cout << "x";', "http", "cli"),
        ("  std::fputs(text, stdout);", "http", "cli"),
        ('  auto home = std::getenv("HOME");', "net", "cli"),
        ('  auto home = getenv("HOME");', "net", "cli"),
        ("  std::exit(1);", "load", "cli"),
        ("  _exit(1);", "load", "cli"),
    ],
)
def test_reserved_words(line: str, where: str, allowed: str) -> None:
    cmake = (
        CMAKE
        + "molotov_library(session USES net)\nmolotov_library(http USES net)\n"
    )
    uses = tidy.read_uses(cmake + "molotov_library(load USES io)")

    def found(folder: str, text: str) -> list[str]:
        tree = tidy.Tree([tidy.Source(f"{folder}/x.cc", [text])], uses)
        return [str(complaint) for complaint in tidy.reserved_words(tree)]

    assert len(found(where, line)) == 1
    assert found(allowed, line) == []
    assert found(where, "// " + line) == []
    assert found(where, f"/* {line} */") == []


@pytest.mark.parametrize(
    "line",
    [
        'log("call exit(1) to end");',
        "loop.exit(1);",
        "console.print(text);",
        "virtual void print(std::string_view text) = 0;",
        'snprintf(text, size, "%d", 1);',
        "on_exit(1);",
        "PyObject* exit(PyObject* self);",
        'fmt::print(stderr, "{}", text);',
        "#include <sys/epoll.h>",
    ],
)
def test_words_that_only_look_reserved(line: str) -> None:
    assert complaints(io__x_cc=line) == []


def test_a_single_file_may_be_excepted() -> None:
    assert complaints(net__tls_context_cc='std::getenv("SSL_CERT_FILE");') == []
    assert len(complaints(net__other_cc='std::getenv("SSL_CERT_FILE");')) == 1

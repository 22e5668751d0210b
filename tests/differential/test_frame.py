"""That a difference is found, and a reason that has become stale."""

from __future__ import annotations

import socket
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from differential.case import ASPECTS, Case, Differs
from differential.compare import complaints, match
from differential.datagrams import receiving
from differential.observed import Observed
from differential.plain import Plain
from differential.recorder import Request, recording

FOLDER = Path("/folder")
CASE = Case("a case")


def nothing(**aspects: list[str]) -> dict[str, list[str]]:
    return {aspect: aspects.get(aspect, []) for aspect in ASPECTS}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_difference_of_each_aspect_is_found(aspect: str) -> None:
    ours, original = nothing(**{aspect: ["a"]}), nothing(**{aspect: ["b"]})
    assert complaints(CASE, ours, original) == [
        f"{aspect}: only ours: a",
        f"{aspect}: only the original: b",
    ]
    assert not complaints(CASE, ours, ours)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_difference_that_is_stated(aspect: str) -> None:
    ours, original = nothing(**{aspect: ["a"]}), nothing(**{aspect: ["b"]})
    stated = replace(CASE, differs=(Differs(aspect, "why", ("a",), ("b",)),))
    assert not complaints(stated, ours, original)
    assert complaints(stated, ours, ours) == [
        f"{aspect}: no longer of ours: a",
        f"{aspect}: no longer of the original: b",
    ]


def test_how_often_a_line_comes_counts() -> None:
    ours, original = nothing(stdout=["a", "a"]), nothing(stdout=["a"])
    assert complaints(CASE, ours, original) == ["stdout: only ours: a"]


def test_the_order_of_what_is_said_counts() -> None:
    ours, original = (
        nothing(stdout=["> 1", "> 2"]),
        nothing(stdout=["> 2", "> 1"]),
    )
    assert complaints(CASE, ours, original) == [
        "order: ['> 1', '> 2']",
        "not ['> 2', '> 1']",
    ]
    assert not complaints(replace(CASE, ordered=False), ours, original)


def test_the_order_counts_beside_a_stated_difference() -> None:
    differs = (Differs("stdout", "why", ("> 0",)),)
    case = replace(CASE, differs=differs)
    ours = nothing(stdout=["> 0", "> 1", "> 2"])
    assert not complaints(case, ours, nothing(stdout=["> 1", "> 2"]))
    assert complaints(case, ours, nothing(stdout=["> 2", "> 1"]))


@pytest.mark.parametrize(
    ("patterns", "left", "stale"),
    [
        (["ab", "ac"], [], []),
        (["a…", "ab"], [], []),
        (["a…"], ["ac"], []),
        (["a…", "a…", "a…"], [], ["a…"]),
        (["…", "ac"], [], []),
        (["…", "b"], [], ["b"]),
        (["a.", "a?"], ["ab", "ac"], ["a.", "a?"]),
    ],
)
def test_patterns(
    patterns: list[str], left: list[str], stale: list[str]
) -> None:
    assert match(["ab", "ac"], patterns) == (left, stale)


@pytest.mark.parametrize(
    "stated",
    [
        ("nothing", "why", ("a",)),
        ("stdout", "", ("a",)),
        ("stdout", "why", ("…",)),
    ],
)
def test_what_states_no_difference(stated: tuple[str, str, tuple[str]]) -> None:
    with pytest.raises(AssertionError):
        Differs(*stated)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Preparing 1 worker...\nOK\n", "Preparing 1 workers...OK\n"),
        (
            "[P:12 Preparing 2 workers...\n[P:12 OK",
            "[7] Preparing 2 workers...OK",
        ),
        (
            "SUCCESSES: 1 | FAILURES: 2\r\n",
            "SUCCESSES: 1 | FAILURES: 2 | WORKERS: 1",
        ),
        ("**** Molotov v2.6. Happy breaking! ****\n", ""),
        ("usage: a [-b]\n    [-c]\na: error: x", "usage: a\na: error: x"),
        ("[W:0] Starting\n[W:3] Ran 10 scenarios\n[P:9 [W:0] Done!", ""),
        ("<A object at 0x7f12>", "<A object at 0x99>"),
        ("/folder/loadtest.py", "FOLDER/loadtest.py"),
        (
            'E()\n  File "/x/site-packages/a.py", line 1, in b\n    c()\n    ^',
            "E()",
        ),
    ],
)
def test_what_is_levelled(one: str, other: str) -> None:
    plain = Plain(FOLDER, any_count=False)
    assert plain.lines(one) == plain.lines(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Preparing 1 workers...OK", "Preparing 2 workers...OK"),
        ("Preparing 1 workers...OK", "Preparing 1 workers"),
        ("SUCCESSES: 1 | FAILURES: 2", "SUCCESSES: 2 | FAILURES: 1"),
        ("[7] a", "a"),
        ("[W:0] Failure!", "[W:1] Failure!"),
        ('E()\n  File "/a.py", line 1, in b\n    c()', "E()"),
        ("Molotov v2.6", "Molotov v3.0"),
    ],
)
def test_what_is_not_levelled(one: str, other: str) -> None:
    plain = Plain(FOLDER, any_count=False)
    assert plain.lines(one) != plain.lines(other)


def test_what_a_request_is_compared_by() -> None:
    request = Request("GET", "/", (("User-Agent", "a"), ("B", "1")), b"x")
    seen = [
        request,
        replace(request, fields=(("B", "1"), ("User-Agent", "b"))),
        replace(request, method="PUT"),
        replace(request, target="/?"),
        replace(request, fields=(("B", "2"), ("User-Agent", "a"))),
        replace(request, fields=(("b", "1"), ("User-Agent", "a"))),
        replace(request, body=b""),
    ]
    observed = Observed(0, "", "", seen, [], {})
    first, second, *others = observed.aspects(FOLDER, False)["requests"]
    assert first == second == "GET / | B: 1 | User-Agent: (own) | b'x'"
    assert len({first, *others}) == 6


def test_what_is_recorded() -> None:
    with recording() as recorder:
        call = urllib.request.Request(
            f"{recorder.url}/echo?a=%20",
            b"sent",
            {"X-Name": "value"},
            method="PUT",
        )
        with urllib.request.urlopen(call) as answer:
            assert answer.read() == b"sent"
        assert recorder.wait_for(1)
    (request,) = recorder.requests
    assert (request.method, request.target) == ("PUT", "/echo?a=%20")
    assert (("X-Name", "value") in request.fields, request.body) == (
        True,
        b"sent",
    )


def test_datagrams_are_recorded() -> None:
    with receiving() as datagrams:
        host, port = datagrams.address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for text in (b"a:1|c", b"b:2|g"):
                sender.sendto(text, (host, int(port)))
        assert datagrams.all() == ["a:1|c", "b:2|g"]
        assert datagrams.all() == []

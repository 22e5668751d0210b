"""Answers to digest challenges, by the examples of the RFCs, and what is made
of challenges that are odd."""

import random

import pytest

from molotov.client.digest import Asked, authorization, challenge_in
from molotov.exceptions import ClientError

USER = ("Mufasa", "Circle of Life")
ASKED = Asked("GET", "/dir/index.html", b"")
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
REALM = 'realm="http-auth@example.org", qop="auth, auth-int"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
OPAQUE = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
)
def test_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    field = f"Digest {REALM}, algorithm={algorithm}, {NONCE}, {OPAQUE}"
    challenge = challenge_in([field.replace("auth, auth-int", "auth")])
    answer = authorization(challenge, USER, ASKED, 1, CNONCE)
    assert f'response="{response}"' in answer
    assert answer.startswith('Digest username="Mufasa", realm="http-auth@')
    assert "qop=auth, nc=00000001" in answer


def test_rfc_2069() -> None:
    """Without qop, as in RFC 2617 section 3.2.2.1."""
    challenge = challenge_in(
        ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f6"']
    )
    answer = authorization(challenge, USER, ASKED, 1, CNONCE)
    assert "qop" not in answer
    assert "cnonce" not in answer


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], {}),
        (["Digest"], {}),
        (['Basic realm="a"'], {}),
        (["Negotiate", 'Digest realm="a"'], {"realm": "a"}),
        (
            ['Basic realm="a", Digest realm="b, \\"c\\"", nonce = d'],
            {"realm": 'b, "c"', "nonce": "d"},
        ),
        (
            ['digest realm="a",nonce=b,Basic realm="c"'],
            {"realm": "a", "nonce": "b"},
        ),
        (['Digest realm="a", realm="b"'], {"realm": "a"}),
        # The first one that we can answer.
        (
            ['Digest realm="a", algorithm=ODD', 'Digest realm="b"'],
            {"realm": "b"},
        ),
        (['Digest realm="a'], {}),
    ],
)
def test_challenges(fields: list[str], expected: dict[str, str]) -> None:
    assert challenge_in(fields) == expected


@pytest.mark.parametrize(
    ("challenge", "what"),
    [
        ({"nonce": "a"}, "realm"),
        ({"realm": "a"}, "nonce"),
        ({"realm": "a", "nonce": ""}, "nonce"),
        ({"realm": "a", "nonce": "b", "qop": "odd"}, "qop"),
        ({"realm": "a", "nonce": "b", "algorithm": "odd"}, "ODD"),
    ],
)
def test_what_cannot_be_answered(challenge: dict[str, str], what: str) -> None:
    with pytest.raises(ClientError, match=what):
        authorization(challenge, USER, ASKED, 1, CNONCE)


def test_no_line_end_gets_into_the_answer() -> None:
    challenge = challenge_in(['Digest realm="a\\"b", nonce="c\\\\d"'])
    answer = authorization(challenge, USER, ASKED, 1, CNONCE)
    assert 'realm="a\\"b"' in answer
    assert 'nonce="c\\\\d"' in answer


def test_any_field_is_read_in_time() -> None:
    """Hostile ones too: each piece is looked at once."""
    chance = random.Random(7616)
    pieces = [
        "Digest ",
        "a=",
        '"',
        "\\",
        ",",
        " ",
        "realm",
        "=",
        "b" * 50,
        "\t",
    ]
    for _ in range(2000):
        field = "".join(chance.choices(pieces, k=chance.randrange(40)))
        assert isinstance(challenge_in([field]), dict)
    for hostile in ('a="' + "\\" * 50001, "a " * 50000, "," * 100000, "=" * 9):
        challenge_in(["Digest " + hostile])

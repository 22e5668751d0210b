"""All that is compared with aiohttp's session in a load test, without one: the
same code under `asyncio.run()`, with `molotov.ClientSession` and aiohttp's."""

import pytest
import test_bodies
import test_session
from beside_aiohttp import answers_alone

BODIES = {
    **{f"session: {name}": code for name, code in test_session.SAME.items()},
    **{f"bodies: {name}": code for name, code in test_bodies.SAME.items()},
}
Answers = dict[str, str]


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> tuple[Answers, Answers]:
    folder = tmp_path_factory.mktemp("alone")
    ours, theirs = (
        answers_alone(package, folder, target, BODIES, test_bodies.AT_HAND)
        for package in ("molotov", "aiohttp")
    )
    return ours, theirs


@pytest.mark.parametrize("what", BODIES)
def test_is_as_with_aiohttp(seen: tuple[Answers, Answers], what: str) -> None:
    ours, theirs = seen
    assert not theirs[what].startswith("raised"), theirs[what]
    assert ours[what] == theirs[what]

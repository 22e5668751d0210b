"""How far an UploadTracker says that a body was sent, beside aiohttp's."""

import pytest
from making import MAKING

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + """
def tracker_for(session):
    if isinstance(session, aiohttp.ClientSession):
        return aiohttp.UploadTracker()
    import molotov.client
    return molotov.client.UploadTracker()

async def pieces(count=20, size=50_000):
    for _ in range(count):
        yield b"x" * size

async def breaking():
    yield b"x"
    raise RuntimeError("no more")

async def tracked(session, method, path, **options):
    tracker = tracker_for(session)
    seen = [tracker.attempts, tracker.bytes_written]
    try:
        url = path if "://" in path else URL + path
        async with session.request(
            method, url, upload_tracker=tracker, **options
        ) as r:
            seen.append((r.status, len(r.history)))
    except Exception as error:
        seen.append(type(error).__name__)
    try:
        seen.append(await asyncio.wait_for(tracker.upload_complete, 20))
    except Exception as error:
        seen.append((type(error).__name__, str(error)[:50]))
    return seen, tracker.attempts, tracker.bytes_written
"""
)

# See beside_aiohttp.answers().
SAME = {
    "bytes": """
        return await tracked(session, "POST", "/anything", data=b"x" * 1000)
    """,
    "pieces": """
        return await tracked(session, "POST", "/anything", data=pieces())
    """,
    "a form": """
        return await tracked(session, "POST", "/anything", data={"a": "b"})
    """,
    "compressed": """
        return await tracked(
            session, "POST", "/anything", data=b"x" * 100_000, compress=True
        )
    """,
    "no body": """
        return [
            await tracked(session, method, "/anything")
            for method in ("GET", "POST")
        ]
    """,
    "redirects": """
        return [
            await tracked(session, "POST", "/redirect/2/" + status, data=b"xyz")
            for status in ("302", "307")
        ]
    """,
    "nobody listens": """
        return await tracked(session, "POST", "http://127.0.0.1:1/", data=b"x")
    """,
    "a body that breaks off": """
        seen, attempts, _ = await tracked(
            session, "POST", "/anything", data=breaking()
        )
        return seen, attempts
    """,
    "a second request": """
        tracker = tracker_for(session)
        await session.post(URL, data=b"x", upload_tracker=tracker)
        return await raised(session.get(URL, upload_tracker=tracker))
    """,
    "while it is sent": """
        tracker = tracker_for(session)
        gate = asyncio.Event()
        async def slow():
            yield b"x" * 1000
            await gate.wait()
            yield b"y" * 500
        sending = asyncio.ensure_future(
            session.post(URL + "/anything", data=slow(), upload_tracker=tracker)
        )
        while tracker.bytes_written < 1000:
            await asyncio.sleep(0.01)
        seen = [tracker.bytes_written, tracker.upload_complete.done()]
        gate.set()
        async with await sending as r:
            seen.append(r.status)
        await tracker.upload_complete
        return seen, tracker.bytes_written
    """,
    "cancelled": """
        tracker = tracker_for(session)
        async def endless():
            yield b"x"
            await asyncio.sleep(60)
        sending = asyncio.ensure_future(
            session.post(
                URL + "/anything", data=endless(), upload_tracker=tracker
            )
        )
        while tracker.bytes_written < 1:
            await asyncio.sleep(0.01)
        sending.cancel()
        await asyncio.wait([sending])
        return await raised(tracker.upload_complete)
    """,
}


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs
    assert not theirs.startswith("raised"), theirs

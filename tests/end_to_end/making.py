"""What tests beside aiohttp's client have at hand to make sessions of their
own."""

MAKING = """
import asyncio, aiohttp

def make(session, **options):
    HEADERS["User-Agent"] = "tests"
    if isinstance(session, aiohttp.ClientSession):
        return aiohttp.ClientSession(headers=HEADERS, **options)
    from molotov.session import get_session
    return get_session(session.loop, None, headers=HEADERS, **options)
"""

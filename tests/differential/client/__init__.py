"""Code for a session, under aiohttp itself and under ours."""

"""Which requests share a connection, as a connector of aiohttp's says."""

from __future__ import annotations

from differential.client.case import ClientCase

CASES = [
    ClientCase(
        "connections that are kept",
        """
        for path in "/a", "/b":
            async with session.get(URL + path) as r:
                say(await r.text())
        say(session.connector.limit, session.connector.force_close)
        """,
        options="{'connector': api.TCPConnector(limit=5)}",
        connections=True,
    ),
    ClientCase(
        "connections that are not kept",
        """
        for path in "/a", "/b":
            async with session.get(URL + path) as r:
                say(await r.text())
        """,
        options="{'connector': api.TCPConnector(force_close=True)}",
        connections=True,
    ),
    ClientCase(
        "one connection at a time",
        """
        async def get(path):
            async with session.get(URL + path) as r:
                say(path, await r.text())

        await asyncio.gather(*(get(f"/{n}") for n in range(5)))
        """,
        options="{'connector': api.TCPConnector(limit=1)}",
        connections=True,
    ),
    ClientCase(
        "a resolver",
        """
        port = URL.rpartition(":")[2]
        async with session.get(f"http://some.name:{port}/a") as r:
            say(await r.text(), str(r.url.host))
        say(NAMES.asked)
        """,
        options="{'connector': api.TCPConnector(resolver=NAMES)}",
        at_hand="""
        class Names(api.abc.AbstractResolver):
            asked = []

            async def resolve(self, host, port=0, family=0):
                self.asked.append((host, int(family)))
                found = {"hostname": host, "host": "127.0.0.1", "port": port}
                return [{**found, "family": 2, "proto": 0, "flags": 0}]

            async def close(self):
                pass

        NAMES = Names()
        """,
    ),
]

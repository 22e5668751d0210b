"""A Molotov test.

Run it with:

    $ molotov loadtest.py

"""

import json

from molotov import (
    global_setup,
    global_teardown,
    scenario,
    setup,
    teardown,
)

# A server to try it against: molotarget --port 8080
_API = "http://localhost:8080"


@global_setup()
def test_starts(args):
    """Called once, before the processes and their workers start.

    `args` has the options of the command line.
    """


@setup()
async def worker_starts(worker_id, args):
    """Called once by each worker, before it runs a scenario.

    What it returns goes to the worker's session.
    """
    return {"headers": {"SomeHeader": "1"}}


@teardown()
def worker_ends(worker_id):
    """Called once for each worker that has ended."""


@global_teardown()
def test_ends():
    """Called once, when all workers have ended."""


@scenario(weight=40)
async def scenario_one(session):
    """Reads a JSON document; counts it when there is a statsd server."""
    statsd = getattr(session, "statsd", None)
    if statsd is not None:
        statsd.incr("BLEH")

    async with session.get(_API) as resp:
        result = await resp.json()
        assert result["result"] == "OK"
        assert resp.status == 200


@scenario(weight=30)
async def scenario_two(session):
    """Reads a page."""
    async with session.get(_API) as resp:
        assert resp.status == 200


@scenario(weight=30)
async def scenario_three(session):
    """Sends a JSON document."""
    somedata = json.dumps({"OK": 1})
    async with session.post(_API, data=somedata) as resp:
        assert resp.status == 200

"""What listeners are told of a session's requests, and what they may do."""

import pytest
from commands import Molotov
from scripts import run_well, scenario

# Prints each event: its name, what it was of, and more of it.
SEEN = """
@events()
async def listen(event, **info):
    if event == "sending_request":
        print("sending", info["request"].method, info["request"].url.path)
    elif event == "response_received":
        print("received", info["response"].status, info["request"].url.path)
"""


# What a scenario does, and what is told meanwhile.
ORDERS = {
    "async with": (
        """
        async with session.get(URL) as response:
            print("has", response.status)
        """,
        ["sending GET /", "received 200 /", "has 200"],
    ),
    "await": (
        """
        response = await session.post(URL + "/echo", data="x")
        print("has", response.status)
        """,
        ["sending POST /echo", "received 200 /echo", "has 200"],
    ),
    "a status that is none of the best": (
        'await session.request("PUT", URL + "/status/500")',
        ["sending PUT /status/500", "received 500 /status/500"],
    ),
    "redirects": (
        """
        response = await session.get(URL + "/redirect/2")
        print("has", [hop.status for hop in response.history])
        """,
        [
            "sending GET /redirect/2",
            "sending GET /redirect/1",
            "sending GET /",
            "received 200 /",
            "has [302, 302]",
        ],
    ),
    "redirects not followed": (
        'await session.get(URL + "/redirect/2", allow_redirects=False)',
        ["sending GET /redirect/2", "received 302 /redirect/2"],
    ),
    "no connection": (
        """
        try:
            await session.get("http://127.0.0.1:1/")
        except OSError as error:
            print(type(error).__name__)
        """,
        ["ClientConnectorError"],
    ),
    "no answer": (
        """
        try:
            await session.get(URL + "/reset")
        except OSError as error:
            print(type(error).__name__)
        """,
        ["sending GET /reset", "ClientOSError"],
    ),
    "raise_for_status": (
        """
        try:
            await session.get(URL + "/status/404", raise_for_status=True)
        except Exception as error:
            print(type(error).__name__)
        """,
        ["sending GET /status/404", "ClientResponseError"],
    ),
    "a kept connection that was dead": (
        """
        await session.get(URL + "/close-next")
        await session.get(URL + "/json")
        """,
        [
            "sending GET /close-next",
            "received 200 /close-next",
            "sending GET /json",
            "received 200 /json",
        ],
    ),
    "in children": (
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(session.get(URL))
        await asyncio.gather(session.get(URL + "/json"))
        await asyncio.wait_for(session.get(URL), 60)
        async with asyncio.timeout(60):
            await session.get(URL + "/json")
        """,
        [
            "sending GET /",
            "received 200 /",
            "sending GET /json",
            "received 200 /json",
        ]
        * 2,
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_order(molotov: Molotov, name: str) -> None:
    code, expected = ORDERS[name]
    assert run_well(molotov, SEEN + scenario(code)) == expected


def test_cut_off_while_the_answer_is_waited_for(molotov: Molotov) -> None:
    """By a time-out of the scenario, in a child and in the worker itself. The
    request has a connection that is there: it is told of at once."""
    script = scenario("""
        for _ in range(2):
            await session.get(URL)
            try:
                await asyncio.wait_for(session.get(URL + "/never"), 0.05)
            except TimeoutError:
                print("timeout")
            await session.get(URL)
            try:
                async with asyncio.timeout(0.05):
                    await session.get(URL + "/never")
            except TimeoutError:
                print("timeout")
    """)
    assert (
        run_well(molotov, SEEN + script)
        == [
            "sending GET /",
            "received 200 /",
            "sending GET /never",
            "timeout",
        ]
        * 4
    )


def test_what_is_told(molotov: Molotov) -> None:
    script = """
        told = []

        @events()
        async def listen(event, **info):
            if event in ("sending_request", "response_received"):
                told.append((event, info))

        @setup()
        async def init(worker_id, args):
            return {"headers": {"X-Own": "1"}, "cookies": {"a": "b"}}

        @scenario()
        async def one(session):
            async with session.post(
                URL + "/headers?q=1", data="text",
            ) as response:
                (_, sent), (_, received) = told
                request = sent["request"]
                assert sent["session"] is received["session"] is session
                assert request is received["request"] is response.request
                assert {request: 1}[received["request"]] == 1
                assert received["response"] is response
                print(request.method, str(request.url) == URL + "/headers?q=1")
                print(request.body)
                print(*request.headers, sep=", ")
                wire = (await response.json())["headers"]
                told_too = {n: v for n, v in request.headers.items()}
                assert wire == told_too, (wire, told_too)
                print(request.headers["cookie"], request.headers["x-own"])
            told.clear()
            await session.get(URL + "/redirect/1")
            first, last = told[0][1]["request"], told[1][1]["request"]
            assert told[2][1]["request"] is last is not first
            print(first.body, last.body)
    """
    assert run_well(molotov, script) == [
        "POST True",
        "b'text'",
        "Host, X-Own, Accept, Accept-Encoding, User-Agent, Cookie, "
        "Content-Length, Content-Type",
        "a=b 1",
        "b'' b''",
    ]


def test_what_listeners_set_on_a_request(molotov: Molotov) -> None:
    script = """
        import weakref

        @events()
        async def listen(event, request=None, **info):
            if event == "sending_request":
                request.began = 1
                request.method += "!"
                request.url = request.url.with_query("mine")
            elif event == "response_received":
                print(vars(request), request.method, request.url.query_string)
                assert weakref.ref(request)() is request
                assert request.headers is request.headers
                del request.began
                print(hasattr(request, "began"))
                print(repr(request).replace(URL, "URL"))

        @scenario()
        async def one(session):
            await session.get(URL + "/?q=1")
    """
    assert run_well(molotov, script) == [
        "{'began': 1} GET! mine",
        "False",
        "<ClientRequest GET! URL/?q=1>",
    ]


def test_a_request_that_two_await(molotov: Molotov) -> None:
    """While it takes a step, as a coroutine would be: here, a listener that is
    called by it. Afterwards it still has its answer."""
    script = """
        made = []

        @events()
        async def listen(event, **info):
            if event == "sending_request":
                try:
                    await made[0]
                except RuntimeError as error:
                    print(error)

        @scenario()
        async def one(session):
            made.append(session.get(URL))
            response = await made[0]
            print(response.status, await made[0] is response)
    """
    assert run_well(molotov, script) == [
        "coroutine is being awaited already",
        "200 True",
    ]


def test_the_scenario_reads_what_a_listener_has_read(
    molotov: Molotov,
) -> None:
    script = """
        @events()
        async def listen(event, **info):
            if event == "response_received":
                print(await info["response"].json())

        @scenario()
        async def one(session):
            async with session.get(URL + "/redirect/1") as response:
                assert await response.json() == {"result": "OK"}
                assert await response.text() == '{"result": "OK"}'
                assert await response.read() == b'{"result": "OK"}'
    """
    assert run_well(molotov, script) == ["{'result': 'OK'}"]


def test_listeners_of_one_session_come_last(molotov: Molotov) -> None:
    script = """
        from molotov.listeners import BaseListener
        from molotov.session import get_eventer

        class Mine(BaseListener):
            async def on_sending_request(self, session, request):
                print("mine", session is self.session, request.method)
            def on_response_received(self, session, response, request):
                print("mine too", response.status)

        @events()
        async def one(event, **info):
            if "request" in info:
                print("one", event)

        @events()
        async def two(event, **info):
            if "request" in info:
                print("two", event)

        @setup_session()
        async def init_session(worker_id, session):
            mine = Mine()
            mine.session = session
            get_eventer(session).add_listener(mine)

        @scenario()
        async def once(session):
            await session.get(URL)
    """
    assert run_well(molotov, script) == [
        "one sending_request",
        "two sending_request",
        "mine True GET",
        "one response_received",
        "two response_received",
        "mine too 200",
    ]


def test_a_listener_that_raises_is_printed(molotov: Molotov) -> None:
    bad = """
@events()
async def bad(event, **info):
    if event == "sending_request":
        raise KeyError("mine")
"""
    script = bad + SEEN + scenario("await session.get(URL)")
    lines = run_well(molotov, script)
    assert lines[0] == "KeyError('mine')"
    assert lines[-2:] == ["sending GET /", "received 200 /"]


def test_each_worker_has_its_own_session(molotov: Molotov) -> None:
    script = """
        @events()
        async def listen(event, **info):
            if "request" in info:
                session, path = info["session"], info["request"].url.path
                assert path == f"/bytes/{session.worker}", path
                session.told.append(event)

        @setup_session()
        async def init_session(worker_id, session):
            session.worker = worker_id
            session.told = []

        @scenario()
        async def one(session):
            await asyncio.gather(*(
                session.get(f"{URL}/bytes/{session.worker}") for _ in range(2)
            ))
            assert sorted(session.told) == (
                ["response_received"] * 2 + ["sending_request"] * 2
            ), session.told
            session.told.clear()
    """
    assert run_well(molotov, script, "-w", "100", "-r", "3") == []


def test_a_listener_that_waits(molotov: Molotov) -> None:
    """Before the request goes out: the server is not asked meanwhile, and a
    time-out of the scenario ends it."""
    script = """
        bounds = [None]

        def waits(request, **_):
            return "?wait" in str(request.url)

        @events()
        async def listen(event, **info):
            if event == "sending_request" and waits(**info):
                bounds[0].reschedule(asyncio.get_running_loop().time() + 0.1)
                try:
                    await asyncio.sleep(3600)
                finally:
                    print("cut off")

        @scenario()
        async def one(session):
            async def count():
                async with session.get(URL + "/stats") as response:
                    return (await response.json())["requests"]

            before = await count()
            for form in (lambda request: request, asyncio.create_task):
                try:
                    async with asyncio.timeout(None) as bounds[0]:
                        await form(session.get(URL + "?wait"))
                except TimeoutError:
                    print("timeout")
            # Asking for the counts is not counted.
            print("asked", await count() - before)
    """
    assert run_well(molotov, script) == ["cut off", "timeout"] * 2 + ["asked 0"]


def test_a_listener_that_is_slower_than_the_time_out(molotov: Molotov) -> None:
    script = """
        @events()
        async def listen(event, **info):
            if event == "sending_request":
                await asyncio.sleep(0.2)

        @scenario()
        async def one(session):
            await session.get(URL)  # so that it need not wait to connect
            try:
                await session.get(URL, timeout=0.05)
            except TimeoutError as error:
                print(str(error).replace(URL, "URL"))
    """
    (line,) = run_well(molotov, script)
    assert line.startswith("no go-ahead for the request to 127.0.0.1:"), line


def test_force_shutdown_cancels_a_listener(molotov: Molotov) -> None:
    script = """
        @events()
        async def listen(event, **info):
            if event == "sending_request":
                await asyncio.sleep(3600)

        @scenario()
        async def one(session):
            await session.get(URL)
    """
    result = molotov(script, "-d", "1", "--force-shutdown")
    assert (result.status, result.stderr) == (0, ""), result
    assert "CANCELLED: 1" in result.stdout


def test_a_listener_may_come_after_the_request_was_made(
    molotov: Molotov,
) -> None:
    script = """
        from molotov.session import get_eventer

        async def listen(event, **info):
            print(event)

        @scenario()
        async def one(session):
            early = session.get(URL)
            get_eventer(session).add_listener(listen)
            assert (await early).status == 200
            late = session.get(URL)
            assert (await late).request.method == "GET"
    """
    assert run_well(molotov, script) == [
        "sending_request",
        "response_received",
    ]


def test_a_session_without_listeners(molotov: Molotov) -> None:
    script = """
        from molotov.session import get_eventer

        @scenario()
        async def one(session):
            assert type(session.get(URL)).__name__ == "Request"
            assert (await session.get(URL)).request is None
            assert get_eventer(object()) is None
    """
    assert run_well(molotov, script) == []


def test_a_request_that_is_never_awaited(molotov: Molotov) -> None:
    """Python warns of it by the name that aiohttp's has."""
    script = """
        @events()
        async def listen(event, **info): ...

        @scenario()
        async def one(session):
            session.get(URL)
    """
    result = molotov(script, "-r", "1")
    assert (result.status, "FAILURES: 0" in result.lines[-2]) == (0, True)
    said = (
        "RuntimeWarning: coroutine 'ClientSession._request' was never awaited"
    )
    assert said in result.stderr

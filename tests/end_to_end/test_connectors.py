"""Connectors: how many connections there are, which are kept, and how they are
made, beside aiohttp. Once with our connectors, once with aiohttp's own, which
our sessions take as well."""

import textwrap
from pathlib import Path

import pytest
from beside_aiohttp import answers
from commands import Molotov
from gated_server import GATED_SERVER
from making import MAKING
from scripts import run_well

pytest.importorskip("aiohttp")

AT_HAND = (
    MAKING
    + GATED_SERVER
    + """
import contextlib, socket, warnings
import molotov.client

KIT = None  # whose connectors a session of ours is given

def kit(session):
    if KIT == "aiohttp" or isinstance(session, aiohttp.ClientSession):
        return aiohttp
    return molotov.client

def tcp(session, **options):
    return kit(session).TCPConnector(**options)

def using(session, *, with_session={}, **options):
    return make(session, connector=tcp(session, **options), **with_session)

async def text(session, url):
    async with session.get(url) as response:
        return await response.text()

def texts(session, *urls):
    return [asyncio.ensure_future(text(session, url)) for url in urls]

def told(make_it):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made = make_it()
        except Exception as error:
            made = repr(error)
    return made, [(w.category.__name__, str(w.message)) for w in caught]

STEPS = [
    "connection_queued_start", "connection_queued_end",
    "connection_create_start", "connection_create_end",
    "connection_reuseconn", "dns_resolvehost_start", "dns_resolvehost_end",
    "dns_cache_hit", "dns_cache_miss",
]

def traced(session, seen, **options):
    '''A session whose requests note their steps there, by their names.'''
    config = aiohttp.TraceConfig()
    def add(step):
        async def note(session, context, params):
            await asyncio.sleep(0)
            steps = seen.setdefault(context.trace_request_ctx, [])
            steps.append((step, getattr(params, "host", None)))
        getattr(config, "on_" + step).append(note)
    for step in STEPS:
        add(step)
    return using(session, with_session={"trace_configs": [config]}, **options)

async def named(session, name, url):
    async with session.get(url, trace_request_ctx=name) as response:
        return await response.text()

@contextlib.contextmanager
def silent(port):
    '''127.0.0.3 answers nobody there: its backlog is full.'''
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.3", port))
        listener.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.3", port))
        yield

class FakeResolver:
    '''Knows that all names are this server.'''

    def __init__(self, server, *raised, addresses=("127.0.0.1",)):
        self.server, self.raised, self.asked = server, list(raised), []
        self.addresses = addresses
        self.closed = False

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked.append((host, port, int(family)))
        await asyncio.sleep(0)
        if self.raised:
            raise self.raised.pop(0)
        return [{
            "hostname": host, "host": address, "port": self.server.port,
            "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
            "proto": 0, "flags": 0,
        } for address in self.addresses]

    async def close(self):
        self.closed = True
"""
)

SAME = {
    "limit": """
        async with Server() as server, using(session, limit=2) as new:
            urls = [f"{server.url}/held{i}" for i in range(7)]
            tasks = texts(new, *urls)
            for count in range(2, 8):
                await server.requests(count)
                server.release()
            server.release()
            found = await asyncio.gather(*tasks)
            return found, server.peak, server.made, server.paths
    """,
    "no limit": """
        async with Server() as server, using(session, limit=0) as new:
            tasks = texts(new, *[server.url + "/held"] * 120)
            await server.requests(120)
            server.release(120)
            return len(await asyncio.gather(*tasks)), server.peak
    """,
    "a hundred": """
        async with Server() as server, make(session) as new:
            tasks = texts(new, *[server.url + "/held"] * 102)
            await server.requests(100)
            for _ in range(102):
                server.release()
                await asyncio.sleep(0)
            async with asyncio.timeout(60):
                while not all(t.done() for t in tasks):
                    server.release()
                    await asyncio.sleep(0)
            return server.peak, server.made
    """,
    "limit_per_host": """
        async with Server() as one, Server() as two:
            async with using(session, limit_per_host=1) as new:
                tasks = texts(new, one.url + "/held", one.url + "/held")
                await one.requests(1)
                other = await text(new, two.url)
                one.release()
                await one.requests(2)
                one.release()
                await asyncio.gather(*tasks)
                return one.peak, one.made, other, two.paths
    """,
    "force_close": """
        async with Server() as server, using(session, force_close=True) as new:
            for _ in range(3):
                await text(new, server.url)
            await server.until(lambda: server.open == 0)
            return server.made, server.paths
    """,
    "keepalive_timeout": """
        async with Server() as server:
            async with using(session, keepalive_timeout=0.05) as new:
                await text(new, server.url)
                await server.until(lambda: server.open == 0)
                await text(new, server.url)
                return server.made
    """,
    "no keepalive_timeout": """
        async with Server() as server:
            async with using(session, keepalive_timeout=None) as new:
                await text(new, server.url)
                await text(new, server.url)
                return server.made
    """,
    "one that is cancelled leaves the queue": """
        async with Server() as server, using(session, limit=1) as new:
            urls = [f"{server.url}/held{i}" for i in range(4)]
            first, second, third, fourth = texts(new, *urls)
            await server.requests(1)
            second.cancel()
            for count in 2, 3:
                server.release()
                await server.requests(count)
            server.release()
            await asyncio.gather(first, third, fourth)
            return second.cancelled(), server.paths, server.made
    """,
    "time-outs count the wait": """
        async with Server() as server, using(session, limit=1) as new:
            first, = texts(new, server.url + "/held")
            await server.requests(1)
            bound = aiohttp.ClientTimeout(connect=0.05)
            try:
                await new.get(server.url + "/late", timeout=bound)
            except Exception as error:
                raised = type(error).__name__, isinstance(
                    error, asyncio.TimeoutError
                )
            server.release()
            await first
            return raised, server.paths, await text(new, server.url)
    """,
    "one connector of two sessions": """
        async with Server() as server:
            shared = tcp(session, limit=1)
            own = {"connector": shared, "connector_owner": False}
            one, two = make(session, **own), make(session, **own)
            same = one.connector is shared and two.connector is shared
            first, = texts(one, server.url + "/held1")
            await server.requests(1)
            second, = texts(two, server.url + "/held2")
            await server.requests(1)
            found = [len(server.paths), one.connector_owner, one.closed]
            server.release()
            await server.requests(2)
            server.release()
            await asyncio.gather(first, second)
            await one.close()
            found += [one.closed, two.closed, shared.closed]
            found += [await text(two, server.url), server.made]
            await shared.close()
            found += [two.closed, shared.closed]
            found.append(await raised(two.get(server.url)))
            await server.until(lambda: server.open == 0)
            await two.close()
            return same, found, server.peak
    """,
    "a session closes its connector": """
        async with Server() as server:
            connector = tcp(session)
            async with make(session, connector=connector) as new:
                await text(new, server.url)
                before = connector.closed
            await server.until(lambda: server.open == 0)
            return before, new.closed, server.made
    """,
    "detached": """
        async with Server() as server:
            connector = tcp(session)
            new = make(session, connector=connector)
            await text(new, server.url)
            new.detach()
            found = [new.closed, connector.closed, new.connector]
            async with make(session, connector=connector) as again:
                await text(again, server.url)
            return found, server.made
    """,
    "attributes": """
        made = tcp(
            session, limit=3, limit_per_host=2, family=socket.AF_INET,
            use_dns_cache=False, force_close=True,
        )
        usual = tcp(session)
        found = [
            (c.limit, c.limit_per_host, c.family, c.use_dns_cache,
             c.force_close, c.closed)
            for c in (made, usual)
        ]
        async with usual as entered:
            found.append(entered is usual)
        await made.close()
        await made.close()
        return found, made.closed, usual.closed
    """,
    "the connector of a session that was given none": """
        async with Server() as server, make(session) as new:
            await text(new, server.url)
            connector = new.connector
            await text(new, server.url)
            found = (
                connector.limit, connector.limit_per_host,
                connector.force_close, connector.closed,
                type(connector).__name__, connector is new.connector,
            )
        return found, connector.closed, server.made
    """,
    "what is refused": """
        def junk(**options):
            return told(lambda: tcp(session, **options))
        connector = tcp(session)
        def clear(*args):
            return told(lambda: connector.clear_dns_cache(*args))
        found = [
            junk(force_close=True, keepalive_timeout=5),
            junk(ssl=1), junk(ssl="x"), junk(nonsense=1)[0][-25:],
            clear("host"), clear(None, 80), clear("host", 80), clear(),
        ]
        return found
    """,
    "what is warned of": """
        found = []
        for options in (
            {"ssl_shutdown_timeout": 1.0}, {"ssl_shutdown_timeout": None},
            {"force_close": True, "keepalive_timeout": None},
            {"timeout_ceil_threshold": 1}, {"verify_ssl": False},
            {"enable_cleanup_closed": True}, {"ssl": False},
        ):
            made, warned = told(lambda: tcp(session, **options))
            found.append((type(made).__name__, warned))
        return found
    """,
    "with, and no await": """
        made = tcp(session)
        def enter():
            with made as entered:
                return entered is made
        return told(enter), made.closed
    """,
    "a resolver": """
        async with Server() as server:
            resolver = FakeResolver(server)
            async with using(
                session, resolver=resolver, force_close=True
            ) as new:
                answers = [
                    await text(new, f"http://some.name:{port}/{port}")
                    for port in (80, 80, 81)
                ]
                asked = list(resolver.asked)
                new.connector.clear_dns_cache("some.name", 80)
                for port in 80, 81:
                    await text(new, f"http://some.name:{port}/")
                new.connector.clear_dns_cache()
                for port in 80, 81:
                    await text(new, f"http://some.name:{port}/")
                await text(new, server.url)
            return answers, asked, resolver.asked, resolver.closed
    """,
    "a resolver, and no cache": """
        async with Server() as server:
            resolver = FakeResolver(server)
            async with using(
                session, resolver=resolver, force_close=True,
                use_dns_cache=False, family=socket.AF_INET,
            ) as new:
                for _ in range(2):
                    await text(new, "http://some.name/")
            return resolver.asked
    """,
    "a resolver is asked once by those who ask together": """
        async with Server() as server:
            resolver = FakeResolver(server)
            async with using(session, resolver=resolver) as new:
                await asyncio.gather(*texts(new, *["http://a.name/"] * 5))
            return resolver.asked
    """,
    "a resolver that fails": """
        async with Server() as server:
            resolver = FakeResolver(
                server, OSError(None, "no such name"), OSError(5, "broken"),
                socket.gaierror(-2, "unknown"), ValueError("odd"),
            )
            found = []
            async with using(session, resolver=resolver) as new:
                for _ in range(4):
                    try:
                        await new.get("http://some.name/")
                    except Exception as error:
                        found.append((
                            type(error).__name__, str(error),
                            repr(getattr(error, "os_error", None)),
                            repr(error.__cause__),
                        ))
                found.append(await text(new, "http://some.name/"))
            return found
    """,
    "a cache of few names": """
        async with Server() as server:
            resolver = FakeResolver(server)
            async with using(
                session, resolver=resolver, dns_cache_max_size=2,
                force_close=True,
            ) as new:
                for name in "abcabbcacb":
                    await text(new, f"http://{name}.name/")
            return [host for host, _, _ in resolver.asked]
    """,
    "names are kept for a while, or for ever": """
        found = []
        async with Server() as server:
            for seconds in 0, 0.01, None:
                resolver = FakeResolver(server)
                async with using(
                    session, resolver=resolver, ttl_dns_cache=seconds,
                    force_close=True,
                ) as new:
                    await text(new, "http://a.name/")
                    until = asyncio.get_running_loop().time() + 0.05
                    while asyncio.get_running_loop().time() < until:
                        await asyncio.sleep(0.01)
                    await text(new, "http://a.name/")
                found.append(len(resolver.asked))
        return found
    """,
    "a resolver of one's own kind": """
        async with Server() as server:
            resolver = kit(session).ThreadedResolver()
            found = await resolver.resolve("127.0.0.1", server.port)
            async with using(session, resolver=resolver) as new:
                url = server.url.replace("127.0.0.1", "localhost")
                answer = await text(new, url)
            await resolver.close()
            for one in found:
                one["port"] -= server.port
            return found, answer
    """,
    "resolvers": """
        made, warned = told(lambda: kit(session).AsyncResolver())
        if not isinstance(made, str):  # aiodns is installed
            await made.close()
            made = type(made).__name__
        return made, warned, kit(session).DefaultResolver.__name__
    """,
    "a name of the engine's own": """
        async with Server() as server, using(session, force_close=True) as new:
            url = server.url.replace("127.0.0.1", "localhost")
            answers = [await text(new, url)]
            new.connector.clear_dns_cache()
            answers.append(await text(new, url))
            return answers
    """,
    "socket_factory": """
        infos = []
        def factory(info):
            infos.append(info)
            made = socket.socket(info[0], info[1], info[2])
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            return made
        async with Server() as server:
            async with using(session, socket_factory=factory) as new:
                await text(new, server.url)
                await text(new, server.url)
            return [
                (*info[:4], info[4][0], info[4][1] - server.port)
                for info in infos
            ]
    """,
    "a socket_factory that fails": """
        left = [OSError(98, "in use"), OSError("no errno"), ValueError("odd")]
        def factory(info):
            raise left.pop(0)
        found = []
        async with Server() as server:
            async with using(session, socket_factory=factory) as new:
                for _ in range(3):
                    try:
                        await new.get(server.url)
                    except Exception as error:
                        found.append((
                            type(error).__name__,
                            str(error).replace(str(server.port), "PORT"),
                        ))
        return found
    """,
    "local_addr": """
        async with Server() as server:
            async with using(
                session, local_addr=("127.0.0.9", 0), force_close=True
            ) as new:
                await text(new, server.url)
                await text(new, server.url)
            return server.peers
    """,
    "a local_addr that cannot be had": """
        async with Server() as server:
            async with using(
                session, local_addr=("127.0.0.1", server.port)
            ) as new:
                found = await raised(new.get(server.url))
            return found[0]
    """,
    "family": """
        async with Server() as server:
            found = []
            for family in socket.AF_INET, socket.AF_UNSPEC:
                async with using(session, family=family) as new:
                    url = server.url.replace("127.0.0.1", "localhost")
                    found.append(await text(new, url))
            return found
    """,
    "several addresses": """
        async with Server() as server:
            found = []
            for delay in None, 0.01, 0.25:
                for addresses in (
                    ["127.0.0.2", "127.0.0.1"], ["::1", "127.0.0.1"],
                    ["127.0.0.1", "::1"],
                ):
                    resolver = FakeResolver(server, addresses=addresses)
                    async with using(
                        session, resolver=resolver, happy_eyeballs_delay=delay
                    ) as new:
                        found.append(await text(new, "http://a.name/"))
            return found, server.made
    """,
    "an address that does not answer": """
        addresses = ["127.0.0.3", "127.0.0.1"]
        found = []
        async with Server() as server:
            resolver = FakeResolver(server, addresses=addresses)
            with silent(server.port):
                for delay, patience in (0.01, 60), (None, 0.2):
                    async with using(
                        session, resolver=resolver, happy_eyeballs_delay=delay
                    ) as new:
                        # Without a delay the next one has no turn.
                        bound = aiohttp.ClientTimeout(patience)
                        try:
                            async with new.get("http://a/", timeout=bound) as r:
                                found.append(await r.text())
                        except TimeoutError:
                            found.append("timed out")
        return found
    """,
    "tried one after the other": """
        async with Server() as server, using(
            session, happy_eyeballs_delay=None, interleave=2
        ) as new:
            url = server.url.replace("127.0.0.1", "localhost")
            return await text(new, url)
    """,
    "a WebSocket has a place": """
        async with using(session, limit=1) as new:
            async with new.ws_connect(URL + "/ws") as ws:
                waiting, = texts(new, URL + "/json")
                await ws.send_str("a")
                answer = await ws.receive_str()
                before = waiting.done()
            return before, answer, len(await waiting) > 0
    """,
    "no loop": """
        import threading
        found = []
        def run():
            try:
                tcp(session)
            except RuntimeError as error:
                found.append(str(error))
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return found
    """,
    "steps in the queue": """
        seen = {}
        async with Server() as server, traced(session, seen, limit=1) as new:
            tasks = []
            for name in "first", "second", "third", "fourth":
                tasks.append(asyncio.ensure_future(
                    named(new, name, server.url + "/held")
                ))
                await server.requests(1)
            tasks[2].cancel()
            for count in 1, 2:
                await server.requests(count)
                server.release()
            await server.requests(3)
            server.release()
            await asyncio.gather(*tasks, return_exceptions=True)
            return seen, server.made
    """,
    "steps in the queue of those that are not kept": """
        seen = {}
        async with Server() as server, traced(
            session, seen, limit_per_host=1, force_close=True
        ) as new:
            first = asyncio.ensure_future(
                named(new, "first", server.url + "/held")
            )
            await server.requests(1)
            second = asyncio.ensure_future(named(new, "second", server.url))
            await server.requests(1)
            server.release()
            await asyncio.gather(first, second)
            return seen, server.made
    """,
    "a step in the queue that raises": """
        async def fail(session, context, params):
            raise KeyError("told")
        config = aiohttp.TraceConfig()
        config.on_connection_queued_start.append(fail)
        async with Server() as server, using(
            session, limit=1, with_session={"trace_configs": [config]}
        ) as new:
            first, = texts(new, server.url + "/held")
            await server.requests(1)
            found = await raised(new.get(server.url))
            server.release()
            await first
            return found, await text(new, server.url), server.paths
    """,
    "steps of names": """
        seen = {}
        async with Server() as server:
            for cached in True, False:
                resolver = FakeResolver(server, OSError("once"))
                async with traced(
                    session, seen, resolver=resolver, force_close=True,
                    use_dns_cache=cached,
                ) as new:
                    for i in range(3):
                        try:
                            await named(new, (cached, i), "http://a.name/")
                        except OSError as error:
                            seen[cached, i].append(type(error).__name__)
                    await asyncio.gather(*(
                        named(new, (cached, "together"), "http://b.name/")
                        for _ in range(3)
                    ))
                    await named(new, (cached, "address"), server.url)
        for steps in seen.values():
            if len(steps) > 5:
                steps.sort()  # of several at once
        return seen
    """,
    "steps of names that are not found": """
        seen = {}
        async def ask(new, name):
            try:
                await named(new, name, "http://a.name/")
            except BaseException as error:
                seen[name].append(type(error).__name__)
        async with Server() as server:
            resolver = FakeResolver(server, ValueError("odd"), KeyError("odd"))
            async with traced(
                session, seen, resolver=resolver, force_close=True
            ) as new:
                for name in "a value", "a key", "found", "kept":
                    await ask(new, name)
                new.connector.clear_dns_cache()
                begun = asyncio.Event()
                async def resolve(*args, **options):
                    begun.set()
                    await asyncio.Event().wait()
                resolver.resolve = resolve
                asking = asyncio.ensure_future(ask(new, "cancelled"))
                await begun.wait()
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
        return seen
    """,
    "redirects": """
        async with using(session, limit=1) as new:
            async with new.get(URL + "/redirect/3") as response:
                return response.status, len(response.history)
    """,
}

# Only of ours: aiohttp's raise CancelledError, as if the task were cancelled.
CLOSED = """
    async with Server() as server:
        connector = tcp(session, limit=1)
        new = make(session, connector=connector)
        first, second = texts(new, server.url + "/held", server.url)
        await server.requests(1)
        await connector.close()
        try:
            await second
        except aiohttp.ClientConnectionError as error:
            found = str(error)
        server.release()
        found += " " + await first
        await server.until(lambda: server.open == 0)
        return found
"""


ANOTHER_LOOPS = """
    import threading

    async def connector():
        return molotov.client.TCPConnector()

    made = []
    thread = threading.Thread(
        target=lambda: made.append(asyncio.run(connector()))
    )
    thread.start()
    thread.join()
    try:
        molotov.client.ClientSession(connector=made[0])
    except RuntimeError as error:
        return error
"""


def asked(body: str) -> str:
    """A script that prints what comes of it."""
    return (
        f"{AT_HAND.replace('HEADERS', '{}')}\n"
        f"async def ask(session):\n"
        f"{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        "@scenario()\nasync def one(session):\n    print(await ask(session))\n"
    )


@pytest.fixture(scope="module", params=["molotov", "aiohttp"])
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    target: str,
) -> dict[str, tuple[str, str]]:
    folder: Path = tmp_path_factory.mktemp("connectors")
    hand = AT_HAND.replace("KIT = None", f"KIT = {request.param!r}")
    return answers(folder, target, SAME, hand)


@pytest.mark.parametrize("name", SAME)
def test_it_is_as_with_aiohttp(
    both: dict[str, tuple[str, str]], name: str
) -> None:
    ours, theirs = both[name]
    assert ours == theirs
    assert not ours.startswith("raised"), ours


def test_who_waits_is_told_that_it_is_closed(
    molotov: Molotov,
) -> None:
    assert run_well(molotov, asked(CLOSED)) == ["Connector is closed. ok"]


def test_another_loops_connector(molotov: Molotov) -> None:
    assert run_well(molotov, asked(ANOTHER_LOOPS)) == [
        "Session and connector have to use same event loop"
    ]


@pytest.mark.parametrize("package", ["molotov.client", "aiohttp"])
def test_workers_may_share_one(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    lines = run_well(
        molotov,
        f"""
        from {package} import TCPConnector

        shared = None
        ended = 0

        async def connections(session):
            async with session.get(URL + "/stats") as response:
                return (await response.json())["connections"]

        @setup()
        async def init(worker_id, args):
            global shared
            loop = asyncio.get_running_loop()
            loop.slow_callback_duration = 3600  # of a busy machine
            shared = shared or TCPConnector(limit=3)
            return {{"connector": shared, "connector_owner": False}}

        @setup_session()
        async def count(worker_id, session):
            global before
            if worker_id == 0:
                before = await connections(session)

        @scenario()
        async def one(session):
            global ended
            assert session.connector is shared
            async with session.get(URL + "/delay/1") as response:
                assert response.status == 200
            ended += 1
            if ended == 60:
                print(1 < await connections(session) - before <= 3)
                await shared.close()
        """,
        "-w",
        "20",
        "-r",
        "3",
    )
    assert lines == ["True"]


@pytest.mark.parametrize("package", ["molotov.client", "aiohttp"])
def test_each_worker_has_its_own(
    molotov: Molotov, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """Which is closed with its session, so that nobody is warned."""
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    lines = run_well(
        molotov,
        f"""
        from {package} import TCPConnector

        @setup()
        async def init(worker_id, args):
            loop = asyncio.get_running_loop()
            loop.slow_callback_duration = 3600  # of a busy machine
            return {{"connector": TCPConnector(force_close=True)}}

        @scenario()
        async def one(session):
            await session.get(URL)
            await session.get(URL)
        """,
        "-w",
        "3",
        "-r",
        "2",
    )
    assert lines == []


def test_one_that_is_left_open_is_warned_of(molotov: Molotov) -> None:
    lines = run_well(
        molotov,
        """
        import gc, warnings
        from molotov import ClientSession, TCPConnector

        @scenario()
        async def one(session):
            told = []
            session.loop.set_exception_handler(
                lambda loop, context: told.append(context["message"])
            )
            own = ClientSession(connector=TCPConnector(), connector_owner=False)
            await own.get(URL)
            await own.close()
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                del own
                gc.collect()
            print(told, [w.category.__name__ for w in caught])
        """,
    )
    assert lines == ["['Unclosed connector'] ['ResourceWarning']"]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("object()", "connector must be a TCPConnector or a UnixConnector"),
        ("'/run/app.sock'", "connector must be a TCPConnector"),
        ("Hooked()", "Hooked._resolve_host() would not be called"),
        ("BaseConnector()", "a BaseConnector makes no connections"),
        ("TCPConnector(limit=-1)", "a limit of connections cannot be negative"),
    ],
)
def test_what_is_no_connector(molotov: Molotov, made: str, says: str) -> None:
    lines = run_well(
        molotov,
        f"""
        from molotov.client import BaseConnector, ClientSession, TCPConnector

        class Hooked(TCPConnector):
            async def _resolve_host(self, host, port, traces=None):
                return []

        @scenario()
        async def one(session):
            try:
                ClientSession(connector={made})
            except (TypeError, ValueError, NotImplementedError) as error:
                print(error)
        """,
    )
    assert len(lines) == 1
    assert lines[0].startswith(says)

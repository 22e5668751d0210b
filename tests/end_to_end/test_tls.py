"""Servers whose TLS is well or not, beside aiohttp: plain requests, by a proxy,
WebSockets; verified by the client's own TLS and by a script's context."""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from beside_aiohttp import answers, answers_alone
from certificates import Authority, self_signed
from commands import Molotov
from recording_proxy import RecordingProxy
from scripts import run_well, scenario
from tls_server import TlsServer

pytest.importorskip("aiohttp")

HERE = "DNS:localhost,IP:127.0.0.1"


def server_context(
    certificate: Path, trusts: Path | None = None, sealed: bool = True
) -> ssl.SSLContext:
    """A server's.

    :param trusts: the authority that its clients' certificates must be of.
    :param sealed: False: it takes weak keys, and old protocols.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if not sealed:
        context.set_ciphers("ALL@SECLEVEL=0")
    context.load_cert_chain(certificate)
    if trusts is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(trusts)
    return context


@dataclass
class World:
    """What the scripts of these tests have at hand."""

    folder: Path
    authority: Path
    ports: dict[str, int]
    proxy: int
    tls_proxy: int

    def at_hand(self) -> str:
        return (
            f"FOLDER = {str(self.folder)!r}\nCA = {str(self.authority)!r}\n"
            f"PORTS = {self.ports!r}\n"
            f"PROXY = 'http://localhost:{self.proxy}'\n"
            f"TLS_PROXY = 'https://localhost:{self.tls_proxy}'\n" + AT_HAND
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tls")
    ours = Authority(folder / "ours")
    strange = Authority(folder / "strange", "Stranger")
    issue = ours.issue
    good = issue("good", HERE)
    revoked = issue("revoked", HERE)
    ours.revoke(revoked)
    for authority in (ours, strange):
        authority.issue("client", "DNS:client")

    contexts = {
        "good": server_context(good),
        "expired": server_context(
            issue("expired", HERE, ends="20200201000000Z")
        ),
        "not yet valid": server_context(
            issue("early", HERE, begins="20980101000000Z")
        ),
        "wrong host": server_context(issue("wrong", "DNS:other.example")),
        "address": server_context(issue("address", "IP:127.0.0.1")),
        "self-signed": server_context(self_signed(folder, "localhost")),
        "untrusted": server_context(strange.issue("untrusted", HERE)),
        "revoked": server_context(revoked),
        "weak key": server_context(
            issue("weak", HERE, key="rsa:1024"), sealed=False
        ),
        "old": server_context(good, sealed=False),
        "client": server_context(good, ours.file),
        "client, TLS 1.2": server_context(good, ours.file),
    }
    contexts["client, TLS 1.2"].maximum_version = ssl.TLSVersion.TLSv1_2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        contexts["old"].minimum_version = ssl.TLSVersion.TLSv1
        contexts["old"].maximum_version = ssl.TLSVersion.TLSv1_1
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(TlsServer(context)).port
            for name, context in contexts.items()
        }
        plain = stack.enter_context(RecordingProxy())
        secure = stack.enter_context(
            RecordingProxy(server_context(issue("proxy", HERE)))
        )
        yield World(folder, ours.file, ports, plain.port, secure.port)


AT_HAND = """
import json, re, ssl, warnings

def context(**settings):
    made = ssl.create_default_context(cafile=CA)
    for name, value in settings.items():
        setattr(made, name, value)
    return made

def with_certificate(whose):
    made = context()
    made.load_cert_chain(FOLDER + "/" + whose + "/client.pem")
    return made

def plain_text(text):
    # Without the place in the ssl module, or what the engine says in its place.
    text = re.sub(r" [(](_ssl[.]c:[0-9]+|TLS [a-z]+ with [^()]*)[)]", "", text)
    return re.sub(r" at 0x[0-9a-f]+", "", text)

def told(error):
    # All that a script may look at.
    cause = error.__cause__
    inner = getattr(error, "certificate_error", None) or getattr(
        error, "os_error", None)
    return (
        type(error).__name__,
        [c.__name__ for c in type(error).__mro__ if c.__module__ == "ssl"],
        plain_text(str(error)),
        [plain_text(repr(getattr(error, name, None)))
         for name in ("host", "ssl", "errno", "strerror")],
        type(inner).__name__,
        [plain_text(repr(getattr(inner, name, None)))
         for name in ("args", "errno", "strerror", "library", "reason",
                      "verify_code", "verify_message")],
        cause is inner if inner is not None else None,
    )

async def plainly(session, kind, host="localhost", path="/", **options):
    try:
        url = f"https://{host}:{PORTS[kind]}{path}"
        async with session.get(url, **options) as r:
            seen = await r.json()
            return r.status, seen["sni"], seen["client"]
    except Exception as error:
        return told(error)

async def by_proxy(session, kind, **options):
    return await plainly(session, kind, proxy=PROXY, **options)

async def by_tls_proxy(session, kind, **options):
    return await plainly(session, kind, proxy=TLS_PROXY, **options)

async def websocket(session, kind, host="localhost", **options):
    try:
        url = f"wss://{host}:{PORTS[kind]}/"
        async with session.ws_connect(url, **options) as ws:
            seen = json.loads(await ws.receive_str())
            return seen["sni"], seen["client"]
    except Exception as error:
        return told(error)

WAYS = (plainly, by_proxy, websocket)

async def all_ways(session, kind, **options):
    # As the session does by default, and by a context of the script's.
    seen = [await way(session, kind, **options) for way in WAYS]
    for way in WAYS:
        seen.append(await way(session, kind, ssl=context(), **options))
    return seen
"""

REFUSED = (
    "expired",
    "not yet valid",
    "wrong host",
    "self-signed",
    "untrusted",
    "weak key",
    "old",
)

SAME = {
    "good": """
        return await all_ways(session, "good"), [
            await by_tls_proxy(session, "good", ssl=tls)
            for tls in (True, False, context())
        ]
    """,
    **{kind: f"return await all_ways(session, {kind!r})\n" for kind in REFUSED},
    "unverified": """
        kinds = [kind for kind in PORTS if "client" not in kind]
        return [await way(session, kind, ssl=False)
                for kind in kinds for way in WAYS]
    """,
    "an address": """
        return [
            await way(session, kind, host="127.0.0.1", ssl=tls)
            for kind in ("good", "address", "wrong host")
            for way in (plainly, websocket) for tls in (True, context())
        ] + [await plainly(session, "address")]
    """,
    "revoked": """
        strict = context(verify_flags=ssl.VERIFY_CRL_CHECK_LEAF)
        strict.load_verify_locations(FOLDER + "/ours/crl.pem")
        return await all_ways(session, "revoked"), [
            await way(session, kind, ssl=strict)
            for kind in ("revoked", "good") for way in WAYS
        ]
    """,
    "a list that is not there": """
        strict = context(verify_flags=ssl.VERIFY_CRL_CHECK_LEAF)
        return await plainly(session, "good", ssl=strict)
    """,
    "versions": """
        old = context(minimum_version=ssl.TLSVersion.TLSv1)
        old.set_ciphers("ALL@SECLEVEL=0")
        new = context(minimum_version=ssl.TLSVersion.TLSv1_3)
        return [
            await plainly(session, "old", ssl=old),
            await plainly(session, "good", ssl=new),
            await plainly(session, "client, TLS 1.2", ssl=new),
        ]
    """,
    "a certificate of the client's": """
        return [
            await way(session, "client", ssl=tls)
            for way in WAYS
            for tls in (True, False, with_certificate("ours"),
                        with_certificate("strange"))
        ] + [
            await way(session, "client, TLS 1.2", ssl=tls)
            for way in WAYS
            for tls in (True, False, with_certificate("ours"),
                        with_certificate("strange"))
        ]
    """,
    "server_hostname": """
        return [
            await way(session, kind, ssl=tls, server_hostname=name)
            for way in WAYS
            for kind, name in (
                ("wrong host", "other.example"), ("good", "other.example"),
                ("wrong host", "127.0.0.1"), ("good", ""),
            )
            for tls in (True, context(), False)
        ]
    """,
    "a callback": """
        names = []
        class Noting(ssl.SSLContext):
            def wrap_bio(self, *args, **options):
                names.append(options.get("server_hostname"))
                return super().wrap_bio(*args, **options)
        noting = Noting(ssl.PROTOCOL_TLS_CLIENT)
        noting.load_verify_locations(CA)
        return await plainly(session, "good", ssl=noting), names
    """,
    "ciphers": """
        one = context(maximum_version=ssl.TLSVersion.TLSv1_2)
        one.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
        none = context(maximum_version=ssl.TLSVersion.TLSv1_2)
        none.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")
        return [await plainly(session, "good", ssl=tls) for tls in (one, none)]
    """,
    "a context that is not as it should be": """
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        seen = []
        for tls in (server,):
            seen.append((await plainly(session, "good", ssl=tls))[0])
        return seen
    """,
    "what ssl= may be": """
        seen = []
        for tls in (None, 0, 1, "yes", object, b"x" * 32):
            seen.append(await plainly(session, "good", ssl=tls))
        return [(s[0], s[2]) if isinstance(s[0], str) else s for s in seen]
    """,
    "older names": """
        import aiohttp
        seen = []
        for options in (
            {"verify_ssl": False}, {"verify_ssl": True}, {"verify_ssl": None},
            {"ssl_context": context()}, {"fingerprint": b"x" * 32},
            {"fingerprint": b"x" * 20}, {"fingerprint": b"x" * 16},
            {"fingerprint": b"x" * 3}, {"verify_ssl": False, "ssl": True},
            {"verify_ssl": False, "ssl": False},
            {"verify_ssl": False, "ssl": None},
            {"ssl_context": context(), "ssl": False},
            {"ssl_context": context(), "verify_ssl": False},
            {"fingerprint": b"x" * 32, "ssl": context()},
            {"fingerprint": b"x" * 32, "ssl_context": context()},
            {"fingerprint": b"x" * 32, "verify_ssl": False},
        ):
            for way in (plainly, websocket):
                with warnings.catch_warnings(record=True) as told:
                    warnings.simplefilter("always")
                    found = await way(session, "untrusted", **options)
                seen.append((
                    sorted(options), found[:3],
                    [str(w.message) for w in told
                     if w.category is DeprecationWarning],
                ))
        return seen
    """,
    "warnings of ws_connect": """
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            seen = await websocket(session, "good", ssl=None)
        return seen, [(w.category.__name__, str(w.message)) for w in told]
    """,
    "fingerprints": """
        import hashlib
        import aiohttp
        of = {}
        for name in ("good", "untrusted"):
            where = "/strange" if name == "untrusted" else "/ours"
            with open(f"{FOLDER}{where}/{name}.pem") as file:
                pem = file.read().partition("-----BEGIN PRIV")[0]
            der = ssl.PEM_cert_to_DER_cert(pem.strip())
            of[name] = aiohttp.Fingerprint(hashlib.sha256(der).digest())
        seen = []
        for kind in ("good", "untrusted"):
            for name, pinned in of.items():
                for way in (plainly, by_proxy, websocket):
                    found = await way(session, kind, ssl=pinned)
                    seen.append((kind, name, found[:3]))
        try:
            await session.get(f"https://localhost:{PORTS['good']}/",
                              ssl=of["untrusted"])
        except aiohttp.ServerFingerprintMismatch as error:
            import pickle
            again = pickle.loads(pickle.dumps(error))
            for e in (error, again):
                seen.append((repr(e), e.expected, e.got, e.host,
                             e.port == PORTS["good"],
                             isinstance(e, aiohttp.ServerConnectionError)))
        return seen, await plainly(session, "untrusted", ssl=True)
    """,
    "connections are shared by what they are": """
        ours, other = context(), context()
        numbers = []
        for tls, name in ((True, None), (True, None), (ours, None),
                          (ours, None), (other, None), (False, None),
                          (True, "127.0.0.1"), (True, "127.0.0.1"),
                          (False, None), (True, None), (ours, None)):
            async with session.get(f"https://localhost:{PORTS['good']}/again",
                                   ssl=tls, server_hostname=name) as r:
                numbers.append((await r.json())["connection"])
        first = sorted(set(numbers))
        return [first.index(number) for number in numbers]
    """,
    "ssl of plain HTTP": """
        import aiohttp
        seen = []
        for tls in (False, context(), aiohttp.Fingerprint(b"x" * 32)):
            async with session.get(URL + "/json", ssl=tls) as r:
                seen.append(r.status)
        return seen
    """,
    "a server that speaks no TLS": """
        secure = URL.replace("http://", "https://") + "/"
        seen = []
        for tls in (True, context(), False):
            try:
                await session.get(secure, ssl=tls)
            except Exception as error:
                seen.append(re.sub("; does it speak TLS[?]", "",
                                   repr(told(error))))
        return seen
    """,
    "redirects": """
        import aiohttp
        seen = []
        for tls in (True, context(), False, aiohttp.Fingerprint(b"x" * 32)):
            for kind in ("good", "untrusted"):
                url = f"{PROXY}/to?https://localhost:{PORTS[kind]}/"
                try:
                    async with session.get(url, ssl=tls) as r:
                        seen.append((r.status, (await r.json())["sni"]))
                except Exception as error:
                    seen.append(told(error)[:3])
        return seen
    """,
    "a middleware": """
        tls = context()
        seen = []
        async def note(request, handler):
            seen.append((request.ssl is tls, request.is_ssl(),
                         request.server_hostname))
            return await handler(request)
        for kind in ("good", "untrusted"):
            for name in (None, "127.0.0.1"):
                seen.append(await plainly(
                    session, kind, ssl=tls, server_hostname=name,
                    middlewares=(note,)))
        return seen
    """,
    "a server that says nothing": """
        import asyncio
        from aiohttp import ClientTimeout
        async def say_nothing(reader, writer):
            await reader.read()
            writer.close()
        silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        PORTS["silent"] = silent.sockets[0].getsockname()[1]
        seen = []
        for tls in (True, False, context()):
            for timeout in (ClientTimeout(sock_connect=0.05),
                            ClientTimeout(connect=0.05),
                            ClientTimeout(total=0.05)):
                found = await plainly(
                    session, "silent", ssl=tls, timeout=timeout)
                seen.append(found[:2])
        silent.close()
        del PORTS["silent"]
        return seen
    """,
    "a server that ends the handshake": """
        import asyncio
        async def end(reader, writer):
            await reader.read(1000)
            writer.close()
        rude = await asyncio.start_server(end, "127.0.0.1", 0)
        PORTS["rude"] = rude.sockets[0].getsockname()[1]
        seen = [(await plainly(session, "rude", ssl=tls))[:2]
                for tls in (True, False, context())]
        rude.close()
        del PORTS["rude"]
        return seen
    """,
    "a proxy that is not trusted": """
        seen = []
        for tls in (True, context()):
            try:
                await session.get(URL, proxy=f"https://localhost:"
                                  f"{PORTS['untrusted']}", ssl=tls)
            except Exception as error:
                seen.append(told(error))
        return seen
    """,
}


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, target: str, world: World
) -> dict[str, tuple[str, str]]:
    with pytest.MonkeyPatch.context() as patched:
        # Which both have their usual authorities from.
        patched.setenv("SSL_CERT_FILE", str(world.authority))
        folder = tmp_path_factory.mktemp("both")
        return answers(folder, target, SAME, world.at_hand())


@pytest.mark.parametrize("name", SAME)
def test_same_as_aiohttp(both: dict[str, tuple[str, str]], name: str) -> None:
    ours, theirs = both[name]
    assert ours == theirs
    assert not theirs.startswith("raised"), theirs


@pytest.mark.parametrize("name", ["good", "untrusted", "redirects"])
def test_same_on_any_loop(
    tmp_path: Path, target: str, world: World, name: str
) -> None:
    """Without a load test, where the engine is a guest."""
    bodies = {name: SAME[name]}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(world.authority))
        ours, theirs = (
            answers_alone(package, tmp_path, target, bodies, world.at_hand())
            for package in ("molotov", "aiohttp")
        )
    assert ours == theirs


DEFAULTS = {
    "a context": "context()",
    "False": "False",
    "a fingerprint": "aiohttp.Fingerprint(DIGEST)",
    "another fingerprint": "aiohttp.Fingerprint(bytes(32))",
    "True": "True",
}
DIGEST = """
import aiohttp, hashlib

with open(FOLDER + "/strange/untrusted.pem") as file:
    pem = file.read().partition("-----BEGIN PRIV")[0]
DIGEST = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.strip())).digest()
"""
WITH_DEFAULT = """
        strict = context(verify_flags=ssl.VERIFY_CRL_CHECK_LEAF)
        return [
            (await way(session, kind, ssl=tls, server_hostname=name))[:3]
            for kind in ("good", "untrusted", "wrong host")
            for tls in (True, False, context(), strict,
                        aiohttp.Fingerprint(DIGEST))
            for way, name in ((plainly, None), (plainly, "127.0.0.1"),
                              (by_proxy, None), (websocket, None))
        ] + [(await plainly(session, kind))[:3]
             for kind in ("good", "untrusted")]
"""


@pytest.mark.parametrize("default", DEFAULTS)
def test_what_a_connector_says_counts_for_all(
    tmp_path: Path, target: str, world: World, default: str
) -> None:
    """And a request's own before it."""
    hand = (
        world.at_hand()
        + DIGEST
        + "def session_options():\n    return {'connector': "
        f"aiohttp.TCPConnector(ssl={DEFAULTS[default]})}}\n"
    )
    ((ours, theirs),) = answers(
        tmp_path, target, {"": WITH_DEFAULT}, hand
    ).values()
    assert ours == theirs
    assert "200" in theirs
    assert "Error" in theirs or "Mismatch" in theirs


def test_a_session_has_an_ssl_of_its_own(
    tmp_path: Path, target: str, world: World
) -> None:
    """Ours alone: aiohttp's has it from its connector."""
    script = (
        world.at_hand()
        + """
@setup()
async def init(worker_id, args):
    return {"ssl": context()}

@scenario()
async def one(session):
    for way in WAYS:
        print(await way(session, "good"))
        seen = await way(session, "untrusted")
        print(seen[0])
        print(await way(session, "untrusted", ssl=False))
"""
    )
    lines = run_well(Molotov(tmp_path, target), script)
    for i, name in ((0, "200, "), (3, "200, "), (6, "")):
        assert lines[i] == f"({name}'localhost', None)"
        assert lines[i + 1] == "ClientConnectorCertificateError"
        assert lines[i + 2] == lines[i]


def test_tls_within_tls_says_why_it_failed(
    tmp_path: Path, target: str, world: World
) -> None:
    """Which asyncio of some versions of Python fails to do."""
    script = (
        world.at_hand()
        + f"REFUSED = {REFUSED!r}\n"
        + """
@scenario()
async def one(session):
    for kind in REFUSED:
        seen = [await way(session, kind, ssl=context())
                for way in (plainly, by_tls_proxy)]
        assert seen[0] == seen[1], seen
        own = (await by_tls_proxy(session, kind, ssl=True))[0]
        assert own == "ClientConnectorCertificateError" or kind == "old", own
    strict = context(verify_flags=ssl.VERIFY_CRL_CHECK_LEAF)
    strict.load_verify_locations(FOLDER + "/ours/crl.pem")
    # The proxy's certificate is looked at by the same context.
    print(await by_tls_proxy(session, "good", ssl=strict))
    print((await by_tls_proxy(session, "revoked", ssl=strict))[5][-1])
"""
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(world.authority))
        lines = run_well(Molotov(tmp_path, target), script)
    assert lines == ["(200, 'localhost', None)", "'certificate revoked'"]


def run_under_ca(
    folder: Path, target: str, world: World, code: str
) -> list[str]:
    """What the scenario of that body printed."""
    return run_well(
        Molotov(folder, target), world.at_hand() + scenario(code), "-r", "1"
    )


def test_contexts_and_connections_are_let_go(
    tmp_path: Path, target: str, world: World
) -> None:
    """Of answers, refusals, fingerprints, WebSockets, and what is cancelled in
    the handshake."""
    lines = run_under_ca(
        tmp_path,
        target,
        world,
        """
        import gc, weakref

        async def say_nothing(reader, writer):
            await reader.read()
            writer.close()

        silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        PORTS["silent"] = silent.sockets[0].getsockname()[1]
        made = weakref.WeakSet()
        for turn in range(8):
            tls = context()
            made.add(tls)
            async with molotov.ClientSession() as own:
                for way in (*WAYS, by_tls_proxy):
                    assert len(await way(own, "good", ssl=tls)) < 4
                    found = await way(own, "untrusted", ssl=tls)
                    assert found[0] == "ClientConnectorCertificateError"
                asking = asyncio.ensure_future(
                    own.get(f"https://localhost:{PORTS['silent']}/", ssl=tls))
                for _ in range(turn % 5):
                    await asyncio.sleep(0.001)
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            del tls, found, asking
            gc.collect()
            if turn == 1:
                before = len(os.listdir("/proc/self/fd"))
        # What is dead goes at the end of a turn; and the silent server has to
        # see the last of its clients go.
        while made or len(os.listdir("/proc/self/fd")) > before:
            await asyncio.sleep(0.01)
            gc.collect()
        silent.close()
        print("all gone")
        """,
    )
    assert lines == ["all gone"]


@pytest.mark.parametrize("ends", ["request", "session"])
@pytest.mark.parametrize("place", ["wrap_bio", "do_handshake", "read", "write"])
def test_what_a_context_calls_may_end_what_is_served(
    tmp_path: Path, target: str, world: World, place: str, ends: str
) -> None:
    """Which then ends when that is over."""
    lines = run_under_ca(
        tmp_path,
        target,
        world,
        f"""
        import contextlib

        ending = None

        def call():
            nonlocal ending
            if ending is not None:
                doing, ending = ending, None
                doing()

        class Calling(ssl.SSLObject):
            pass

        class Context(ssl.SSLContext):
            sslobject_class = Calling

        def calls(kind, name):
            inner = getattr(kind, name)
            def method(self, *args, **options):
                call()
                found = inner(self, *args, **options)
                call()
                return found
            setattr(kind, name, method)

        calls(Context if {place!r} == "wrap_bio" else Calling, {place!r})
        for way in plainly, websocket:
            for after in range(4):
                tls = Context(ssl.PROTOCOL_TLS_CLIENT)
                tls.load_verify_locations(CA)
                own = molotov.ClientSession()
                asking = way(own, "good", ssl=tls)
                task = asyncio.ensure_future(asking)
                over = asyncio.Event()
                task.add_done_callback(lambda _: over.set())

                def end():
                    nonlocal after, ending
                    after -= 1
                    if after > 0:  # in a later call
                        ending = end
                    elif {ends!r} == "request":
                        session.loop.call_soon(over.set)  # no task ends by it
                        with contextlib.suppress(RuntimeError):
                            asking.close()  # which may have to wait
                    else:
                        for _ in own.close().__await__():
                            pass

                ending = end
                await over.wait()
                await own.close()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert len(await way(session, "good", ssl=tls)) < 4
        print("well")
        """,
    )
    assert lines == ["well"]

"""A server that asks for digest authentication (RFC 7616), by the path:
/ALGORITHM/QOP, of the user "Mufasa" with the password "Circle of Life"."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

HASHES = {"MD5": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
REALM = 'http-auth@"example".org'


class Handler(BaseHTTPRequestHandler):
    """Answers 200 with what it was told, or 401; a nonce serves twice."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, algorithm, qop = unquote(self.path.partition("?")[0]).split("/")[:3]
        pairs = re.findall(
            r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))',
            self.headers.get("Authorization", ""),
        )
        said = {name: quoted or token for name, quoted, token in pairs}
        good = bool(said) and self.is_right(said, algorithm, qop, body)
        fresh = said.get("nc", "00000001") <= "00000002"
        names = ("username", "realm", "uri", "algorithm", "qop", "nc", "opaque")
        shown = {name: said.get(name) for name in names}
        answer = json.dumps([good, shown]).encode()
        self.send_response(200 if good and fresh else 401)
        if not (good and fresh):
            Handler.asked += 1
            quoted = REALM.replace('"', '\\"')
            self.send_header(
                "WWW-Authenticate",
                f'Digest realm="{quoted}", nonce="n{Handler.asked}", '
                f'opaque="o, p", algorithm={algorithm}'
                + (f', qop="{qop}"' if qop != "none" else ""),
            )
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_GET

    def is_right(
        self, said: dict[str, str], algorithm: str, qop: str, body: bytes
    ) -> bool:
        """RFC 7616 section 3.4.1, in so many words."""

        def h(text: bytes) -> str:
            name = HASHES[algorithm.removesuffix("-sess")]
            return hashlib.new(name, text).hexdigest()

        a1 = h(f"Mufasa:{REALM}:Circle of Life".encode())
        if algorithm.endswith("-sess"):
            a1 = h(f"{a1}:{said['nonce']}:{said['cnonce']}".encode())
        a2 = f"{self.command}:{self.path}"
        if said.get("qop") == "auth-int":
            a2 += f":{h(body)}"
        middle = said["nonce"]
        if qop != "none":
            if "nc" not in said:
                return False
            middle += f":{said['nc']}:{said['cnonce']}:{said['qop']}"
        return said["response"] == h(f"{a1}:{middle}:{h(a2.encode())}".encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def digest_server() -> Iterator[str]:
    """Its URL, while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""docs/tls.md against a server that wants a certificate of its clients."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from certificates import Authority
from doc_page import blocks_of
from doc_target import ROOT
from test_pages import MOLOTOV, run
from tls_server import TlsServer

PAGE = ROOT / "docs" / "tls.md"


@dataclass
class Asked:
    """A load test of one block, and the server that it was for."""

    folder: Path
    port: int

    def run(self, name: str, *options: str) -> str:
        block = next(b for b in blocks_of(PAGE) if b.name == name)
        (self.folder / "loadtest.py").write_text(block.text)
        led_here = f"--connect-to=example.com:443:127.0.0.1:{self.port}"
        return run(self.folder, MOLOTOV, "-r", "1", led_here, *options).stdout


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    authority = Authority(tmp_path / "authority")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("server", "DNS:example.com"))
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    (tmp_path / "ca.pem").write_bytes(authority.file.read_bytes())
    certificate = authority.issue("client", "DNS:client")
    (tmp_path / "client.pem").write_bytes(certificate.read_bytes())
    with TlsServer(context) as server:
        yield Asked(tmp_path, server.port)


def test_a_client_certificate_is_shown(asked: Asked) -> None:
    assert "SUCCESSES: 1 | FAILURES: 0" in asked.run("client.py")


def test_without_one_it_is_as_the_page_says(asked: Asked) -> None:
    printed = asked.run("authority.py")
    assert "ClientOSError" in printed
    assert "certificate required" in printed

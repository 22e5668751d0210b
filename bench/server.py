"""The server under load: nginx, one worker, pinned to one core, a small JSON
answer.

It counts the requests itself (stub_status), so what a client believes to have
sent is not asked.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

CONFIGURATION = """
daemon off;
master_process on;
worker_processes 1;
worker_rlimit_nofile {descriptors};
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{
  # nginx closes idle connections once fewer than a sixteenth of these are free.
  worker_connections {slots};
  multi_accept on;
}}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=65535;
    location / {{
      default_type application/json;
      return 200 '{{"result": "OK"}}\\n';
    }}
    # A part of them for the scenarios of extras.py.
    location /basket {{
      add_header Set-Cookie "visit=1; Path=/" always;
      return 307 /order;
    }}
    location /order {{
      default_type application/json;
      return 200 '{{"order": 17, "items": ["tea", "milk"], "paid": false}}';
    }}
    location /catalogue {{
      default_type application/json;
      set $item '{item}';
      set $items '$item,$item,$item,$item,$item,$item,$item,$item';
      return 200 '[$items,$items,$items,$items,$items,$items,$items,$item]';
    }}
  }}
  server {{
    listen 127.0.0.1:{status_port};
    location / {{ stub_status; }}
  }}
}}
"""

# Of an answer of 10 KiB: 57 of them.
ITEM = json.dumps(
    {
        "id": 4711,
        "name": "A teapot, short and stout",
        "price": 19.95,
        "tags": ["kitchen", "tea", "blue"],
        "stock": {"Berlin": 3, "Lyon": 0},
        "rating": None,
        "new": True,
        "text": "With handle and spout.",
    }
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Counting(Protocol):
    """A server that counts for itself."""

    def status(self) -> tuple[int, int]:
        """Requests taken so far, and connections open now."""


class Server:
    """REQUIRES: one user of it at a time. Its own questions are not in the
    figures it gives."""

    def __init__(
        self, port: int, status_port: int, process: subprocess.Popen[bytes]
    ) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.port = port
        self.process = process
        self._status_port = status_port
        self._status: http.client.HTTPConnection | None = None
        self._asked = 0

    def status(self) -> tuple[int, int]:
        """Requests taken so far, and connections open now."""
        if self._status is None:
            self._status = http.client.HTTPConnection(
                "127.0.0.1", self._status_port, timeout=30
            )
        self._status.request("GET", "/")
        text = self._status.getresponse().read().decode()
        self._asked += 1
        active = re.search(r"Active connections: (\d+)", text)
        counts = re.search(r"^ (\d+) (\d+) (\d+) $", text, re.MULTILINE)
        assert active and counts, text
        return int(counts[3]) - self._asked, int(active[1]) - 1

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                self.status()
                return
            except OSError:
                self._status = None
                if (
                    self.process.poll() is not None
                    or time.monotonic() > deadline
                ):
                    raise
                time.sleep(0.02)


def nginx_path() -> str | None:
    return shutil.which("nginx") or shutil.which(
        "nginx", path="/usr/sbin:/usr/local/sbin"
    )


@contextmanager
def nginx(core: int, descriptors: int) -> Iterator[Server]:
    """A running server, for as long as the context is open."""
    program = nginx_path()
    if program is None:
        raise SystemExit("nginx is not installed (Debian: nginx-light)")
    with tempfile.TemporaryDirectory(prefix="molotov-bench-") as folder:
        os.chmod(folder, 0o755)
        port, status_port = free_port(), free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=folder,
                port=port,
                status_port=status_port,
                descriptors=descriptors,
                slots=2 * descriptors,
                item=ITEM,
            )
        )
        with open(Path(folder) / "stderr", "wb") as errors:
            process = subprocess.Popen(
                [
                    *("taskset", "-c", str(core), program),
                    *(
                        "-p",
                        folder,
                        "-e",
                        f"{folder}/error.log",
                        "-c",
                        str(configuration),
                    ),
                ],
                stdout=errors,
                stderr=errors,
            )
        try:
            server = Server(port, status_port, process)
            try:
                server.wait_until_ready()
            except OSError as error:
                said = (Path(folder) / "stderr").read_text()
                raise SystemExit(
                    f"nginx did not start: {error}\n{said}"
                ) from error
            yield server
        finally:
            process.terminate()
            process.wait()

"""Where metrics are sent to: a UDP socket that is read, in its own process.

Says its port, and once its standard input ends, how many datagrams came.
"""

from __future__ import annotations

import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Sink:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self._process = process
        self.port = int(process.stdout.readline())

    def datagrams(self) -> int:
        """Ends it. How many have come in all."""
        said, _ = self._process.communicate()
        return int(said)


@contextmanager
def sink(core: int) -> Iterator[Sink]:
    """One that reads, on this core, for as long as the context is open."""
    process = subprocess.Popen(
        ["taskset", "-c", str(core), sys.executable, "-m", "bench.sink"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Sink(process)
    finally:
        process.kill()
        process.wait()


# Between two readings: whoever waits for each datagram has its sender wake it,
# and takes the core that the server needs.
REST_SECONDS = 0.001
BUFFER_BYTES = 4 << 20


def drain(receiver: socket.socket, buffer: bytearray) -> int:
    """Reads all that has come. How many datagrams that were."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            receiver.recv_into(buffer)
            count += 1
    return count


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        receiver.setblocking(False)
        receiver.bind(("127.0.0.1", 0))
        print(receiver.getsockname()[1], flush=True)
        buffer = bytearray(65536)
        count = 0
        while not select.select([sys.stdin], [], [], REST_SECONDS)[0]:
            count += drain(receiver, buffer)
        print(count + drain(receiver, buffer))


if __name__ == "__main__":
    main()

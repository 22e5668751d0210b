"""A server, in the loop of whoever asks, that knows how many ask it at once."""

GATED_SERVER = '''
import asyncio

class Server:
    """Answers a path of /held... once release() lets it, others at once.

    open: connections; made: as many there were; busy, peak: requests that
    wait for their answer, and the most that did; paths: in the order in which
    they came; peers: of the connections.
    """

    async def __aenter__(self):
        self.open = self.made = self.busy = self.peak = 0
        self.paths, self.peers, self.held = [], [], []
        self.changed = asyncio.Event()
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *exception):
        self.server.close()
        for held in self.held:
            held.cancel()

    def note(self):
        self.changed.set()
        self.changed.clear()

    async def until(self, holds):
        async with asyncio.timeout(60):
            while not holds():
                await self.changed.wait()

    async def requests(self, count):
        """Waits until so many came, and gives others the time to."""
        await self.until(lambda: len(self.paths) >= count)
        for _ in range(20):
            await asyncio.sleep(0)

    def release(self, count=1):
        for held in [h for h in self.held if not h.done()][:count]:
            held.set_result(None)

    async def serve(self, reader, writer):
        self.open += 1
        self.made += 1
        self.peers.append(writer.get_extra_info("peername")[0])
        try:
            while True:
                head = await reader.readuntil(b"\\r\\n\\r\\n")
                await self.answer(head.split()[1].decode(), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            self.note()
            writer.close()

    async def answer(self, path, writer):
        self.paths.append(path)
        self.busy += 1
        self.peak = max(self.peak, self.busy)
        self.note()
        try:
            if path.startswith("/held"):
                held = asyncio.get_running_loop().create_future()
                self.held.append(held)
                await held
        finally:
            self.busy -= 1
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
'''

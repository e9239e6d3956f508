"""Where the company's events are sent: an endpoint that keeps what it got, and now and then is busy."""

import asyncio
import collections
import zlib

_BUSY_ONE_IN = 100


class Endpoint:
    """Listens on 127.0.0.1; `bodies` are what came under each id. One id of a hundred is refused at first."""

    def __init__(self) -> None:
        self.bodies: dict[str, set[bytes]] = collections.defaultdict(set)
        self.deliveries_count = 0
        self.port = 0
        self._refused: set[str] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers["content-length"]))
            taken = self._take(headers["webhook-id"], body)
            status = b"204 No Content" if taken else b"503 Service Unavailable"
            writer.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the server was killed while it sent
        finally:
            writer.close()

    def _take(self, event_id: str, body: bytes) -> bool:
        if zlib.crc32(event_id.encode()) % _BUSY_ONE_IN == 0 and event_id not in self._refused:
            self._refused.add(event_id)
            return False
        self.deliveries_count += 1
        self.bodies[event_id].add(body)
        return True

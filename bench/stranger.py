"""A stranger: very many connections that show no token and keep the server as busy as they can, for some seconds.

`python -m bench.stranger PORT CONNECTIONS SECONDS`.
"""

import asyncio
import contextlib
import sys

QUESTION = b'{"account": {"id": "x"}}'.ljust(4096)
ASKING = (
    b"POST /v1/next-action HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n" + QUESTION,
    b"GET /v1/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dun_wrong\r\n\r\n",
    b"GET /nothing/here HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
)
DRIPPING = (b"GET / HTTP/1.1\r\nX: ", ASKING[0][:140])


async def ask(port: int, asked: bytes) -> None:
    """Ask again as soon as there is an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or b"0"))
    finally:
        writer.close()


async def drip(port: int, begun: bytes) -> None:
    """Begin a request and send a byte of it now and then."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begun)
        while True:
            await asyncio.sleep(1)
            writer.write(b"x")
            await writer.drain()
    finally:
        writer.close()


async def keep_up(port: int, number: int) -> None:
    """Hold one connection, and open another whenever it is closed."""
    while True:
        with contextlib.suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            if number % 4 == 0:
                await drip(port, DRIPPING[number // 4 % len(DRIPPING)])
            else:
                await ask(port, ASKING[number % len(ASKING)])
        await asyncio.sleep(0.05)


async def attack(port: int, count: int, seconds: float) -> None:
    """Keep up so many connections."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(keep_up(port, number))


if __name__ == "__main__":
    asyncio.run(attack(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))

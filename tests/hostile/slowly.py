"""Ways of sending that take long: headers and bodies that trickle, lengths that lie."""

import asyncio
import time
from contextlib import suppress

from tests.hostile.wire import Door, Reply, head, read_reply, usual

SOCKETS = 200
_LONGEST = 40.0
_BODY = 1000


async def send(manner: str, door: Door, client: str, target: str) -> list[Reply]:
    """Send in this manner, on many sockets where that is its point; an answer for each.

    Status 0 is a connection that the server closed; its `seconds` say when.
    """
    if manner == "{{cl_mismatch}}":
        begun = _start(door, client, target, 100)
        more = _start(door, client, target, 10)
        return list(
            await asyncio.gather(
                _trickle(door, begun + b"x" * 10, b"", 5.0),
                _trickle(door, more + b"x" * 100, b"", 5.0),
            )
        )
    headers = manner == "{{slow_headers}}"
    first = _start(door, client, target, _BODY)
    first, rest = (first[:20], first[20:]) if headers else (first, b"x" * _BODY)
    pause = 5.0 if headers else 1.0
    return list(await asyncio.gather(*(_trickle(door, first, rest, pause) for _ in range(SOCKETS))))


def _start(door: Door, client: str, target: str, length: int) -> bytes:
    headers = [("Content-Type", "application/activity+json"), ("Content-Length", str(length))]
    given = [pair for pair in usual(door, client, headers, None) if pair[0] != "Connection"]
    return head("POST", target, given)


async def _trickle(door: Door, first: bytes, rest: bytes, pause: float) -> Reply:
    """One byte at a time after `first`, until an answer comes or the connection ends."""
    began = time.monotonic()
    reader, writer = await door.open()

    async def drip() -> None:
        with suppress(ConnectionError):
            writer.write(first)
            for byte in rest:
                await asyncio.sleep(pause)
                writer.write(bytes((byte,)))
                await writer.drain()

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(_LONGEST):
            return await read_reply(reader, began)
    except TimeoutError:
        return Reply(-1, seconds=time.monotonic() - began)
    finally:
        dripping.cancel()
        writer.close()

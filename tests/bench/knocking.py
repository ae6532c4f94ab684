"""The load on a server process: many connections, each with its next request ready."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from fedcop.settings import Settings


@dataclass(slots=True)
class Door:
    """A process of `tests.bench.doors` that listens."""

    process: asyncio.subprocess.Process
    port: int

    async def cpu(self, word: bytes = b"?") -> int:
        """The CPU µs that it has used so far; the word `profile` lets it be watched."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + b"\n")
        return await _number(self.process)

    async def knock(self, requests: Sequence[bytes], at_once: int = 100) -> float:
        """CPU µs of the server for each of these requests; raises if one is not answered 2xx.

        Requests that are to be refused are sent with `statuses`.
        """
        found = await self.statuses(requests, at_once)
        assert set(found[1]) <= {b"200", b"202"}, f"answered {set(found[1])}"
        return found[0]

    async def statuses(
        self, requests: Sequence[bytes], at_once: int = 100
    ) -> tuple[float, list[bytes]]:
        """CPU µs for each request, and the statuses."""
        before = await self.cpu()
        lanes = [requests[n::at_once] for n in range(min(at_once, len(requests)))]
        answers = await asyncio.gather(*(self._lane(lane) for lane in lanes))
        spent = await self.cpu() - before
        return spent / len(requests), [status for lane in answers for status in lane]

    async def _lane(self, requests: Sequence[bytes]) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        found: list[bytes] = []
        for request in requests:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            found.append(head[9:12])
            lower = head.lower()
            at = lower.find(b"content-length: ")
            if at >= 0:
                await reader.readexactly(int(lower[at + 16 : lower.index(b"\r", at)]))
            elif b"chunked" in lower:
                await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        return found


@asynccontextmanager
async def door(kind: str, settings: Settings) -> AsyncIterator[Door]:
    """Start a server process, and end it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.doors",
        kind,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    given = {
        "host": settings.host,
        "database_url": settings.database_url,
        "data_dir": str(settings.data_dir),
        "secret_key": settings.secret_key.get_secret_value(),
    }
    process.stdin.write(orjson.dumps(given) + b"\n")
    try:
        yield Door(process, await _number(process))
    finally:
        process.stdin.close()
        await process.wait()


async def _number(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the server process ended; run it by hand: python -m tests.bench.doors whole"
    return int(line)

"""All other servers, in a process of their own, and the way to them: every host has its address."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from aiohttp.abc import AbstractResolver, ResolveResult

from fedcop.log import configure
from fedcop.net.transport import AiohttpTransport
from tests.lab.authority import Authority

_NAMES = "hosts.test"


class Names(AbstractResolver):
    """`n17.hosts.test` has an address of its own in 127.0.0.0/8, as every other number."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        number = int("".join(letter for letter in host.partition(".")[0] if letter.isdigit()))
        return [
            ResolveResult(
                hostname=host,
                host=f"127.1.{number // 250}.{number % 250 + 1}",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        return


@dataclass(slots=True)
class Others:
    """The process of `tests.bench.sink`, and how it is reached."""

    process: asyncio.subprocess.Process
    port: int
    authority: Path | None

    def inboxes(self, many: int, kind: str = "n") -> list[str]:
        """Addresses of so many hosts; those of kind `mute` never answer."""
        scheme = "http" if self.authority is None else "https"
        return [f"{scheme}://{kind}{n}.{_NAMES}:{self.port}/inbox" for n in range(many)]

    def transport(self) -> AiohttpTransport:
        """The product's way out, which finds these hosts and believes their certificate."""
        return way_out(self.authority)

    async def ledger(self, word: str = "tell") -> dict[str, Any]:
        """What has arrived so far; the word `forget` begins anew."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{word}\n".encode())
        return orjson.loads(await self.process.stdout.readline())


def way_out(authority: Path | None) -> AiohttpTransport:
    """A transport that finds the hosts of a sink; `authority` is the file of who certified them."""
    trust = None if authority is None else ssl.create_default_context(cafile=str(authority))
    return AiohttpTransport(allow_private=True, resolver=Names(), trust=trust)


@asynccontextmanager
async def others(folder: Path, *, tls: bool = False, after: float = 0.0) -> AsyncIterator[Others]:
    """Start them; they answer after so many seconds."""
    authority = Authority(folder / "authority") if tls else None
    manner: dict[str, object] = {"after": after}
    if authority is not None:
        certificate, key = authority.certificate_for(f"*.{_NAMES}")
        manner |= {"certificate": str(certificate), "key": str(key)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.sink",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write(orjson.dumps(manner) + b"\n")
    try:
        port = int(await process.stdout.readline())
        yield Others(process, port, None if authority is None else authority.file)
    finally:
        process.stdin.close()
        await process.wait()


@contextmanager
def lines_for_nobody() -> Iterator[None]:
    """Log lines are made as on a server in use, and written to nowhere."""
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        configure("info", "json")
        try:
            yield
        finally:
            configure("error", "json")

"""Servers on real loopback sockets that do whatever a test wants of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest
from aiohttp.abc import AbstractResolver

from fedcop.net.client import Client
from fedcop.net.transport import AiohttpTransport

Script = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """One server: what it was asked, and the connections to it."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Script], Awaitable[Peer]]]:
    """Start a server that answers each request by a script; all are stopped with the test."""
    servers: list[asyncio.Server] = []
    peers: list[Peer] = []
    running: set[asyncio.Task[None]] = set()

    async def start(script: Script) -> Peer:
        peer = Peer()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            running.add(task)
            peer.connections += 1
            try:
                while not writer.is_closing():
                    request = await _request(reader)
                    peer.requests.append(request)
                    await script(request, writer)
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()
                running.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        peer.port = server.sockets[0].getsockname()[1]
        servers.append(server)
        peers.append(peer)
        return peer

    yield start
    for peer in peers:
        peer.released.set()
    for server in servers:
        server.close()
    for task in list(running):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def answer(*lines: str, body: bytes = b"", status: str = "200 OK") -> Script:
    """A script that gives the same answer to each request."""

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        length = () if any("encoding: chunked" in line for line in lines) else (len(body),)
        head = [f"HTTP/1.1 {status}", *lines, *(f"Content-Length: {n}" for n in length)]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    return script


@pytest.fixture
def answering() -> Callable[..., Script]:
    return answer


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    """A transport of development: it may connect to this machine."""
    made = AiohttpTransport(allow_private=True)
    yield made
    await made.aclose()


@pytest.fixture
async def guarded() -> AsyncIterator[Callable[..., AiohttpTransport]]:
    """Makes transports of production, with a name server of the test's."""
    made: list[AiohttpTransport] = []

    def make(resolver: AbstractResolver | None = None) -> AiohttpTransport:
        made.append(AiohttpTransport(resolver=resolver))
        return made[-1]

    yield make
    for transport in made:
        await transport.aclose()


@pytest.fixture
def client(transport: AiohttpTransport) -> Client:
    return Client(transport, user_agent="FedCoP/test (+https://cop.example/)")


@pytest.fixture
def get() -> Callable[[str], httpx.Request]:
    return lambda url: httpx.Request("GET", url)

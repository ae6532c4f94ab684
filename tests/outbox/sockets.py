"""Other servers on real sockets with TLS, which do with a delivery whatever a test wants."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from fedcop.activitypub.client import ActivityPubClient
from fedcop.app import App
from fedcop.db.engine import Database
from fedcop.domain.people.keys import FreshKeys, KeyRing
from fedcop.metrics import Metrics
from fedcop.net.client import Client
from fedcop.outbox.models import Delivery
from fedcop.settings import Settings
from fedcop.uris import Uris
from fedcop.wiring import OBJECT_TYPES, reactions
from tests.lab.names import Asked
from tests.lab.serve import LEDGER, NAMES
from tests.lab.server import Lab
from tests.lab.wires import LabTransport, Ledger
from tests.outbox.conftest import SEALER, Here, Net

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *([^\r:]+)", re.IGNORECASE)
PATIENCE = 0.5
"""Seconds for one delivery, in place of ten."""


def answer(status: int, *lines: str, body: bytes = b"") -> bytes:
    head = [f"HTTP/1.1 {status} -", *lines, f"Content-Length: {len(body)}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


class Sockets:
    """Every other server behind one port: what each does with a POST, and what it has taken."""

    def __init__(self) -> None:
        self.does: dict[str, Callable] = {}
        self.taken: dict[str, list[str]] = {}
        self.heads: list[bytes] = []
        self.more = asyncio.Event()
        self._talking: set[asyncio.Task] = set()

    async def open(self, tls: ssl.SSLContext | None) -> int:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls, backlog=500)
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for task in list(self._talking):
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                body = await reader.readexactly(int(found[1])) if found else b""
                named = _HOST.search(head)
                host = named[1].decode() if named else ""
                if not body:
                    writer.write(answer(404))
                    continue
                self.heads.append(head)
                await self.does.get(host, takes)(self, host, body, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self._talking.discard(task)
            writer.close()

    def take(self, host: str, body: bytes) -> None:
        self.taken.setdefault(host, []).append(orjson.loads(body)["id"])
        self.more.set()

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not ready():
                self.more.clear()
                await self.more.wait()


async def takes(sockets, host, body, writer):
    sockets.take(host, body)
    writer.write(answer(202))


def says(*answers: bytes):
    """One after the other; the last one for ever. What is answered 2xx has been taken."""
    left = list(answers)

    async def do(sockets, host, body, writer):
        said = left.pop(0) if len(left) > 1 else left[0]
        if said.startswith(b"HTTP/1.1 2"):
            sockets.take(host, body)
        writer.write(said)

    return do


async def hangs(sockets, host, body, writer):
    await asyncio.Event().wait()


async def trickles(sockets, host, body, writer):
    """A byte of a header at a time, and never the end of it."""
    writer.write(b"HTTP/1.1 202 Accepted\r\nX-Slow: ")
    while True:
        writer.write(b"z")
        await writer.drain()
        await asyncio.sleep(PATIENCE / 20)


async def trickles_a_body(sockets, host, body, writer):
    """It has taken it, and goes on and on about that."""
    sockets.take(host, body)
    writer.write(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nz\r\n")
        await writer.drain()
        await asyncio.sleep(PATIENCE / 20)


async def resets(sockets, host, body, writer):
    writer.transport.abort()


async def cuts_off(sockets, host, body, writer):
    writer.write(b"HTTP/1.1 202 Acc")
    await writer.drain()
    writer.close()


async def speaks_something_else(sockets, host, body, writer):
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


class World(Here):
    """Our server among hosts on real sockets."""

    sockets: Sockets

    async def waiting(self) -> int:
        return len(await self.rows(Delivery))


@asynccontextmanager
async def world_of_sockets(url: str, keys: FreshKeys, folder: Path) -> AsyncIterator[World]:
    """Our server on this database; every host below peers.test is behind one port."""
    settings = Settings(host="cop.example", database_url=url)
    lab = Lab(folder)
    ledger = Ledger(folder / LEDGER)
    wires = LabTransport(Asked(folder / NAMES), ledger)
    wires._trust = ssl.create_default_context(cafile=lab.authority.file)
    client = ActivityPubClient(Client(wires, user_agent="FedCoP/test"))
    ring = KeyRing(SEALER)
    app = App(
        settings=settings,
        uris=Uris("cop.example"),
        db=Database(settings.database),
        metrics=Metrics(),
        client=client,
        reactions=reactions(ring),
        objects=OBJECT_TYPES,
        keys=ring,
    )
    world = World(app, Net(), keys)
    world.sockets = Sockets()
    port = await world.sockets.open(lab.authority.tls_for("*.peers.test"))
    lab.names.point("*.peers.test", port)
    lab.names.point("other.name.test", port)  # which the certificate does not cover
    yield world
    await client.client.aclose()
    await world.sockets.close()
    await app.db.close()


async def garden(world: World, *hosts: str) -> tuple[int, int]:
    ada = await world.person("ada")
    home = await world.community("garden", ada)
    for host in hosts:
        await world.member(home, await world.remote(host, "eve", "lemmy"))
    return ada, home

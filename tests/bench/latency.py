"""How long pages and the inbox keep one waiting while thousands of activities are processed.

The load is open: a request is due at its time, whether the one before was answered or not, and its
delay counts from when it was due. It comes from this process; the server is another one.
"""

import asyncio
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import orjson
from sqlalchemy import func, select

from fedcop.domain.access.sessions import begin
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.inbox.models import InboxMessage
from fedcop.settings import Settings
from fedcop.work.unit_of_work import UnitOfWork
from tests.bench.databases import Place
from tests.bench.measure import Figure
from tests.bench.pages import filled
from tests.bench.town import HOST, Town, town

POSTS, QUEUED = 50, 5_000
PAGES_A_SECOND, MEMBERS_PAGES_A_SECOND, POSTS_A_SECOND = 100, 5, 50
_LONGEST, _PATIENCE = 90.0, 5.0
_WARM, _CALM = 30, 5.0
_MOST_POSTED = _WARM + int((_LONGEST + _CALM + _PATIENCE) * POSTS_A_SECOND)
_COOKIE = "__Host-fedcop"


async def while_processing(place: Place, many: int) -> list[Figure]:
    """The delays of pages and of `POST /inbox`, from the first to the last of the queued."""
    async with town(place.database(), place.folder) as here:
        path = await filled(here, POSTS - 1)
        other, token = await here.house.app.act(lambda uow: _elsewhere(uow, here))
        queued = 1_000 if place.quick else QUEUED
        posts = iter([here.signed(*here.reply(to=other)) for _ in range(_MOST_POSTED)])
        async with working(here.settings) as port:
            cookie = f"Cookie: {_COOKIE}={token}\r\n"
            asked = {"page": _get(path), "member's page": _get(path, cookie)}
            await _warm(port, asked, posts)
            calm = await _under_load(port, asked, posts, asyncio.sleep(_CALM))
            await here.keep([here.reply(to=other) for _ in range(queued)])
            load = await _under_load(port, asked, posts, _until_done(here, queued))
    figures: list[Figure] = []
    for name, (must, aim) in {
        "page": (15, 8),
        "member's page": (None, None),
        "POST /inbox": (50, 25),
    }.items():
        middle, late, last = (load.milliseconds(name, part) for part in (0.5, 0.95, 0.99))
        said = f"p50 {middle:.1f}, p95 {late:.1f}; {len(load.delays[name])} requests in "
        said += f"{load.seconds:.1f} s"
        if load.refused[name]:
            said += f", {load.refused[name]} of them not answered or refused"
        figures.append(
            Figure(
                name=f"while-processing: {name}",
                on=place.kind,
                value=last,
                of="ms (p99)",
                unit="request",
                must=must,
                aim=aim,
                note=f"{said}, while {queued} queued activities were processed; p99 "
                f"{calm.milliseconds(name, 0.99):.1f} under the same load before they were queued",
            )
        )
    return figures


def _elsewhere(uow: UnitOfWork, here: Town) -> tuple[str, str]:
    """Another discussion, to which the queued belong, and a session of Ada's."""
    words = compose_starter(uow.session, uow.uris, "Which tools?", "Spade or fork? " * 20)
    place = uow.get(Community, here.garden)
    return start(uow, uow.get(Actor, here.ada), place, words).uri, begin(uow, here.ada)


def _get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n{more}\r\n".encode()


async def _warm(port: int, asked: Mapping[str, bytes], posts: Iterator[bytes]) -> None:
    """Let the server do each a few times: what it learns in its first second is measured by
    itself, as the time from its start to its first answers."""
    first = Load(port)
    for _ in range(_WARM):
        for request in (*asked.values(), next(posts)):
            await first.ask(time.monotonic(), request, [])
    for _, writer in first.idle:
        writer.close()


async def _under_load(
    port: int, asked: Mapping[str, bytes], posts: Iterator[bytes], until: Awaitable[None]
) -> "Load":
    """The load from now on, until that has ended."""
    load = Load(port)

    async def end() -> None:
        try:
            await until
        finally:
            load.stop()

    await asyncio.gather(
        load.run("page", PAGES_A_SECOND, lambda: asked["page"]),
        load.run("member's page", MEMBERS_PAGES_A_SECOND, lambda: asked["member's page"]),
        load.run("POST /inbox", POSTS_A_SECOND, lambda: next(posts)),
        end(),
    )
    return load


async def _until_done(here: Town, queued: int) -> None:
    """Until all that was queued has been processed."""
    newest = await here.house.app.read(lambda s: s.scalar(select(func.max(InboxMessage.id)))) or 0
    left = select(func.count(InboxMessage.id)).where(
        InboxMessage.id <= newest, InboxMessage.state == "waiting"
    )
    began = time.monotonic()
    while time.monotonic() - began < _LONGEST:
        await asyncio.sleep(0.25)
        if not await here.house.app.read(lambda s: s.scalar(left)):
            return
    raise AssertionError(f"{queued} activities were not processed within {_LONGEST} s")


@dataclass
class Load:
    """Requests at their times, over as many connections as it takes."""

    port: int
    delays: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    refused: Counter[str] = field(default_factory=Counter[str])
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    _stopped: bool = False

    async def run(self, name: str, rate: float, request: Callable[[], bytes]) -> None:
        """One request each 1/`rate` seconds, until `stop`."""
        found = self.delays[name] = []
        asked: list[asyncio.Task[None]] = []
        for due in _times(self.began, rate):
            await asyncio.sleep(due - time.monotonic())
            if self._stopped:
                break
            asked.append(asyncio.create_task(self.ask(due, request(), found)))
        done, late = await asyncio.wait(asked, timeout=_PATIENCE)
        for task in late:
            task.cancel()
        refused = len(late) + sum(task.exception() is not None for task in done)
        self.refused[name] = refused
        found += [_PATIENCE] * refused

    def milliseconds(self, name: str, part: float) -> float:
        """The delay that so great a part of these requests has not exceeded."""
        delays = sorted(self.delays[name])
        return 1_000 * delays[int(part * len(delays))]

    def stop(self) -> None:
        self._stopped = True
        self.seconds = time.monotonic() - self.began

    async def ask(self, due: float, request: bytes, found: list[float]) -> None:
        """One request, and its delay since it was `due`, in seconds, added to `found`.

        A connection that the server has closed meanwhile, as it may, is replaced, as browsers do.
        """
        while self.idle:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._exchange(*self.idle.pop(), request)
                break
        else:
            opened = await asyncio.open_connection("127.0.0.1", self.port)
            await self._exchange(*opened, request)
        found.append(time.monotonic() - due)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> None:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head[9:12] in {b"200", b"202"}, head
        at = head.find(b"content-length: ")
        if at >= 0:
            await reader.readexactly(int(head[at + 16 : head.index(b"\r", at)]))
        else:
            await reader.readuntil(b"\r\n0\r\n\r\n")
        self.idle.append((reader, writer))


def _times(began: float, rate: float) -> Iterator[float]:
    number = 0
    while True:
        yield began + number / rate
        number += 1


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[int]:
    """A server process with its worker; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.working"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    given = {
        "host": settings.host,
        "database_url": settings.database_url,
        "data_dir": str(settings.data_dir),
        "secret_key": settings.secret_key.get_secret_value(),
        "bind": f"127.0.0.1:{port}",
    }
    process.stdin.write(orjson.dumps(given) + b"\n")
    try:
        assert await process.stdout.readline() == b"listens\n"
        yield port
    finally:
        process.stdin.close()
        await process.wait()

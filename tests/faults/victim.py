"""The server that is killed: furnished once, then started, killed, and started again."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from fedcop.bootstrap import build
from fedcop.domain.access.sessions import begin
from fedcop.domain.communities.found import found
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.domain.site.found import set_up
from fedcop.settings import Settings
from fedcop.work.unit_of_work import UnitOfWork
from tests.doors.peers import HOME
from tests.faults.hosts import Hosts
from tests.faults.people import Town
from tests.lab.server import DidNotStart, Lab, LabServer

_READY_WITHIN = 60.0
_DURING_START = 0.12
"""So often it is killed before it is ready."""


async def furnish(settings: Settings, town: Town) -> tuple[dict[str, str], str]:
    """Ada, her communities, and a discussion of hers in each: their URIs by the community's.

    With them comes the token by which she is signed in.
    """
    house = build(settings)
    keys = await house.app.fresh_keys()

    def act(uow: UnitOfWork) -> tuple[dict[str, str], str]:
        set_up(uow, name=HOME, keys=keys)
        ada = register(uow, name="ada", display_name="Ada", keys=keys)
        starters: dict[str, str] = {}
        for uri in town.communities:
            name = uri.rpartition("/")[2]
            place = found(
                uow, ada, name=name, title=name.title(), purpose="", charter="", keys=keys
            )
            words = compose_starter(uow.session, uow.uris, "Which soil?", "Clay or sand?")
            starters[uri] = start(uow, ada, place, words).uri
        return starters, begin(uow, ada.id)

    try:
        return await house.app.act(act)
    finally:
        await house.close()


@dataclass
class Victim:
    """The process, and how often and how fast it came back."""

    server: LabServer
    hosts: Hosts
    seed: int
    kills: int = 0
    ready: list[float] = field(default_factory=list[float])
    """Seconds from each start to the first 200 of /readyz."""
    waited: list[float] = field(default_factory=list[float])
    """How many of these it could run and was given no processor, because others were busy."""

    def __post_init__(self) -> None:
        self._random = random.Random(f"kills {self.seed}")

    async def start(self) -> None:
        """Start, and wait until it says that it is ready. Raises DidNotStart."""
        self.hosts.life += 1
        begun = time.monotonic()
        await self.server.start()
        async with self.server.client(timeout=5.0) as client:
            while not await is_ready(client):
                if time.monotonic() - begun > _READY_WITHIN:
                    raise DidNotStart("it listens, and is not ready")
                await asyncio.sleep(0.02)
        self.ready.append(time.monotonic() - begun)
        self.waited.append(_seconds_in_the_queue(self.server.pid))

    async def kill(self) -> None:
        """SIGKILL to the whole process group."""
        await self.server.kill()
        self.kills += 1

    async def stumble(self) -> bool:
        """Now and then: a start that is cut off before it is ready."""
        if self._random.random() > _DURING_START:
            return False
        self.hosts.life += 1
        starting = asyncio.create_task(self.server.start())
        await asyncio.sleep(self._random.uniform(0.05, 1.5))
        await self.server.kill()
        with suppress(DidNotStart):
            await starting
        await self.server.kill()
        self.kills += 1
        return True

    def moment(self) -> tuple[float, float]:
        """When to kill next: at which share of the activities allowed, and how long after that."""
        share = self._random.random()
        return share, self._random.choice((0.0, self._random.uniform(0.05, 1.5)))


async def is_ready(client: httpx.AsyncClient) -> bool:
    """Whether /readyz answers 200."""
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


def _seconds_in_the_queue(pid: int) -> float:
    """How long its main thread has been ready to run without running (0 where nobody counts)."""
    counted = Path(f"/proc/{pid}/schedstat")
    return int(counted.read_text().split()[1]) / 1e9 if counted.exists() else 0.0


def lay(folder: Path, database_url: str | None) -> LabServer:
    """A server of the laboratory that does not run yet."""
    settings = {"database_url": database_url} if database_url else {}
    return LabServer(Lab(folder), HOME, {**settings, "log_level": "warning"})

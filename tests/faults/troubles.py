"""What can befall a server: each trouble strikes once when it is told to, and measures the end."""

import asyncio
import random
import resource
import sys
import time
from pathlib import Path
from typing import Protocol

import httpx
from sqlalchemy import make_url

from tests.databases import PostgreSql
from tests.faults.victim import Victim, is_ready

_PATIENCE = 60.0


class Trouble(Protocol):
    """Strikes the server while people speak to it."""

    bound: float
    """Seconds within which it has to be well again, for 95 % of the strikes."""
    cuts: bool
    """Whether requests may stay without an answer: only if the process itself ends."""
    wrong: list[str]
    again: list[float]
    """Seconds from the end of each trouble until the server was ready."""
    waited: list[float]
    """How many of these it was given no processor, because the machine was busy with others."""

    @property
    def strikes(self) -> int: ...

    async def strike(self, most: int) -> None:
        """Strike, at most so many times at once, and return when the server is ready again."""
        ...


class Killed:
    """`kill -9`, and sometimes once more while it starts."""

    bound, cuts = 5.0, True

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self.wrong: list[str] = []

    @property
    def strikes(self) -> int:
        return self._victim.kills

    @property
    def again(self) -> list[float]:
        return self._victim.ready

    @property
    def waited(self) -> list[float]:
        return self._victim.waited

    async def strike(self, most: int) -> None:
        before = self._victim.kills
        await self._victim.kill()
        while self._victim.kills - before < most and await self._victim.stumble():
            pass
        await self._victim.start()


class _Counted:
    """What has no list of its own elsewhere."""

    cuts = False

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self.strikes = 0
        self.wrong: list[str] = []
        self.again: list[float] = []
        self.waited: list[float] = []

    async def _until_ready(self) -> None:
        begun = time.monotonic()
        async with self._victim.server.client(timeout=10.0) as client:
            while not await is_ready(client):
                if time.monotonic() - begun > _PATIENCE:
                    self.wrong.append("it does not get ready again by itself")
                    break
                await asyncio.sleep(0.02)
        self.again.append(time.monotonic() - begun)
        self.waited.append(0.0)

    async def _page(self) -> int:
        """The status of a page that only reads."""
        async with self._victim.server.client(timeout=10.0) as client:
            try:
                said = await client.get("/c/place0", headers={"Accept": "text/html"})
            except httpx.HTTPError:
                return 0
            return said.status_code


class Stopped(_Counted):
    """SIGTERM: what is under way is finished, and the exit status is 0."""

    bound, cuts = 5.0, True

    async def strike(self, most: int) -> None:
        self.strikes += 1
        begun = time.monotonic()
        status = await self._victim.server.stop()
        if status != 0:
            self.wrong.append(f"told to stop, it ended with status {status}")
        if time.monotonic() - begun > 30.0:
            self.wrong.append(f"told to stop, it took {time.monotonic() - begun:.0f} s")
        await self._victim.start()
        self.again.append(self._victim.ready[-1])
        self.waited.append(self._victim.waited[-1])


class DatabaseBrokenOff(_Counted):
    """PostgreSQL ends at once, and is started again; the server stays up."""

    bound = 10.0

    def __init__(self, victim: Victim, postgresql: PostgreSql, seed: int) -> None:
        super().__init__(victim)
        self._postgresql = postgresql
        self._random = random.Random(f"breaks {seed}")

    async def strike(self, most: int) -> None:
        self.strikes += 1
        await asyncio.to_thread(self._postgresql.break_off)
        await asyncio.sleep(self._random.uniform(0.1, 1.5))
        await asyncio.to_thread(self._postgresql.start)
        await self._until_ready()


class Locked(_Counted):
    """Another process holds the SQLite file for longer than anybody waits."""

    bound = 10.0
    seconds = 6.0

    async def strike(self, most: int) -> None:
        self.strikes += 1
        holder = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _HOLD,
            str(file_of(self._victim)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert holder.stdout is not None
        await holder.stdout.readline()
        await asyncio.sleep(self.seconds)
        if await self._page() != 200:
            self.wrong.append("a page could not be read while another wrote")
        await holder.communicate(b"\n")
        await self._until_ready()


class DiskFull(_Counted):
    """No file of the server grows beyond what it is, for a while."""

    bound = 10.0
    seconds = 2.0

    async def strike(self, most: int) -> None:
        self.strikes += 1
        pid = self._victim.server.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1 << 18, before[1]))
        await asyncio.sleep(self.seconds)
        if await self._page() != 200:
            self.wrong.append("a page could not be read while the disk was full")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        await self._until_ready()


class File(_Counted):
    """The file is locked, and its disk is full, in turn."""

    bound = 10.0

    def __init__(self, victim: Victim) -> None:
        super().__init__(victim)
        self._kinds = (Locked(victim), DiskFull(victim))

    async def strike(self, most: int) -> None:
        one = self._kinds[self.strikes % 2]
        self.strikes += 1
        await one.strike(1)
        self.wrong += one.wrong
        self.again.append(one.again[-1])
        self.waited.append(0.0)


_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def file_of(victim: Victim) -> Path:
    """The SQLite file of the server."""
    return Path(make_url(victim.server.settings.database).database or "")


def make(kind: str, victim: Victim, postgresql: PostgreSql | None, seed: int) -> Trouble:
    """The trouble of this name. Raises ValueError if the database cannot have it."""
    if kind == "break":
        if postgresql is None:
            raise ValueError("only PostgreSQL can break off")
        return DatabaseBrokenOff(victim, postgresql, seed)
    if kind in {"lock", "full", "file"} and postgresql is not None:
        raise ValueError("only the file of SQLite can be locked, or its disk be full here")
    kinds = {"kill": Killed, "stop": Stopped, "lock": Locked, "full": DiskFull, "file": File}
    return kinds[kind](victim)


KINDS = ("kill", "stop", "break", "lock", "full", "file")

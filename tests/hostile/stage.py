"""One server process with its hosts: started, brought to rest, put back to how the world was."""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.hostile.hosts import Asked, Hosts
from tests.hostile.paths import Paths
from tests.hostile.people import HOSTS, KIND
from tests.hostile.snapshot import Snapshot
from tests.hostile.wire import Door, Reply, exchange, head
from tests.hostile.world import SECRET, Hand, World, inside
from tests.lab.server import Lab, LabServer

_REST_SECONDS = 25.0
_TICK = 0.02
_STILL = """
SELECT (SELECT count(*) FROM inbox_messages
        WHERE state = 'waiting' AND (error IS NULL OR due_at <= :now))
     + (SELECT count(*) FROM told WHERE NOT spread)
     + (SELECT count(*) FROM jobs
        WHERE state = 'waiting' AND (due_at <= :now OR (attempts > 0 AND error IS NULL)))
     + (SELECT count(*) FROM deliveries d JOIN hosts h ON h.id = d.host_id
        WHERE NOT h.parked AND NOT h.blocked AND h.failing_since IS NULL)
"""


class Stage:
    """A laboratory of its own with one server, whose database is a copy of the world's."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world, self.paths = world, Paths(world)
        self.lab = Lab(folder)
        self.hosts = Hosts()
        data = folder / "database"
        data.mkdir(parents=True, exist_ok=True)
        self.file = data / "fedcop.db"
        self.server = LabServer(
            self.lab,
            HOSTS["L"],
            {"database_url": f"sqlite:///{self.file}", "secret_key": SECRET},
        )
        self.door = Door(self.server.address, self.server.port, HOSTS["L"])
        self.since = 0.0
        self._turn = 0

    async def open(self) -> None:
        """Start hosts and server, with the world as it was laid."""
        self.port = await self.hosts.start(self.lab)
        self._copy()
        await self.up()

    async def up(self) -> None:
        """Start the server over the database as it is, and let it open its first pages."""
        await self.server.start()
        for target, accept in (("/", "text/html"), ("/c/public", "text/html"), ("/", KIND)):
            await self.get(target, accept)
        await self.rest()
        self.mark()

    async def warm(self) -> None:
        """Open what a page costs only the first time: its template, its queries."""
        cookie = f"__Host-fedcop={self.world.sessions['lara']}"
        post = self.world.uris["public"].removeprefix(f"https://{HOSTS['L']}")
        thread = (await self.get(post, cookie=cookie)).header("location") or post
        for target in (
            "/c/public/new",
            thread.removeprefix(f"https://{HOSTS['L']}"),
            "/search?q=x",
        ):
            await self.get(target, cookie=cookie)

    async def close(self) -> None:
        await self.server.kill()
        await self.hosts.close()

    async def anew(self) -> None:
        """A fresh process over a fresh world: no cache of the server knows anything."""
        await self.server.kill()
        self._copy()
        self.hosts.forget()
        await self.up()

    def restore(self) -> None:
        """Put the world back under the running server, which is at rest."""
        with (
            closing(sqlite3.connect(self.world.file)) as laid,
            closing(sqlite3.connect(self.file, timeout=10)) as here,
        ):
            laid.backup(here)

    @asynccontextmanager
    async def hand(self) -> AsyncGenerator[Hand]:
        """Write into the database as the product does, while the server rests."""
        async with inside(self.file) as hand:
            yield hand

    def mark(self) -> None:
        """From here on the ledgers count."""
        self.since = time.time()
        self.hosts.asked.clear()

    def snapshot(self) -> Snapshot:
        return Snapshot(self.file)

    def asked(self) -> list[Asked]:
        """What reached the hosts since the mark."""
        return list(self.hosts.asked)

    def ledger(self) -> list[dict[str, Any]]:
        """What the server looked up and connected to since the mark."""
        return self.lab.ledger(self.since)

    def client(self) -> str:
        """Another address, as the proxy says, for the next who asks."""
        self._turn += 1
        return f"198.18.{self._turn // 250}.{1 + self._turn % 250}"

    async def rest(self, patience: float = _REST_SECONDS) -> bool:
        """Wait until nothing is due, asked for or on its way; False if that never comes."""
        end = time.monotonic() + patience
        quiet = 0
        while time.monotonic() < end:
            quiet = quiet + 1 if self._is_still() else 0
            if quiet >= 2:
                return True
            await asyncio.sleep(_TICK)
        return False

    async def get(self, target: str, accept: str = "text/html", cookie: str = "") -> Reply:
        """A page or a document, as anybody (or who has the cookie) gets it."""
        headers = [
            ("Host", self.door.host),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-For", self.client()),
            ("Accept", accept),
            ("Connection", "close"),
        ]
        if cookie:
            headers.append(("Cookie", cookie))
        return await exchange(self.door, head("GET", target, headers), patience=15)

    def cpu(self) -> float:
        """Seconds of CPU that the server has used, all threads together."""
        total = 0
        for thread in Path(f"/proc/{self.server.pid}/task").iterdir():
            with suppress(OSError):
                total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory(self) -> int:
        """The largest resident size since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def resident(self) -> int:
        return self._status("VmRSS")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.server.pid}/clear_refs").write_text("5")

    def alive(self) -> bool:
        if not self.server.is_running:
            return False
        with suppress(ProcessLookupError):
            os.kill(self.server.pid, 0)
            return True
        return False

    def log(self) -> str:
        return self.server.log.read_text("utf-8", "replace")

    def log_lines(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for line in self.log().splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.server.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        return 0

    def _is_still(self) -> bool:
        now = datetime.now(UTC) + timedelta(milliseconds=5)
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=5)) as db:
            text = f"{now:%Y-%m-%d %H:%M:%S.%f}"
            return db.execute(_STILL, {"now": text}).fetchone()[0] == 0

    def _copy(self) -> None:
        for beside in ("-wal", "-shm"):
            self.file.with_name(self.file.name + beside).unlink(missing_ok=True)
        self.file.write_bytes(self.world.file.read_bytes())

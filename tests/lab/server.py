"""A laboratory, and a server in it as a process: started, killed, started again."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from fedcop.cli.setup import make_secret
from fedcop.settings import Settings
from tests.databases import lay_sqlite
from tests.lab.authority import Authority
from tests.lab.names import Names
from tests.lab.serve import LEDGER, NAMES

_PATIENCE = 60.0
_ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """A folder with the names, the ledger and the authority that its servers believe."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.names = Names(folder / NAMES)
        self.authority = Authority(folder / "authority")

    def ledger(self, since: float = 0.0) -> list[dict[str, Any]]:
        """What the servers looked up and connected to since a moment of `time.time()`."""
        file = self.folder / LEDGER
        lines = file.read_text().splitlines() if file.exists() else []
        return [entry for entry in map(json.loads, lines) if entry["at"] >= since]


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


class DidNotStart(AssertionError):
    """The process ended, or did not listen in time; the message has the end of its log."""


class LabServer:
    """One server process. Its data, log and settings are in `folder` (by default the lab's own).

    `settings` are FedCoP's, by their names. Without a `database_url` it has a migrated SQLite
    file. `address` and `port` stay the same when it is started again.
    """

    def __init__(
        self,
        lab: Lab,
        host: str,
        settings: Mapping[str, object] | None = None,
        *,
        worker: bool = True,
    ) -> None:
        self.lab, self.host = lab, host
        self.folder = lab.folder / host
        self.data = self.folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log"
        self.address = (
            f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(2, 254)}"
        )
        with socket.create_server((self.address, 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.seconds_to_ready = 0.0
        given = {"host": host, "data_dir": self.data, **(settings or {})}
        if "database_url" not in given:
            given["database_url"] = lay_sqlite(self.data / "fedcop.db")
        self.settings = Settings(bind=f"{self.address}:{self.port}", log_format="json", **given)
        make_secret(self.settings)
        self._words = [] if worker else ["--no-worker"]
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise DidNotStart(f"{self.host} is not running")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and wait until it listens. Raises DidNotStart."""
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.lab.serve",
                str(self.lab.folder),
                *self._words,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=log,
                cwd=_ROOT,
                env=self._environment(),
                start_new_session=True,
            )
        said = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                said = await self._read_line(self._process)
        if said.strip() != b"ready":
            await self.kill()
            raise DidNotStart(f"{self.host} did not start:\n{self.log.read_text()[-4000:]}")
        self.seconds_to_ready = time.monotonic() - begun

    async def kill(self) -> None:
        """SIGKILL to the process and all of its children."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM, and wait for its end; the exit status."""
        return await self._end(signal.SIGTERM)

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A client that speaks to it as the proxy before it does, for `https://HOST/…`."""
        return httpx.AsyncClient(
            base_url=f"http://{self.address}:{self.port}",
            headers={"Host": self.host, "X-Forwarded-Proto": "https"},
            timeout=options.pop("timeout", 30.0),
            trust_env=False,
            **options,
        )

    async def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
        status = await self._process.wait()
        self._process = None
        return status

    @staticmethod
    async def _read_line(process: Process) -> bytes:
        """The first line that is `ready`, or nothing if the process ends before."""
        if process.stdout is None:
            return b""
        async for line in process.stdout:
            if line.strip() == b"ready":
                return line
        return b""

    def _environment(self) -> dict[str, str]:
        mine = {name: text for name, text in os.environ.items() if not name.startswith("FEDCOP_")}
        given = {
            f"FEDCOP_{name.upper()}": _plain(getattr(self.settings, name))
            for name in self.settings.model_fields_set
        }
        return (
            mine
            | given
            | {
                "FEDCOP_CONFIG": str(self.folder),
                "FEDCOP_TRUSTED_PROXIES": "127.0.0.0/8",
                "SSL_CERT_FILE": str(self.lab.authority.file),
                "PYTHONUNBUFFERED": "1",
            }
        )

"""Servers as processes of their own: started, listened to, stopped, killed."""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fedcop.errors import Conflict

LINE = "line"
"""The event of a line that is no JSON: its `text`."""
_GRACE_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    words: str


async def run(command: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a command to its end, with no settings but these."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=_with(environment)
    )
    said, _ = await process.communicate()
    return Ended(process.returncode or 0, said.decode(errors="replace").strip())


def _with(environment: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of this process, without settings of a server, and these."""
    inherited = {n: v for n, v in os.environ.items() if not n.startswith("FEDCOP_")}
    return inherited | {"PYTHONUNBUFFERED": "1"} | dict(environment or {})


class ServerProcess:
    """A command that serves; it may tell what happens by lines of JSON with an `event`.

    All else that it says goes to the file `log`.
    """

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command, self._log = list(command), log
        self._environment = _with(environment)
        self._process: Process | None = None
        self._told: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; returns at once."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=DEVNULL, stdout=PIPE, stderr=log, env=self._environment
            )
        self._reader = asyncio.create_task(self._listen(self._process))

    async def _listen(self, process: Process) -> None:
        if process.stdout is not None:
            async for line in process.stdout:
                if line.startswith(b'{"event"'):
                    self._told.put_nowait(json.loads(line))
                else:
                    self._told.put_nowait({"event": LINE, "text": line.decode().strip()})
        self._told.put_nowait(None)

    async def hear(self, event: str, seconds: float) -> dict[str, Any]:
        """Wait until it tells of this. Raises Conflict if it ends before, or takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while (said := await self._told.get()) is not None:
                    if said["event"] == event:
                        return said
        except TimeoutError:
            raise Conflict(
                f"The server does not get ready within {seconds:.0f} s. Its last words are in "
                f"{self._log}."
            ) from None
        raise Conflict(f"The server has ended. Why is in {self._log}:\n{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-5:])

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def wait(self) -> None:
        """Return when the process has ended."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """End it in good order, and by force if it takes too long."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            await self.kill()
        await self._finish()

    async def kill(self) -> None:
        """End it as a power cut does: `kill -9`."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._finish()

    async def _finish(self) -> None:
        if self._reader is not None:
            await self._reader

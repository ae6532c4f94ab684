"""Both servers of the demo at once, from their start to the end of the show."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fedcop.demo.processes import ServerProcess
from fedcop.demo.prose import Home
from fedcop.demo.stage import HOMES, SECONDS_TO_SEED, TITLES, Stage

COMMAND = "demo-server"


@dataclass(frozen=True, slots=True)
class Ready:
    """One server that can be looked at: its title, its address, and the way in for a steward."""

    title: str
    address: str
    steward: str
    link: str


async def show(
    stage: Stage,
    ready: Callable[[Mapping[Home, Ready], float], None],
    stop: asyncio.Event,
) -> None:
    """Start both, call `ready` with them and the seconds it took, and run until `stop` is set.

    Raises Conflict if a server ends by itself.
    """
    began = time.monotonic()
    servers = {home: _server(stage, home) for home in HOMES}
    ended: list[asyncio.Task[None]] = []
    try:
        for server in servers.values():
            await server.start()
        told = await asyncio.gather(
            *(server.hear("seeded", SECONDS_TO_SEED + 60) for server in servers.values())
        )
        found: dict[Home, Ready] = {
            home: Ready(TITLES[home], stage.base(home), said["steward"], said["link"])
            for home, said in zip(HOMES, told, strict=True)
        }
        ready(found, time.monotonic() - began)
        ended = [asyncio.create_task(server.wait()) for server in servers.values()]
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({*ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
    finally:
        await asyncio.gather(*(server.stop() for server in servers.values()))
        for task in ended:
            await task


def _server(stage: Stage, home: Home) -> ServerProcess:
    command = [sys.executable, "-m", "fedcop", COMMAND, home]
    place = ["--folder", str(stage.folder), "--port", str(stage.port)]
    return ServerProcess([*command, *place], stage.folder / f"{home}.log")

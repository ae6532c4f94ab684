"""Lets a whole server listen: pages, doors and worker in one process, until a signal ends it."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from fedcop.bootstrap import House, build
from fedcop.cli.opening import check_secret
from fedcop.cli.ports import listen_on, on_signals
from fedcop.cli.setup import bring_up_to_date, set_up_if_new
from fedcop.db.serving import alone
from fedcop.errors import Conflict
from fedcop.log import logger
from fedcop.net.open_files import raise_limit
from fedcop.settings import Settings
from fedcop.web.patience import PatientProtocol

Beside = Callable[[House, asyncio.Event], Awaitable[None]]
"""Something that runs beside the server until the event is set."""

GARBAGE = 2_000, 5, 1_000
"""The thresholds of the garbage collector: it looks often, at little. Everybody waits while it
frees what is in a circle, about a millisecond for 2,000 objects."""
_GRACE_SECONDS = 5
_log = logger("serve")


class Server(uvicorn.Server):
    """uvicorn without its own signals (the worker must stop, too), that says when it listens."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None]) -> None:
        super().__init__(config)
        self._listens = listens

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listens()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to serve: with the worker or not, what runs beside, what is called when it listens.

    `title` is the name of a server that is set up by this; `put_together` makes the server.
    """

    title: str = ""
    put_together: Callable[[Settings], House] = build
    worker: bool = True
    beside: Beside | None = None
    listens: Callable[[House], None] | None = None


def serve(settings: Settings, manner: Manner) -> None:
    """Serve until SIGINT or SIGTERM.

    A database that is behind is brought up to date before, and an empty one set up. Raises
    Conflict for a taken port, a database of another host or of a newer version, or an SQLite
    database on which a server runs already.
    """
    check_secret(settings)
    raise_limit()
    listening = listen_on(settings.bind)
    factory = config(settings).get_loop_factory()
    in_use = alone(settings.database)
    with listening, in_use, asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(settings, listening, manner))


def config(settings: Settings, app: Any = None) -> uvicorn.Config:
    """How uvicorn serves an application of ours (the bench serves its limits in the same way)."""
    return uvicorn.Config(
        app=app or "",
        http=PatientProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


async def _serve(settings: Settings, listening: socket.socket, manner: Manner) -> None:
    house = manner.put_together(settings)
    try:
        if not manner.worker and house.app.db.is_sqlite:
            raise Conflict(
                "With SQLite the worker runs inside the server: leave --no-worker away. Only with "
                "PostgreSQL it can be a process of its own (fedcop worker)."
            )
        await bring_up_to_date(house.app, settings.data_dir / "backups")
        await set_up_if_new(house.app, manner.title)
        await house.start()
        house.web.state.worker_inside = manner.worker
        await _run(house, listening, manner)
    finally:
        await house.close()


async def _run(house: House, listening: socket.socket, manner: Manner) -> None:
    """Pages, worker and what runs beside; the first to be told to stop are the pages."""

    def listens() -> None:
        settle_memory()
        if manner.listens is not None:
            manner.listens(house)

    stop = asyncio.Event()
    server = Server(config(house.app.settings, house.web), listens)

    def end() -> None:  # a second signal does not wait for open requests
        house.web.state.stopping = True
        server.force_exit = server.should_exit
        server.should_exit = True

    on_signals(end)
    async with asyncio.TaskGroup() as group:
        if manner.worker:
            group.create_task(house.run_worker(stop))
        if manner.beside is not None:
            group.create_task(_whenever(manner.beside, house, stop))
        group.create_task(_answer(server, listening, stop))


async def _answer(server: uvicorn.Server, listening: socket.socket, stop: asyncio.Event) -> None:
    """Answer requests until told to stop; then the rest of the server may stop, too."""
    try:
        await server.serve(sockets=[listening])
    finally:
        stop.set()


async def _whenever(beside: Beside, house: House, stop: asyncio.Event) -> None:
    """What runs beside the server may fail without ending it."""
    try:
        await beside(house, stop)
    except Exception:  # noqa: BLE001  an extra, not the server
        _log.exception("what runs beside the server failed")


def settle_memory() -> None:
    """What is loaded now stays: the collector need not look at it again (measured: half of p99)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


def work_alone(settings: Settings) -> None:
    """Run the worker without a server, until SIGINT or SIGTERM. Raises Conflict on SQLite."""
    check_secret(settings)
    raise_limit()
    asyncio.run(_work_alone(settings))


async def _work_alone(settings: Settings) -> None:
    house = build(settings)
    try:
        if house.app.db.is_sqlite:
            raise Conflict(
                "With SQLite the worker runs inside the server: fedcop serve is all that is "
                "needed. A worker of its own needs PostgreSQL (FEDCOP_DATABASE_URL)."
            )
        await house.start()
        stop = asyncio.Event()
        on_signals(stop.set)
        settle_memory()
        await house.run_worker(stop)
    finally:
        await house.close()

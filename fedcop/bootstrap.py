"""Puts the house together once: settings in, everything that runs out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy.orm import Session

from fedcop import __version__
from fedcop.activitypub.client import ActivityPubClient
from fedcop.app import BELLS, App
from fedcop.db.engine import Database
from fedcop.db.notify import listen
from fedcop.db.presence import Presence
from fedcop.domain.people.keys import KeyRing, Sealer
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.departure import go_on
from fedcop.domain.search.fill import Filled, fill
from fedcop.domain.site.found import check_host
from fedcop.errors import Conflict
from fedcop.inbox import messages
from fedcop.inbox.backfill import catch_up_community
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.process import Processor
from fedcop.inbox.receive import Receiver
from fedcop.inbox.resolve import Resolver
from fedcop.metrics import Metrics
from fedcop.net.client import Client
from fedcop.net.way_out import WayOut
from fedcop.outbox import queue
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.look import look
from fedcop.outbox.missing import LOOK_FOR_INBOX
from fedcop.settings import Settings
from fedcop.web.app import Site, create
from fedcop.wiring import (
    CATCH_UP_COMMUNITY,
    FILL_SEARCH,
    GO_ON_DEPARTING,
    OBJECT_TYPES,
    reactions,
    schedule,
)
from fedcop.work.runner import JobRunner
from fedcop.work.worker import Worker


@dataclass(slots=True, kw_only=True)
class House:
    """One whole server, not yet listening."""

    app: App
    web: Site
    receiver: Receiver
    resolver: Resolver
    processor: Processor
    deliverer: Deliverer
    jobs: JobRunner
    worker: Worker

    async def start(self) -> None:
        """Check that settings and database belong together. Raises Conflict if they do not."""
        host = self.app.settings.host
        await self.app.read(lambda session: check_host(session, host))
        if self.app.db.is_sqlite:  # one process: what is leased was leased by one that died
            await self.app.db.write(_free_all)
        await schedule(self.app.settings).begin(self.app.db)

    async def run_worker(self, stop: asyncio.Event) -> None:
        """Process, deliver and do jobs until `stop` is set."""

        async def ring_when_stopped() -> None:
            await stop.wait()
            self.app.wake.call(*BELLS)

        async with asyncio.TaskGroup() as group:
            group.create_task(ring_when_stopped())
            group.create_task(self.worker.run(stop))

    async def close(self) -> None:
        """Let go of the network and the database."""
        self.web.inbox.tally.tell()
        await self.processor.close()
        await self.app.client.client.aclose()
        await self.app.db.close()


def build_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> App:
    """The parts alone, for commands that need no door. Raises Conflict without a secret."""
    if not settings.secret:
        raise Conflict(
            f"There is no key file at {settings.data_dir / 'secret.key'}. Run fedcop init HOST "
            "first, or set FEDCOP_SECRET_KEY to the key that belongs to this database."
        )
    metrics = Metrics()
    keys = KeyRing(Sealer(settings.secret))
    wire = transport or WayOut(allow_private=settings.development)
    agent = f"FedCoP/{__version__} (+{settings.uris.site})"
    client = Client(wire, user_agent=agent, metrics=metrics)
    return App(
        settings=settings,
        uris=settings.uris,
        db=Database(settings.database),
        metrics=metrics,
        client=ActivityPubClient(client, development=settings.development),
        reactions=reactions(keys),
        objects=OBJECT_TYPES,
        keys=keys,
    )


def build(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> House:
    """A whole server. `transport` is its way out (a test puts other servers behind it)."""
    app = build_app(settings, transport)
    resolver = Resolver(app)
    receiver = Receiver(app, KeyFinder(app, resolver))
    processor, deliverer = Processor(app, resolver), Deliverer(app)

    async def catch_up(payload: Mapping[str, Any]) -> None:
        await catch_up_community(resolver, payload["community_id"])

    async def fill_search(_: Mapping[str, Any]) -> None:
        filled = Filled()
        while not filled.done:
            filled = await app.db.write(partial(fill, sofar=filled), behind=True)

    async def go_on_departing(payload: Mapping[str, Any]) -> None:
        await app.act(lambda uow: go_on(uow, uow.get(Actor, payload["actor_id"])))

    async def look_for_inbox(payload: Mapping[str, Any]) -> None:
        await look(app, partial(resolver.actor, refresh=True), payload["inbox_id"])

    carriers = {
        CATCH_UP_COMMUNITY: catch_up,
        GO_ON_DEPARTING: go_on_departing,
        FILL_SEARCH: fill_search,
        LOOK_FOR_INBOX: look_for_inbox,
        **schedule(settings).carriers(app.db),
    }
    jobs = JobRunner(app.db, app.wake, carriers)

    async def hear(stop: asyncio.Event) -> None:
        await listen(app.db, app.wake.call, stop)

    presence = Presence(app.db, partial(app.db.write, _free_all))

    async def deliver(stop: asyncio.Event) -> None:
        await presence.known()
        await deliverer.run(stop)

    loops = {
        "inbox": processor.run,
        "outbox": deliver,
        "jobs": jobs.run,
        "calls": hear,
        "presence": presence.run,
    }
    worker = Worker(loops)
    return House(
        app=app,
        web=create(app, receiver, resolver, worker),
        receiver=receiver,
        resolver=resolver,
        processor=processor,
        deliverer=deliverer,
        jobs=jobs,
        worker=worker,
    )


def _free_all(session: Session) -> None:
    """End what a worker that died had leased: hosts to bring to, messages to look things up for."""
    queue.free_all(session)
    messages.free_all(session)

"""`App`: the parts that every door is handed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fedcop.activitypub.client import ActivityPubClient
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.db.changes import touched
from fedcop.db.engine import Database
from fedcop.db.notify import notify
from fedcop.domain.network.book import PolicyBook
from fedcop.domain.people.keys import FreshKeys, KeyRing, generate
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.site.found import check_host
from fedcop.metrics import Metrics
from fedcop.settings import Settings
from fedcop.uris import Uris
from fedcop.work.traffic import Traffic
from fedcop.work.unit_of_work import React, UnitOfWork, in_unit
from fedcop.work.wake import Wake

T = TypeVar("T")
BELLS = ("inbox", "outbox", "jobs")
_BELL_OF = {
    "inbox_messages": "inbox",
    "told": "outbox",
    "deliveries": "outbox",
    "hosts": "outbox",
    "jobs": "jobs",
}
"""Who waits for rows of which table."""


@dataclass(slots=True, kw_only=True)
class App:
    """One server: its settings, database, client and wiring, put together by `bootstrap`."""

    settings: Settings
    uris: Uris
    db: Database
    metrics: Metrics
    client: ActivityPubClient
    reactions: React
    objects: ObjectTypes
    keys: KeyRing
    wake: Wake = field(default_factory=Wake)
    traffic: Traffic = field(default_factory=Traffic)
    policies: PolicyBook = field(init=False)
    """Whom we speak with. The client asks it before every request that goes out."""
    _site_actor_id: int | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.policies = PolicyBook(self.db, self.uris.host)
        self.client.client.guard = self.policies.check

    async def read(self, query: Callable[[Session], T]) -> T:
        """Run a query. Raises Busy if the database cannot answer now."""
        return await self.db.read(query)

    async def act(self, action: Callable[[UnitOfWork], T]) -> T:
        """Run an action in one unit of work, and let those who wait for rows know.

        Two who do the same for the first time clash on a unique index: the second tries again, and
        then finds what the first has written.
        """
        done = in_unit(self.reactions, self.uris, action)

        def work(session: Session) -> tuple[T, set[str]]:
            result = done(session)
            bells = {_BELL_OF[table] for table in touched(session) if table in _BELL_OF}
            if bells:
                notify(session, bells)
            return result, bells

        try:
            result, bells = await self.db.write(work)
        except IntegrityError:
            result, bells = await self.db.write(work)
        self.wake.call(*bells)
        return result

    async def decide(self, action: Callable[[UnitOfWork], T]) -> T:
        """As `act`, for what changes with whom we speak: from then on it holds in this process."""
        try:
            return await self.act(action)
        finally:
            self.policies.forget()

    async def fresh_keys(self) -> FreshKeys:
        """Keys for a new local actor, made in a thread since it takes long."""
        return await asyncio.to_thread(generate, self.keys.sealer)

    async def key_of(self, actor_id: int) -> PrivateKey:
        """The RSA key with which a local actor signs requests. Raises NotFound."""
        known = self.keys.cached(actor_id)
        if known is not None:
            return known
        async with self._loading:  # a hundred deliveries that begin at once load it once
            return self.keys.cached(actor_id) or await self.db.read(
                lambda session: self.keys.load(session, actor_id)
            )

    async def site_key(self) -> PrivateKey:
        """The key of the instance actor, which signs every fetch. Raises Conflict before set-up."""
        if self._site_actor_id is None:
            host = self.uris.host
            site = await self.db.read(lambda session: check_host(session, host))
            self._site_actor_id = site.actor_id
        return await self.key_of(self._site_actor_id or 0)

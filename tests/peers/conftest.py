"""One server of ours with a community, and peers of any software around it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from fedcop.domain.posts.models import Post
from tests.databases import lay_sqlite
from tests.fediverse import Fediverse, Person, Place, Server
from tests.peers.peer import Peer

HOST = "red.test"


@dataclass
class Town:
    """Our server, its community of gardeners, and two people who live here."""

    world: Fediverse
    red: Server
    ada: Person
    ben: Person
    gardeners: Place

    async def settle(self) -> None:
        """Until there is nothing to do; every peer took everything that it was brought."""
        await self.world.settle()
        for peer in self.world.wires.servers.values():
            if isinstance(peer, Peer):
                assert peer.refused == []

    async def titles(self) -> list[str]:
        """What members see in the list of discussions, the oldest first."""
        query = select(Post.title).where(Post.parent_id.is_(None), Post.confirmed)
        shown = query.where(Post.deleted_at.is_(None), Post.removed_at.is_(None))
        return await self.red.read(lambda s: list(s.scalars(shown.order_by(Post.id))))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    world = Fediverse(tmp_path, lambda host: lay_sqlite(tmp_path / f"{host}.db"))
    [red] = await world(HOST)
    ada, ben = await red.person("ada"), await red.person("ben")
    gardeners = await red.community("gardeners", ada)
    await ben.join(gardeners)
    yield Town(world, red, ada, ben, gardeners)
    await world.close()

"""One server of ours on which stories are told, to a community of its own or to one elsewhere."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import update

from fedcop.domain.communities.models import Community
from fedcop.domain.communities.roles import appoint
from fedcop.domain.people.models import Actor
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.rates import Rates
from fedcop.work.queue import State as Stands
from fedcop.work.unit_of_work import UnitOfWork
from tests.convergence.state import State, counters, held
from tests.convergence.stories import Cast, Document
from tests.doors.conftest import Door, furnish
from tests.doors.peers import Peer
from tests.fediverse import Fediverse

_numbers = count(1)


@dataclass
class Telling:
    """Which activities, in which order (an index may stand more than once), and where it rests."""

    names: list[str]
    order: list[int]
    rests: list[bool]
    """After which arrivals everything that is due is done; at the others they heap up."""
    is_reply: bool
    elsewhere: bool
    """Whether the community is elsewhere and announces all of it."""
    served: bool
    """Whether the author's host can be asked for the post meanwhile."""

    @property
    def is_taken_out(self) -> bool:
        """Whether the stewards of a community of ours took out the post for good."""
        return not self.elsewhere and "remove" in self.names and "restore" not in self.names

    def in_order(self) -> "Telling":
        plain = list(range(len(self.names)))
        return Telling(
            self.names, plain, [True for _ in plain], self.is_reply, self.elsewhere, self.served
        )


@dataclass(repr=False)
class Stage:
    """A server with two communities to speak in: `garden` of its own, `hive` elsewhere."""

    door: Door
    hive: Peer
    hive_id: int
    starter: str
    """A discussion in the hive that is here already."""
    people: dict[str, Peer] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Stage()"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Hypothesis would print the fields of a dataclass: here the whole server."""
        printer.text(repr(self))

    async def end(self, telling: Telling) -> State:
        """Tell it to new posts and a new author, let everything settle, and see what is held.

        What waits even then is given up, as it would be in the end: the next telling would try it
        again and again.
        """
        cast = await self._cast(telling)
        place = self.hive_id if telling.elsewhere else self.door.garden.id
        before = await self.door.server.read(lambda s: counters(s, place))
        web, host = self.door.web, cast.version(set(telling.names))
        gone = host["type"] == "Tombstone"
        web.replies[cast.uri] = (410 if gone else host) if telling.served else _later
        for index, rests in zip(telling.order, telling.rests, strict=True):
            await self._arrives(telling, *cast.tell(telling.names[index]))
            if rests:
                await self.door.server.house.processor.settle()
        for _ in range(3):
            await self.door.again()
        answer = cast.said.get("reply")
        uris = [cast.uri] if answer is None else [cast.uri, answer[1]["object"]["id"]]
        people = [cast.author.uri]
        state = await self.door.server.read(lambda s: held(s, uris, place, people))
        after = await self.door.server.read(lambda s: counters(s, place))
        await self.door.server.act(_give_up)
        grew = [now - then for now, then in zip(after, before, strict=True)]
        if "delete" in telling.names or telling.is_taken_out:
            grew = grew[:1]  # a discussion that was here counts as one, deleted or not
        if telling.is_taken_out:  # nobody brings to a community of ours what was taken out before
            state["posts"] = {n: post for n, post in state["posts"].items() if not post["removed"]}
        return state | {"grew": grew}

    async def _arrives(self, telling: Telling, speaker: Peer, document: Document) -> None:
        if telling.elsewhere:
            group = self.hive
            number = document["id"].rpartition("/")[2]
            document = group.says("Announce", document, to=[f"{group.uri}/followers"])
            document["id"] = f"{group.uri}/announced/{number}"
            speaker = group
        said = await self.door.post(*_signed(speaker, document))
        assert said.status_code == 202, said.text

    async def _cast(self, telling: Telling) -> Cast:
        door, number = self.door, next(_numbers)
        author = Peer(door.web, f"https://bob{number}.test/u/bob", 1).live()
        people = {
            name: self.people.setdefault(
                name, Peer(door.web, f"https://{name}.test/u/{name}", 2).live()
            )
            for name in ("eve", "mia", "lea", "sam")
        }
        place, starter = self.hive.uri, self.starter
        featured = f"{place}/featured"
        if not telling.elsewhere:
            place, starter = door.garden.uri, await door.kofi.write(door.garden, "And then?")
            featured = f"{place}/featured"
        return Cast(
            place, featured, starter, author, people["eve"], people["mia"], people["lea"],
            people["sam"], telling.is_reply,
        )  # fmt: skip


def _signed(speaker: Peer, document: Document) -> tuple[Any, bytes]:
    body = json.dumps(document).encode()
    return speaker.sign(body), body


def _give_up(uow: UnitOfWork) -> None:
    waiting = update(InboxMessage).where(InboxMessage.state == Stands.WAITING)
    uow.session.execute(waiting.values(state=Stands.DEAD, waiting_for=None))


async def _later(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("not now")


@asynccontextmanager
async def staged(folder: Path, database: Callable[[str], str]) -> AsyncIterator[Stage]:
    """A stage on a new server, which ends with the block."""
    world = Fediverse(folder, database)
    try:
        yield await _furnished(world)
    finally:
        await world.close()


async def _furnished(world: Fediverse) -> Stage:
    door = await furnish(world)
    house = door.server.house  # tells in minutes what the hive would say in weeks
    house.receiver._rates = house.processor._gatherer._pairs = Rates(1 << 40, 300.0)
    uri = "https://hive.test/c/bees"
    more = {"attributedTo": f"{uri}/moderators", "featured": f"{uri}/featured"}
    hive = Peer(door.web, uri, 3, type="Group", more=more).live()
    await door.listens_to(hive)
    lea = Peer(door.web, "https://lea.test/u/lea", 2).live()
    page = lea.note(type="Page", name="Whose hive?", audience=hive.uri, cc=[hive.uri])
    await door.hears(hive, hive.says("Announce", lea.creates(page)))
    peer = Peer(door.web, "https://sam.test/u/sam", 2).live()
    await door.hears(peer, peer.says("Follow", door.garden.uri))
    sam = await door.server.meet(peer.uri)

    def steward(uow: UnitOfWork) -> None:
        garden = uow.get(Community, door.garden.id)
        appoint(uow, garden, uow.get(Actor, sam), uow.get(Actor, door.ana.id))

    await door.server.act(steward)
    hive_id = await door.server.meet(hive.uri)
    assert await door.find(page["id"]) is not None
    return Stage(door, hive, hive_id, page["id"])

"""What is left of an account when its owner has deleted it, wherever one looks."""

from typing import Any

import pytest
from sqlalchemy import inspect, text

from fedcop.domain.moderation.report import report, withdraw
from fedcop.domain.notifications.mute import mute
from fedcop.domain.people.block import block
from fedcop.domain.people.follow import follow
from fedcop.domain.people.models import Actor
from fedcop.domain.people.profile import change_profile
from fedcop.domain.posts.departure import depart
from fedcop.domain.posts.models import Post
from tests.doors.browsers import browser, token_of
from tests.doors.conftest import Door
from tests.doors.peers import Peer
from tests.fediverse import Person, Place

pytestmark = pytest.mark.anyio
WORD = "zanzibar"
JSON = {"Accept": "application/activity+json"}
_IN_ADDRESS = b"/on-zanzibar#r"
"""What others answered was told with its address, before the title in it was deleted."""
_WHO = {"account_id", "follower_id", "blocker_id", "reporter_id"}
_TIES = {"memberships", "votes", "follows", "blocks", "mutes", "sessions"}


async def test_nothing_private_is_left(door: Door) -> None:
    """No word of theirs is in any table, nor what they watched, liked, blocked or reported."""
    kim = await door.server.person("kim")
    bees = Peer(door.web, "https://hive.test/c/bees", 1, type="Group").live()
    lea = Peer(door.web, "https://one.test/u/lea", 2).live()
    await door.listens_to(bees)
    lea_id = await door.server.meet(lea.uri)
    post = await door.find(door.starter)
    assert post is not None
    bees_id = await door.server.meet(bees.uri)
    await kim.join(Place(bees.uri, bees_id, door.server))
    await door.hears(lea, lea.says("Follow", kim.uri))
    said = await _live(door, kim, post.id, lea_id)
    told = await _told_by(door, kim)
    assert len(told) > 6
    await door.server.act(lambda uow: depart(uow, uow.get(Actor, kim.id)))
    assert await _left(door, kim.id) == []
    async with browser(door) as client:
        for uri in (kim.uri, said, *told):
            answer = await client.get(uri.removeprefix("https://cop.test"), headers=JSON)
            assert answer.status_code in {404, 410}, (uri, answer.text)
            assert WORD not in answer.text


async def _live(door: Door, kim: Person, post_id: int, lea_id: int) -> str:
    """Everything that a member does; the address of their discussion."""
    await kim.join(door.garden)
    said = await kim.write(door.garden, f"On {WORD}", f"The spices of {WORD}")
    answer = await door.kofi.reply(said, "Which ones?")
    await kim.reply(door.starter, f"As in {WORD}.")
    await kim.vote(door.starter)
    await kim.vote(answer, -1)
    await token_of(door, kim)

    def act(uow: Any) -> None:
        me, there = uow.get(Actor, kim.id), uow.get(Post, post_id)
        change_profile(uow, me, display_name=f"Kim of {WORD}", bio=f"I live in {WORD}.")
        mute(uow, kim.id, there)
        block(uow, me, uow.get(Actor, door.kofi.id))
        follow(uow, me, uow.get(Actor, lea_id))
        report(uow, me, target=uow.get(Actor, door.kofi.id), post=there, words="Rude.")
        other = report(uow, me, target=uow.get(Actor, lea_id), words=f"Rude to {WORD}")
        uow.write()
        withdraw(uow, other, me)

    await door.server.act(act)
    return said


async def _told_by(door: Door, kim: Person) -> list[str]:
    query = text("SELECT uri FROM activities WHERE actor_uri = :actor")
    return await door.server.read(lambda s: list(s.scalars(query, {"actor": kim.uri})))


async def _left(door: Door, who: int) -> list[str]:
    """Where their word or their row id still stands, but as the author of what is deleted.

    The tables of the index are left out: they have words for as long as the database has them.
    """
    found: list[str] = []

    def look(session: Any) -> None:
        for table in inspect(session.get_bind()).get_table_names():
            if "_search" in table:
                continue
            for row in session.execute(text(f'SELECT * FROM "{table}"')).mappings():
                for column, value in row.items():
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    if WORD.encode() in raw.lower().replace(_IN_ADDRESS, b""):
                        found.append(f"{table}.{column}: {raw[-300:]!r}")
                    if value == who and (column in _WHO or table in _TIES):
                        found.append(f"{table}.{column}")

    await door.server.read(look)
    return found

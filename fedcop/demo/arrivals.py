"""While somebody looks on, something comes from the other server every ten seconds."""

import asyncio
from functools import partial

from fedcop.app import App, Session
from fedcop.db.paging import Cursor
from fedcop.demo.player import Player
from fedcop.demo.prose import Arrival
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.queries import has_said, titled
from fedcop.work.unit_of_work import UnitOfWork

EVERY_SECONDS = 10.0


async def arrive(
    app: App, player: Player, arrivals: tuple[Arrival, ...], stop: asyncio.Event
) -> None:
    """Say in turn what the story keeps for this; each server waits while the other speaks.

    What was said at an earlier run is not said again.
    """
    for arrival in arrivals:
        if await _is_over(stop):
            return
        if player.is_ours(arrival.author):
            await app.act(partial(_say, player=player, arrival=arrival))


async def _is_over(stop: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
    except TimeoutError:
        return False
    return True


def _say(uow: UnitOfWork, player: Player, arrival: Arrival) -> None:
    author = uow.get(Actor, player.actor(arrival.author))
    if arrival.title is not None:
        if _titled(uow.session, arrival.title) is None:
            community = uow.session.get_one(Community, player.place(arrival.community))
            words = compose_starter(uow.session, uow.uris, arrival.title, arrival.body)
            start(uow, author, community, words)
        return
    root = _titled(uow.session, arrival.reply_to or "")
    if root is not None and not has_said(uow.session, root.id, author.id, arrival.body):
        reply(uow, author, root, compose_reply(uow.session, uow.uris, arrival.body))


def _titled(session: Session, title: str) -> Post | None:
    return next((row.post for row in titled(session, title, Cursor(limit=1)).items), None)

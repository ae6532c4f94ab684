"""A community that somebody here has just joined: what was said in it lately, and its stewards."""

from collections.abc import Iterable
from functools import partial

from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab.activities import Activity, Announce
from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.collections import Collection
from fedcop.domain.communities.federation import set_stewards
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.feature import set_pinned
from fedcop.errors import FedcopError
from fedcop.inbox.resolve import Budget, Resolver
from fedcop.log import logger
from fedcop.net.urls import same_host
from fedcop.work.unit_of_work import UnitOfWork

MOST_POSTS = 50
MOST_PINNED = 20
MOST_REPLIES = 100
MOST_STEWARDS = 50
_FETCHES = 200
_FETCHES_FOR_REPLIES = 600
_log = logger(__name__)


async def catch_up_community(resolver: Resolver, community_id: int) -> int:
    """Fetch what a remote community pinned, its latest posts and what was answered to them.

    Returns how many of them are here now. Each post is read from its author's host and must name
    the community or answer something in it; one that cannot be had does not stop the others.
    Raises Temporary if the community's own host does not answer.
    """
    return await _CatchUp(resolver).run(community_id)


class _CatchUp:
    """Asks politely: one thing after the other, within a budget for posts, then for replies."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._app = resolver.app
        self._budget = Budget(_FETCHES)

    async def run(self, community_id: int) -> int:
        group = await self._app.read(lambda session: session.get(Actor, community_id))
        if group is None or group.is_local:
            return 0
        if group.moderators_uri:
            await self._meet_stewards(community_id, group.moderators_uri)
        latest = await self._items(group.outbox_uri, MOST_POSTS) if group.outbox_uri else []
        pinned = await self._pinned(group.featured_uri) if group.featured_uri else None
        items = (*(pinned or ()), *reversed(latest))
        things = [thing for item in items if (thing := _thing(item))]
        found = await self._posts((_id(thing) for thing in things), group.uri)
        if pinned is not None:
            uris = {uri for item in pinned if (thing := _thing(item)) and (uri := _id(thing))}
            await self._app.act(partial(set_pinned, community_id=community_id, uris=uris))
        self._budget = Budget(_FETCHES_FOR_REPLIES)
        for thing in reversed(things):
            found += await self._conversation(thing, group.uri)
        return found

    async def _posts(self, uris: Iterable[str | None], community: str) -> int:
        found = 0
        for uri in dict.fromkeys(uri for uri in uris if uri):
            found += await self._post(uri, community)
        return found

    async def _conversation(self, thing: Object | str, community: str) -> int:
        """What was answered, as the community's host lists it (FEP-7888, or `replies`)."""
        hints = () if isinstance(thing, str) else (thing.context, thing.replies)
        listed = next((uri for uri in hints if uri and same_host(uri, community)), None)
        if listed is None:
            return 0
        try:
            items = await self._items(listed, MOST_REPLIES)
        except FedcopError as error:
            _log.info("The replies are not known", uri=listed, reason=str(error))
            return 0
        own = _id(thing)
        return await self._posts((uri for item in items if (uri := _id(item)) != own), community)

    async def _pinned(self, uri: str) -> list[Object | str] | None:
        """What a community shows first is often older than all that its outbox still has.

        None if its host does not say.
        """
        try:
            return await self._items(uri, MOST_PINNED)
        except FedcopError as error:
            _log.info("What is pinned is not known", uri=uri, reason=str(error))
            return None

    async def _post(self, uri: str, community: str) -> bool:
        try:
            return await self._resolver.post(uri, self._budget, via=community) is not None
        except FedcopError as error:
            _log.info("A post was not caught up on", uri=uri, reason=str(error))
            return False

    async def _meet_stewards(self, community_id: int, uri: str) -> None:
        try:
            items = await self._items(uri, MOST_STEWARDS)
        except FedcopError as error:
            _log.info("The stewards are not known", uri=uri, reason=str(error))
            return
        uris = [one for item in items if (one := _id(item))]
        for one in uris:
            try:
                await self._resolver.actor(one, budget=self._budget)
            except FedcopError as error:
                _log.info("A steward is not known", uri=one, reason=str(error))
        await self._app.act(partial(_appoint, community_id=community_id, uris=uris))

    async def _items(self, uri: str, most: int) -> list[Object | str]:
        """The items of a collection, or of its first page."""
        collection = parse((await self._resolver.fetch(uri, self._budget)).json)
        if not isinstance(collection, Collection):
            return []
        items = collection.items
        first = collection.first
        if not items and isinstance(first, Collection):
            items = first.items
        elif not items and isinstance(first, str):
            page = parse((await self._resolver.fetch(first, self._budget)).json)
            items = page.items if isinstance(page, Collection) else ()
        return list(items[:most])


def _thing(item: Object | str) -> Object | str | None:
    """The post that an item of an outbox is about: itself, or what was created or announced."""
    for _ in range(3):
        if not isinstance(item, Activity):
            break
        if item.object is None or item.type not in {"Announce", "Create", "Update"}:
            return None
        item = item.object
    return None if isinstance(item, Announce) else item


def _id(item: Object | str) -> str | None:
    return item if isinstance(item, str) else item.id


def _appoint(uow: UnitOfWork, community_id: int, uris: list[str]) -> None:
    set_stewards(uow, uow.get(Community, community_id), uris)

"""Everything that a batch will ask for, looked up at once: the actions then find it in memory."""

from collections.abc import Collection, Iterable
from typing import cast

from sqlalchemy import bindparam, or_, select

from fedcop.activitypub.signatures import proofs
from fedcop.activitypub.vocab.activities import Activity, Add, Block, Create, Remove, Undo
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.communities.models import Ban, Community, Membership, Standing
from fedcop.domain.network.journal import known as journalled
from fedcop.domain.network.models import Host, RemoteInbox, Tombstone
from fedcop.domain.people.models import Actor, Follow, Key
from fedcop.domain.people.remote import public_key
from fedcop.domain.posts.models import Post, Vote
from fedcop.errors import Malformed, Unproved
from fedcop.inbox.needs import VOTES, Known, Names, names_of
from fedcop.inbox.unwrap import Said
from fedcop.work.unit_of_work import UnitOfWork

# Put together once: what a statement is made of costs more than what it asks.
_POST_IDS = select(Post.id, Post.root_id, Post.parent_id).where(
    Post.uri.in_(bindparam("uris", expanding=True))
)
_POSTS = (
    select(Post)
    .where(Post.id.in_(bindparam("ids", expanding=True)))
    .order_by(Post.id)
    .with_for_update()
)
_PEOPLE = (
    select(Actor, Host, RemoteInbox, Community)
    .outerjoin(Host, Host.id == Actor.host_id)
    .outerjoin(RemoteInbox, RemoteInbox.id == Actor.delivery_inbox_id)
    .outerjoin(Community, Community.actor_id == Actor.id)
    .where(
        or_(
            Actor.uri.in_(bindparam("uris", expanding=True)),
            Actor.id.in_(bindparam("ids", expanding=True)),
        )
    )
)
_MEMBERSHIPS = select(Membership).where(
    Membership.actor_id.in_(bindparam("people", expanding=True)),
    Membership.community_id.in_(bindparam("places", expanding=True)),
)
_BANS = (
    select(Ban)
    .where(
        Ban.actor_id.in_(bindparam("people", expanding=True)),
        Ban.community_id.in_(bindparam("places", expanding=True)),
        Ban.lifted_at.is_(None),
    )
    .order_by(Ban.id)
)
_VOTES = select(Vote).where(
    Vote.post_id.in_(bindparam("posts", expanding=True)),
    Vote.actor_id.in_(bindparam("voters", expanding=True)),
)
_GRAVES = select(Tombstone).where(Tombstone.uri.in_(bindparam("uris", expanding=True)))

_Joined = tuple[Actor, Host | None, RemoteInbox | None, Community | None]


class Surroundings:
    """What a batch of activities stands in, brought into the unit of work.

    `seen` are the ids of activities that the journal has already.
    """

    def __init__(self, uow: UnitOfWork, saids: Iterable[Said]) -> None:
        self._uow = uow
        self._saids = list(saids)
        names = [names_of(said) for said in self._saids]
        self._people: list[Actor] = []
        self._places: dict[int, Community] = {}
        self._rows: list[object] = []  # the session's own references are weak
        posts = self._posts(_all(name.posts for name in names))
        self._actors(_all(name.actors for name in names), posts)
        self._memberships()
        self._votes(posts)
        ids = _all(name.activities for name in names)
        self._graves(ids | _all(name.posts for name in names))
        self.seen = journalled(uow.session, ids)
        methods, proved = self._proofs(names)
        communities = frozenset(one.uri for one in self._people if one.id in self._places)
        self.known = Known(
            actors=frozenset(one.uri for one in self._people),
            posts=frozenset(post.uri for post in posts),
            communities=communities,
            listened=self._listened({said.via or said.activity.actor for said in self._saids}),
            moderators=self._collections("moderators_uri"),
            featured=self._collections("featured_uri"),
            followed=self._followed(),
            methods=methods,
            proved=proved,
        )

    def _posts(self, uris: frozenset[str]) -> list[Post]:
        if not uris:
            return []
        session = self._uow.session
        ids = {
            row_id
            for row in session.execute(_POST_IDS, {"uris": list(uris)})
            for row_id in row
            if row_id is not None
        }
        found = list(session.scalars(_POSTS, {"ids": list(ids)})) if ids else []
        self._uow.know(*found)
        self._uow.held(*found)
        self._uow.gathered(Post, uris)
        return found

    def _actors(self, uris: frozenset[str], posts: Collection[Post]) -> None:
        ids = {row_id for post in posts for row_id in (post.author_id, post.community_id)}
        given = {"uris": list(uris), "ids": list(ids)}
        for row in self._uow.session.execute(_PEOPLE, given):
            actor, host, inbox, community = cast("_Joined", tuple(row))
            self._people.append(actor)
            self._rows += [actor, host, inbox, community]
            self._uow.know(*(row for row in (actor, host, inbox) if row is not None))
            if host is not None:
                self._uow.remember(host.name, host)
            if community is not None:
                self._places[actor.id] = community
                self._uow.remember(actor.id, community)
        self._uow.gathered(Actor, uris)
        self._uow.gathered(Community, [actor.id for actor in self._people])

    def _memberships(self) -> None:
        """What the speakers, and those whose part is decided on, are in these communities."""
        by_uri = {actor.uri: actor.id for actor in self._people}
        uris = {uri for said in self._saids for uri in _members(said)}
        people = {row_id for uri in uris if (row_id := by_uri.get(uri)) is not None}
        if not people or not self._places:
            return
        given = {"people": list(people), "places": list(self._places)}
        for membership in self._uow.session.scalars(_MEMBERSHIPS, given):
            self._rows.append(membership)
            self._uow.remember((membership.community_id, membership.actor_id), membership)
        for ban in self._uow.session.scalars(_BANS, given):
            self._rows.append(ban)
            self._uow.remember((ban.community_id, ban.actor_id), ban)
        pairs = [(place, one) for place in self._places for one in people]
        self._uow.gathered(Membership, pairs)
        self._uow.gathered(Ban, pairs)

    def _collections(self, name: str) -> frozenset[str]:
        """These collections of the communities that we know."""
        places = (one for one in self._people if one.id in self._places)
        return frozenset(uri for one in places if (uri := getattr(one, name)))

    def _votes(self, posts: Collection[Post]) -> None:
        voters = {said.activity.actor for said in self._saids if _is_about_votes(said)}
        ids = {actor.id for actor in self._people if actor.uri in voters}
        if not ids or not posts:
            return
        on = {post.id for post in posts}
        given = {"posts": list(on), "voters": list(ids)}
        for vote in self._uow.session.scalars(_VOTES, given):
            self._rows.append(vote)
            self._uow.remember((vote.post_id, vote.actor_id), vote)
        self._uow.gathered(Vote, ((post, actor) for post in on for actor in ids))

    def _graves(self, uris: frozenset[str]) -> None:
        if not uris:
            return
        for grave in self._uow.session.scalars(_GRAVES, {"uris": list(uris)}):
            self._rows.append(grave)
            self._uow.remember((grave.uri, grave.said_by), grave)
        self._uow.gathered(Tombstone, uris)

    def _listened(self, groups: set[str]) -> frozenset[str]:
        """Which of these communities somebody here belongs to, has asked to, or is banned from:
        who is banned has to hear when that ends.
        """
        places = [one for one in self._people if one.id in self._places and one.uri in groups]
        if not places:
            return frozenset()
        wanted = [one.id for one in places]
        belongs = (
            select(Membership.community_id)
            .join(Actor, Actor.id == Membership.actor_id)
            .where(Membership.community_id.in_(wanted), Actor.host_id.is_(None))
            .where(Membership.standing != Standing.REFUSED)
        )
        banned = (
            select(Ban.community_id)
            .join(Actor, Actor.id == Ban.actor_id)
            .where(Ban.community_id.in_(wanted), Actor.host_id.is_(None), Ban.lifted_at.is_(None))
        )
        ids = set(self._uow.session.scalars(belongs.union(banned)))
        return frozenset(one.uri for one in places if one.id in ids and not one.is_local)

    def _names_a_place_elsewhere(self, said: Said) -> bool:
        thing = said.activity.object
        if not isinstance(said.activity, Create) or not isinstance(thing, Object):
            return False
        return any(not self._uow.uris.is_local(uri) for uri in thing.audience[:1])

    def _followed(self) -> frozenset[str]:
        """Who of those who say something without a community is followed by somebody here."""
        direct = {
            said.activity.actor
            for said in self._saids
            if said.via is None and self._names_a_place_elsewhere(said)
        }
        ids = {one.id: one.uri for one in self._people if one.uri in direct and not one.is_local}
        if not ids:
            return frozenset()
        query = (
            select(Follow.target_id)
            .join(Actor, Actor.id == Follow.follower_id)
            .where(Follow.target_id.in_(ids), Actor.host_id.is_(None))
            .distinct()
        )
        return frozenset(ids[target] for target in self._uow.session.scalars(query))

    def _proofs(self, names: list[Names]) -> tuple[frozenset[str], frozenset[str]]:
        """The keys at hand for the proofs of relayed activities, and the activities they prove."""
        methods = {name.method for name in names if name.method}
        if not methods:
            return frozenset(), frozenset()
        query = select(Key, Actor.uri).join(Actor, Actor.id == Key.actor_id)
        rows = self._uow.session.execute(query.where(Key.uri.in_(methods)))
        keys = {key.uri: (key, owner) for key, owner in rows}
        proved: set[str] = set()
        for said, name in zip(self._saids, names, strict=True):
            found = keys.get(name.method or "")
            if found is not None and _proves(said, *found):
                proved.add(said.activity.id or "")
        return frozenset(keys), frozenset(proved)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset(one for each in sets for one in each)


def _members(said: Said) -> set[str]:
    """Who speaks, and who becomes a steward, is dismissed or banned by it."""
    activity = said.activity
    thing = activity.object
    decision = thing if isinstance(activity, Undo) and isinstance(thing, Activity) else activity
    about = decision.object_id if isinstance(decision, Add | Remove | Block) else None
    return {activity.actor, about or activity.actor}


def _is_about_votes(said: Said) -> bool:
    thing = said.activity.object
    return isinstance(said.activity, VOTES) or isinstance(thing, VOTES)


def _proves(said: Said, key: Key, owner: str) -> bool:
    if owner != said.activity.actor:
        return False
    try:
        proofs.verify(said.activity.raw, public_key(key, owner))
    except (Unproved, Malformed):
        return False
    return True

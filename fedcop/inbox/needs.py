"""What a message names, and what of it must be asked of the network before it can be applied."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fedcop.activitypub.signatures.proofs import method_of
from fedcop.activitypub.vocab.activities import (
    Activity,
    Add,
    Announce,
    Block,
    Create,
    Delete,
    Dislike,
    EmojiReact,
    Flag,
    Like,
    Lock,
    Move,
    Remove,
    Undo,
    Update,
)
from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.network.journal import hearsay
from fedcop.domain.posts.adopt import AWAITED
from fedcop.inbox.evidence import Need, Want
from fedcop.inbox.unwrap import Said
from fedcop.net.urls import same_host
from fedcop.uris import PUBLIC, Uris

VOTES = (Like, Dislike, EmojiReact)
DECISIONS = (Add, Remove, Lock, Block, Delete)
"""What stewards say about what is in their community, and take back by an Undo."""
MOST_LOOKED_UP = 50
"""Of a list of recipients or of reported posts, which may have a thousand."""


@dataclass(frozen=True, slots=True)
class Names:
    """Every URI that applying an activity will look up."""

    actors: frozenset[str]
    posts: frozenset[str]
    activities: frozenset[str]
    method: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What of the names is known here: actors, posts, communities, groups that we listen to.

    `moderators` and `featured` are the collections of the communities: of their stewards, of what
    is pinned. `proved` are the ids of activities whose proof was verified, `methods` the keys at
    hand. `followed` are those who said something directly, and whom somebody here follows.
    """

    actors: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    communities: frozenset[str] = frozenset()
    listened: frozenset[str] = frozenset()
    moderators: frozenset[str] = frozenset()
    featured: frozenset[str] = frozenset()
    followed: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    proved: frozenset[str] = frozenset()
    tried: frozenset[Need] = field(default=frozenset())


def recipients(*things: Object) -> list[str]:
    """Whom these name: in audience first, then in to, cc and mentions; each once, at most 50."""
    found: dict[str, None] = {}
    for thing in things:
        found.update(dict.fromkeys(thing.audience))
    for thing in things:
        found.update(dict.fromkeys((*thing.to, *thing.cc)))
        mentions = (tag.href for tag in thing.tags if tag.type == "Mention" and tag.href)
        found.update(dict.fromkeys(mentions))
    found.pop(PUBLIC, None)
    return list(found)[:MOST_LOOKED_UP]


def places(*things: Object) -> list[str]:
    """Who of these may be the community of a post: whom it names, then whose it is.

    A PeerTube channel, a Mobilizon group and a WordPress blog are Groups that stand only in
    `attributedTo`, beside a person or alone.
    """
    whose = (uri for thing in things for uri in thing.attributed_to)
    return list(dict.fromkeys((*recipients(*things), *whose)))


def is_anothers(activity: Activity, thing: Object) -> bool:
    """Whether a post belongs to another actor of the speaker's host: a group whose member speaks.

    Then only the host itself says so (docs/decisions/0019).
    """
    author = thing.author
    if author is None or author in {activity.actor, thing.id}:
        return False
    return same_host(author, activity.actor)


def with_objects(activity: Activity) -> list[Object]:
    """An activity and what is embedded in it."""
    return [activity, *(thing for thing in activity.objects if isinstance(thing, Object))]


def names_of(said: Said) -> Names:
    """Everything that is to be looked up in the database for this activity."""
    activity = said.activity
    actors = {activity.actor, said.signer, *recipients(*with_objects(activity))}
    actors |= {said.via or "", *_targets(activity)}
    posts: set[str] = set()
    activities = {activity.id or "", _hearsay_of(said)}
    for thing in activity.objects[:MOST_LOOKED_UP]:
        if isinstance(thing, str):
            posts.add(thing)
            actors.add(thing)
            activities.add(thing)
            continue
        if thing.id:
            posts |= {thing.id, AWAITED + thing.id}
            activities.add(thing.id)
        if thing.in_reply_to:
            posts |= {thing.in_reply_to, AWAITED + thing.in_reply_to}
        actors |= set(thing.attributed_to)
        if isinstance(thing, Activity):  # what is undone or answered
            inner = {one if isinstance(one, str) else one.id or "" for one in thing.objects}
            actors |= inner | {thing.actor, *_targets(thing)}
            posts |= inner
        elif thing.type in ACTOR_TYPES and thing.id:
            actors.add(thing.id)
    return Names(
        frozenset(actors - {""}),
        frozenset(posts - {""}),
        frozenset(activities - {""}),
        None if said.is_direct else method_of(activity.raw),
    )


def _hearsay_of(said: Said) -> str:
    return hearsay(said.activity.id or "", said.via) if said.via else ""


def _targets(activity: Activity) -> tuple[str, ...]:
    """Where something goes: an actor, or the actor to whom the named collection belongs."""
    target = activity.target
    return () if target is None else (target, target.rpartition("/")[0])


def needs_of(said: Said, known: Known, uris: Uris) -> frozenset[Need]:
    """What must be asked before the activity can be applied; nothing if it will be left out."""
    activity = said.activity
    if said.via is not None and said.via not in known.listened:
        return frozenset()
    if uris.is_local(activity.actor):
        return frozenset()
    believed = said.is_direct or activity.id in known.proved
    if not believed:
        key = _key_needed(said, known)
        if key:
            return frozenset({key})
    rule = _RULES.get(type(activity), _speaker)
    return frozenset(rule(_Case(said, known, uris, believed=believed)))


@dataclass(frozen=True, slots=True)
class _Case:
    said: Said
    known: Known
    uris: Uris
    believed: bool

    @property
    def object_id(self) -> str:
        return self.said.activity.object_id or ""

    def speaker(self) -> set[Need]:
        actor = self.said.activity.actor
        return set() if actor in self.known.actors else {Need(Want.ACTOR, actor)}

    def author(self) -> set[Need]:
        """Whose the post is, if that is another than the speaker."""
        thing = self.said.activity.object
        if not isinstance(thing, Object) or not self.is_of_a_group:
            return set()
        author = thing.author or ""
        return set() if author in self.known.actors else {Need(Want.ACTOR, author)}

    @property
    def is_first_hand(self) -> bool:
        """Whether what is said about the object counts as it stands, so that nothing is read."""
        return self.said.fetched or (self.believed and not self.is_of_a_group)

    @property
    def is_of_a_group(self) -> bool:
        """Whether the object belongs to another actor of the speaker's host."""
        thing = self.said.activity.object
        return isinstance(thing, Object) and is_anothers(self.said.activity, thing)

    @property
    def concerns_us(self) -> bool:
        """Whether it is said to, in, or under anything that we have: else nothing is fetched."""
        activity = self.said.activity
        if self.said.via is not None:
            return True
        named = places(*with_objects(activity))
        thing = activity.object
        parent = thing.in_reply_to if isinstance(thing, Object) else None
        return (
            not self.known.communities.isdisjoint(named)
            or any(self.uris.is_local(uri) for uri in named)
            or (parent is not None and (parent in self.known.posts or self.uris.is_local(parent)))
            or self.followed_in is not None
        )

    @property
    def followed_in(self) -> str | None:
        """The community in which somebody says something whom a person here follows."""
        activity = self.said.activity
        thing = activity.object
        if activity.actor not in self.known.followed or not isinstance(thing, Object):
            return None
        return next(iter(thing.audience), None)


def _key_needed(said: Said, known: Known) -> Need | None:
    """The profile that would tell the key of a proof that cannot be verified yet."""
    method = method_of(said.activity.raw)
    if method is None or method in known.methods:
        return None
    need = Need(Want.PROFILE, said.activity.actor)
    return None if need in known.tried else need


def _speaker(case: _Case) -> Iterable[Need]:
    return case.speaker() if case.believed else ()


def _create(case: _Case) -> Iterable[Need]:
    if case.object_id in case.known.posts or not case.concerns_us or not case.object_id:
        return ()
    thing = case.said.activity.object
    if isinstance(thing, str) or not case.is_first_hand:
        return () if case.uris.is_local(case.object_id) else {Need(Want.COPY, case.object_id)}
    needs = case.speaker() | case.author()
    parent = thing.in_reply_to if thing is not None else None
    if parent and parent not in case.known.posts and not case.uris.is_local(parent):
        needs.add(Need(Want.POST, parent, case.said.via))
    place = None if parent else case.followed_in
    if place and place not in case.known.actors and not case.uris.is_local(place):
        needs.add(Need(Want.ACTOR, place))
    return needs


def _update(case: _Case) -> Iterable[Need]:
    thing = case.said.activity.object
    if case.uris.is_local(case.object_id):
        return ()
    if (isinstance(thing, Object) and thing.type in ACTOR_TYPES) or (
        case.object_id in case.known.actors
    ):
        return {Need(Want.PROFILE, case.object_id)} if case.object_id in case.known.actors else ()
    if case.object_id not in case.known.posts:
        return {Need(Want.POST, case.object_id, case.said.via)} if case.said.via else ()
    if isinstance(thing, str) or not case.is_first_hand:
        return {Need(Want.COPY, case.object_id)}
    return case.speaker()


def _delete(case: _Case) -> Iterable[Need]:
    concerns = case.known.posts | case.known.actors
    doubted = not case.believed or case.is_of_a_group
    if not doubted or case.object_id not in concerns or case.uris.is_local(case.object_id):
        return ()
    return {Need(Want.GONE, case.object_id)}


def _vote(case: _Case) -> Iterable[Need]:
    return case.speaker() if case.believed and case.object_id in case.known.posts else ()


def _undo(case: _Case) -> Iterable[Need]:
    thing = case.said.activity.object
    if isinstance(thing, VOTES):
        known = thing.object_id in case.known.posts
        return case.speaker() if case.believed and known else ()
    if isinstance(thing, DECISIONS):
        return _personal_block(case, thing)
    return case.speaker() if case.believed and isinstance(thing, Object) else ()


def _announce(case: _Case) -> Iterable[Need]:
    group = case.said.activity.actor
    if case.believed and case.uris.is_local(case.object_id):
        return case.speaker()
    wanted = case.object_id and case.object_id not in case.known.posts
    if not wanted or not case.believed or group not in case.known.listened:
        return ()
    return {Need(Want.POST, case.object_id, group)}


def _add(case: _Case) -> Iterable[Need]:
    """A new steward has to be known, and what a community elsewhere has pinned is fetched."""
    said, wanted = case.said, case.object_id
    target = said.activity.target or ""
    group = said.via or said.activity.actor
    concerns = case.uris.is_local(target) or group in case.known.listened
    if not concerns or not wanted or case.uris.is_local(wanted):
        return ()
    if target in case.known.moderators:
        return () if wanted in case.known.actors else {Need(Want.ACTOR, wanted)}
    if target in case.known.featured and said.via and wanted not in case.known.posts:
        return {Need(Want.POST, wanted, said.via)}
    return ()


def _decision(case: _Case) -> Iterable[Need]:
    """Nothing: stewards of ours are known, and another community's word needs no speaker."""
    return ()


def _block(case: _Case) -> Iterable[Need]:
    """Whoever is banned from a community of ours has to be known."""
    target, wanted = case.said.activity.target or "", case.object_id
    if not case.uris.is_local(target):
        return _personal_block(case, case.said.activity)
    known = not wanted or case.uris.is_local(wanted) or wanted in case.known.actors
    speaks = case.said.activity.actor in case.known.actors
    return () if known or not speaks or not case.believed else {Need(Want.ACTOR, wanted)}


def _personal_block(case: _Case, block: Activity) -> Iterable[Need]:
    """Somebody elsewhere keeps a person from here away."""
    ours = block.target is None and case.uris.is_local(block.object_id or "")
    return case.speaker() if case.believed and isinstance(block, Block) and ours else ()


def _flag(case: _Case) -> Iterable[Need]:
    """Who reports is asked for only if it is about something here."""
    things = case.said.activity.objects[:MOST_LOOKED_UP]
    uris = {one if isinstance(one, str) else one.id or "" for one in things}
    known = not case.known.posts.isdisjoint(uris) or any(map(case.uris.is_local, uris))
    return case.speaker() if case.believed and known else ()


def _move(case: _Case) -> Iterable[Need]:
    """The new account of somebody whom we know has to name the old one (alsoKnownAs)."""
    activity = case.said.activity
    target = activity.target
    theirs = case.believed and case.object_id == activity.actor
    if not theirs or activity.actor not in case.known.actors or target is None:
        return ()
    return () if case.uris.is_local(target) else {Need(Want.PROFILE, target)}


_RULES: Mapping[type[Activity], Callable[[_Case], Iterable[Need]]] = {
    Create: _create,
    Update: _update,
    Delete: _delete,
    Announce: _announce,
    Undo: _undo,
    Add: _add,
    Remove: _decision,
    Lock: _decision,
    Block: _block,
    Flag: _flag,
    Move: _move,
    **dict.fromkeys(VOTES, _vote),
}

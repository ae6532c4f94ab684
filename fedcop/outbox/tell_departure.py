"""The last word of an account that ends goes to every server that knows it."""

from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    bindparam,
    exists,
    select,
    union,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from fedcop.activitypub.vocab.write import activity
from fedcop.domain.communities.models import Audience, Membership
from fedcop.domain.network.models import Host, RemoteInbox
from fedcop.domain.people.facts import PersonCleared
from fedcop.domain.people.models import Actor, Follow
from fedcop.domain.posts.models import KnownAt, Post
from fedcop.outbox.models import Delivery, Lane
from fedcop.outbox.publish import emptied, forget_words, mint, say, tell
from fedcop.uris import PUBLIC
from fedcop.work.unit_of_work import UnitOfWork


def departed(uow: UnitOfWork, fact: PersonCleared) -> None:
    """A `Delete` of the actor, in the lane of what they said, and so after it.

    It goes to the audience of each community of ours in which they were or wrote, to communities
    elsewhere likewise, to who follows them and whom they follow, and wherever a post of theirs is
    known. `removeData` lets Lemmy delete their posts, too; others do so anyway. What the journal
    still says of their profile, and of whom they followed, liked or reported, is emptied; what they
    decided as stewards is others' affair, too, and stays.
    """
    actor = uow.get(Actor, fact.actor_id)
    forget_words(uow, actor)
    uow.session.execute(_FORGET_DOINGS, {"who": actor.uri})
    document = activity(
        "Delete",
        id=mint(uow),
        actor=actor.uri,
        object=actor.uri,
        to=[PUBLIC],
        published=uow.now,
        removeData=True,
    )
    said = say(uow, document)
    ours = select(Actor.id).where(Actor.id.in_(_communities(actor.id)), Actor.host_id.is_(None))
    for community_id in uow.session.scalars(ours.order_by(Actor.id)):
        tell(uow, said, community_id=community_id)
    on_postgres = uow.session.get_bind().dialect.name == "postgresql"
    row = {"actor": actor.id, "activity": said.id, "lane": Lane.CONTENT}
    uow.once(_EVERYWHERE_ON_POSTGRES if on_postgres else _EVERYWHERE_ON_SQLITE, row)


def _own_doings(said: FromClause) -> ColumnElement[bool]:
    doings = said.c.type.in_(("Like", "Dislike", "Follow", "Flag"))
    return said.c.local & (said.c.actor_uri == bindparam("who")) & doings


_FORGET_DOINGS = emptied(_own_doings)


def _communities(actor_id: Any) -> Select[Any]:
    """Where a person belongs, or has written."""
    belongs = select(Membership.community_id).where(Membership.actor_id == actor_id)
    wrote = select(Post.community_id).where(Post.author_id == actor_id)
    return select(union(belongs, wrote).subquery().c.community_id)


def _everywhere(on: Any) -> Executable:
    """One row for each address that hears nothing by an audience of ours."""
    who = bindparam("actor", type_=BigInteger)
    near = union(
        _communities(who),
        select(Follow.follower_id).where(Follow.target_id == who),
        select(Follow.target_id).where(Follow.follower_id == who),
    )
    people = select(Actor.delivery_inbox_id).where(Actor.id.in_(near), Actor.deleted_at.is_(None))
    copies = select(KnownAt.inbox_id).join(Post, Post.id == KnownAt.post_id)
    copies = copies.where(Post.author_id == who)
    told = exists().where(
        Audience.inbox_id == RemoteInbox.id, Audience.community_id.in_(_communities(who))
    )
    where = (
        select(
            RemoteInbox.host_id,
            bindparam("lane", type_=BigInteger),
            bindparam("activity", type_=BigInteger),
            RemoteInbox.id,
        )
        .join(Host, Host.id == RemoteInbox.host_id)
        .where(RemoteInbox.id.in_(union(people, copies)))
        .where(~told, ~Host.blocked)
    )
    into = on(cast("Table", Delivery.__table__)).from_select(
        ["host_id", "lane", "activity_id", "inbox_id"], where
    )
    return into.on_conflict_do_nothing()


_EVERYWHERE_ON_SQLITE = _everywhere(sqlite.insert)
_EVERYWHERE_ON_POSTGRES = _everywhere(postgresql.insert)

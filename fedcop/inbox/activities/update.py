"""Update: the author elsewhere has changed a post, or a steward elsewhere a community of ours."""

from dataclasses import replace

from fedcop.activitypub.vocab.activities import Update
from fedcop.activitypub.vocab.actors import Actor as WireActor
from fedcop.activitypub.vocab.base import Object
from fedcop.domain.communities.amend import amend
from fedcop.domain.communities.models import Community
from fedcop.domain.network.tombstones import is_buried
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.edit import edit
from fedcop.domain.posts.models import Post
from fedcop.errors import NotTheirs
from fedcop.inbox.activities.create import author_of, words_of
from fedcop.inbox.authority import decided_by
from fedcop.inbox.inbound import Awaiting, Inbound, Means
from fedcop.text.plain import words as plain
from fedcop.work.unit_of_work import UnitOfWork


def update(uow: UnitOfWork, inbound: Inbound[Update], means: Means) -> bool:
    """Edit the post; an older or repeated one changes nothing.

    A profile was read again from its own host before, so nothing is left to do. Raises NotTheirs
    for anybody but the author, Awaiting for a post that is not here yet.
    """
    activity = inbound.activity
    wire, uri = activity.object, activity.object_id
    if isinstance(wire, WireActor):
        return uow.uris.is_local(uri or "") and _update_community(uow, inbound, wire)
    if uri is None or not isinstance(wire, Object) or uow.find(Actor, uri) is not None:
        return False
    post = uow.find(Post, uri)
    author = author_of(uow, inbound, wire)
    if post is None:
        if is_buried(uow, uri, author.uri):
            return False
        raise Awaiting(uri)
    if post.author_id != author.id:
        raise NotTheirs("Only who wrote it can change it.")
    if post.deleted_at is not None or wire.type not in means.objects:
        return False
    words = words_of(uow, wire, means)
    if not post.is_starter:
        words = replace(words, title="")
    elif not words.title:
        words = replace(words, title=post.title)
    at = wire.updated or activity.updated or activity.published or inbound.received_at
    return edit(uow, post, author, words, min(at, inbound.received_at))


def _update_community(uow: UnitOfWork, inbound: Inbound[Update], wire: WireActor) -> bool:
    """What Lemmy's moderators change from afar: title, description, who may start discussions.

    Addresses and keys are ours to say. Raises NotTheirs for who is no steward.
    """
    group = uow.find(Actor, wire.id or "")
    community = uow.look_up(Community, group.id) if group is not None else None
    if group is None or community is None:
        return False
    by = decided_by(uow, inbound, group.id)
    restricted = wire.raw.get("postingRestrictedToMods")
    described = wire.source_markdown
    if described is None and wire.summary is not None:
        described = plain(wire.summary)
    return by is not None and amend(
        uow,
        community,
        by,
        title=wire.name,
        description=described,
        stewards_only=restricted if isinstance(restricted, bool) else None,
    )

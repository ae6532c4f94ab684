"""The collections of a community that an Add or a Remove changes: its stewards, what is pinned."""

from fedcop.activitypub.vocab.activities import Activity
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.roles import appoint, dismiss
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.feature import pin, unpin
from fedcop.domain.posts.models import Post
from fedcop.errors import NotTheirs
from fedcop.inbox.authority import decided_by, is_withdrawn, withdraw
from fedcop.inbox.inbound import Awaiting, Inbound
from fedcop.work.unit_of_work import UnitOfWork


def put(uow: UnitOfWork, inbound: Inbound[Activity], change: Activity, *, into: bool) -> bool:
    """Add the object of `change` to the collection that it names as `target`, or take it out.

    `change` is what was said, or, in an Undo, what is taken back: an Add that arrives only after
    its Undo stays away, and a Remove likewise. False if the collection is none that we know, or
    holds it so already. Raises NotTheirs unless the speaker decides in that community, Awaiting
    for a discussion that is not here yet.
    """
    target, uri = change.target, change.object_id
    group = None if target is None else _owner(uow, inbound, target)
    if group is None or uri is None:
        return False
    by = decided_by(uow, inbound, group.id)
    if change is not inbound.activity:
        changed = _change(uow, group, change, by, into=into)
        withdraw(uow, change, group.id)
        return changed
    return not is_withdrawn(uow, change, group.id) and _change(uow, group, change, by, into=into)


def _change(
    uow: UnitOfWork, group: Actor, change: Activity, by: Actor | None, *, into: bool
) -> bool:
    target, uri = change.target, change.object_id or ""
    if target == group.moderators_uri:
        person = uow.find(Actor, uri)
        community = uow.get(Community, group.id)
        return person is not None and (appoint if into else dismiss)(uow, community, person, by)
    post = uow.find(Post, uri)
    if post is None:
        if uow.uris.is_local(uri):
            return False
        raise Awaiting(uri)
    if post.community_id != group.id:
        raise NotTheirs("The post belongs to another community.")
    return (pin if into else unpin)(uow, post, by)


def _owner(uow: UnitOfWork, inbound: Inbound[Activity], target: str) -> Actor | None:
    """The community whose collection this is.

    One of ours is found by the address; of others only who announces it, or says it, is meant.
    """
    groups = [inbound.via, inbound.actor]
    if uow.uris.is_local(target):
        groups = [uow.find(Actor, target.rpartition("/")[0])]
    for group in groups:
        known = group is not None and uow.look_up(Community, group.id) is not None
        if group is not None and known and target in {group.moderators_uri, group.featured_uri}:
            return group
    return None

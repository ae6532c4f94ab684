"""Delete: an author takes a post back, an actor is gone, or a community takes a post out.

Undo{Delete}: the community lets it in again.
"""

from fedcop.activitypub.vocab.activities import Activity, Delete
from fedcop.domain.network.tombstones import bury, unbury
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.departure import depart_elsewhere
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import LONGEST_REASON, remove, restore
from fedcop.domain.posts.remove import delete as delete_post
from fedcop.inbox.authority import decided_by, is_withdrawn, stewards, withdraw
from fedcop.inbox.inbound import Inbound, Means, Proof
from fedcop.inbox.needs import recipients
from fedcop.text.plain import words
from fedcop.work.unit_of_work import UnitOfWork


def delete(uow: UnitOfWork, inbound: Inbound[Delete], means: Means) -> bool:
    """What is deleted before it came stays away. Raises NotTheirs for what is another's."""
    uri = inbound.activity.object_id
    if uri is None:
        return False
    if uri == inbound.activity.actor:
        return _delete_actor(uow, inbound)
    post = uow.find(Post, uri)
    return _bury(uow, inbound, uri) if post is None else _delete_post(uow, inbound, post)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """What the stewards took out stands again; what its author deleted is gone for good.

    A Delete that arrives only after its Undo stays away. Lemmy embeds a Delete under a new id, so
    whatever id it has, it means the removal that stands.
    """
    uri = undone.object_id or ""
    post = uow.find(Post, uri)
    if post is not None:
        restore(uow, post, decided_by(uow, inbound, post.community_id))
        withdraw(uow, undone, post.community_id)
        return True
    community = _decider(uow, inbound)
    if community is None:
        return False
    unbury(uow, uri, community.uri)
    withdraw(uow, undone, community.id)
    return True


def _bury(uow: UnitOfWork, inbound: Inbound[Delete], uri: str) -> bool:
    """Remember it of its author, and of the community that takes it out before it has come."""
    if uow.uris.is_local(uri):
        return False
    community = _decider(uow, inbound)
    if community is not None and not is_withdrawn(uow, inbound.activity, community.id):
        bury(uow, uri, community.uri)
    if inbound.proof is Proof.RELAYED:
        return community is not None
    bury(uow, uri, inbound.activity.actor)
    return True


def _decider(uow: UnitOfWork, inbound: Inbound[Activity]) -> Actor | None:
    """The community for which this is a decision: it announces it, or is ours and a steward's."""
    if inbound.via is not None:
        return inbound.via
    if inbound.actor is None or inbound.proof is Proof.RELAYED:
        return None
    for uri in recipients(inbound.activity):
        group = uow.find(Actor, uri)
        if group is not None and group.is_local and stewards(uow, group.id, inbound.actor):
            return group
    return None


def _delete_post(uow: UnitOfWork, inbound: Inbound[Delete], post: Post) -> bool:
    author = uow.get(Actor, post.author_id)
    own = author.uri == inbound.activity.actor and inbound.proof is not Proof.RELAYED
    if own or _for_a_group(inbound, author):
        delete_post(uow, post, author)
        return True
    by = decided_by(uow, inbound, post.community_id)
    if is_withdrawn(uow, inbound.activity, post.community_id):
        return False
    remove(uow, post, by, words(inbound.activity.summary or "")[:LONGEST_REASON])
    return True


def _for_a_group(inbound: Inbound[Delete], author: Actor) -> bool:
    """Whether a member speaks for the group that wrote it: its host has it no longer."""
    same = inbound.actor is not None and inbound.actor.host_id == author.host_id
    return author.type == "Group" and same and inbound.proof is Proof.FETCHED


def _delete_actor(uow: UnitOfWork, inbound: Inbound[Delete]) -> bool:
    if inbound.actor is None or inbound.proof is Proof.RELAYED or inbound.actor.is_local:
        return False
    depart_elsewhere(uow, inbound.actor)
    return True

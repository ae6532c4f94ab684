"""Delete: an author takes a post back, an actor is gone, or a community takes a post out."""

from fedcop.activitypub.vocab.activities import Delete
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.network.tombstones import bury
from fedcop.domain.people.models import Actor
from fedcop.domain.people.remote import forget
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import delete as delete_post
from fedcop.domain.posts.remove import remove
from fedcop.errors import NotTheirs
from fedcop.inbox.departures import standing_posts
from fedcop.inbox.inbound import Inbound, Means, Proof
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


def _bury(uow: UnitOfWork, inbound: Inbound[Delete], uri: str) -> bool:
    if inbound.proof is Proof.RELAYED or uow.uris.is_local(uri):
        return False
    bury(uow, uri, inbound.activity.actor)
    return True


def _delete_post(uow: UnitOfWork, inbound: Inbound[Delete], post: Post) -> bool:
    author = uow.get(Actor, post.author_id)
    if author.uri != inbound.activity.actor:
        return _remove(uow, inbound, post)
    if inbound.proof is not Proof.RELAYED:
        delete_post(uow, post, author)
        return True
    return _hide(uow, inbound, post)


def _delete_actor(uow: UnitOfWork, inbound: Inbound[Delete]) -> bool:
    if inbound.actor is None or inbound.proof is Proof.RELAYED or inbound.actor.is_local:
        return False
    for post in standing_posts(uow.session, inbound.actor):
        delete_post(uow, post, inbound.actor)
    forget(uow, inbound.actor)
    return True


def _remove(uow: UnitOfWork, inbound: Inbound[Delete], post: Post) -> bool:
    """A steward takes it out: for our communities by our own list, for another's by its word."""
    community = uow.get(Community, post.community_id)
    actor = inbound.actor
    if not community.local and inbound.via is not None:
        return _hide(uow, inbound, post)
    group = uow.get(Actor, post.community_id)
    itself = not community.local and group.uri == inbound.activity.actor
    if actor is None or inbound.proof is Proof.RELAYED:
        raise NotTheirs("Only its author or a steward of its community can delete it.")
    if not itself and not is_steward(uow.session, post.community_id, actor.id):
        raise NotTheirs("Only its author or a steward of its community can delete it.")
    remove(uow, post, actor)
    return True


def _hide(uow: UnitOfWork, inbound: Inbound[Delete], post: Post) -> bool:
    """A community is believed about what is removed in it, and about nothing else."""
    if inbound.via is None or inbound.via.id != post.community_id:
        raise NotTheirs("The post belongs to another community.")
    remove(uow, post, inbound.actor)
    return True

"""Like, Dislike, EmojiReact: a vote on a post, and its Undo."""

import hashlib
import hmac

from fedcop.activitypub.vocab.activities import Activity, Dislike
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.posts.models import Post, Vote
from fedcop.domain.posts.vote import report_vote
from fedcop.domain.posts.vote import vote as let_vote
from fedcop.errors import NotTheirs
from fedcop.inbox.inbound import Awaiting, Inbound, Means, Proof
from fedcop.work.unit_of_work import UnitOfWork


def vote(uow: UnitOfWork, inbound: Inbound[Activity], means: Means) -> bool:
    """Count the vote: of its actor, or, if a community alone reports it, of nobody by name.

    Raises Awaiting while the post is not here.
    """
    activity = inbound.activity
    uri = activity.object_id
    if uri is None or is_buried(uow, activity.id or "", activity.actor):
        return False
    post = uow.find(Post, uri)
    if post is None:
        if inbound.via is not None or uow.uris.is_local(uri):
            return False  # an old post of the community, which nobody here has seen
        raise Awaiting(uri)
    if _is_gone(post):
        return False
    _check_place(inbound, post)
    value = value_of(activity)
    if inbound.proof is Proof.RELAYED:
        if is_buried(uow, activity.id or "", _teller(inbound)):
            return False
        report_vote(uow, post, _hash(activity.actor, post, means), value)
        return False
    let_vote(uow, post, inbound.speaker, value, uri=activity.id)
    return True


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """Take the vote back; one that arrives only after its Undo stays away.

    Lemmy embeds the vote under a new id, so an id that we have never seen means whatever stands.
    """
    post = uow.find(Post, undone.object_id or "")
    if inbound.proof is Proof.RELAYED:
        if post is not None:
            _check_place(inbound, post)
            report_vote(uow, post, _hash(inbound.activity.actor, post, means), 0)
            if undone.id:
                bury(uow, undone.id, _teller(inbound))
        return False
    if undone.id:
        bury(uow, undone.id, inbound.activity.actor)
    if post is None or inbound.actor is None or _is_gone(post):
        return True
    _check_place(inbound, post)
    standing = uow.look_up(Vote, (post.id, inbound.actor.id))
    if standing is None or standing.value != value_of(undone):
        return True
    if standing.uri != undone.id and undone.id and uow.find(Journal, undone.id) is not None:
        return True  # an older vote, which another has replaced
    let_vote(uow, post, inbound.actor, 0)
    return True


def value_of(activity: Activity) -> int:
    """+1 or -1; a reaction with any emoji is a Like."""
    return -1 if isinstance(activity, Dislike) else 1


def _is_gone(post: Post) -> bool:
    """Votes on what stewards took out are kept: it may stand again, and then they count."""
    return post.deleted_at is not None or not post.confirmed


def _teller(inbound: Inbound[Activity]) -> str:
    """The community that alone tells of it."""
    return inbound.via.uri if inbound.via is not None else inbound.activity.actor


def _check_place(inbound: Inbound[Activity], post: Post) -> None:
    if inbound.via is not None and inbound.via.id != post.community_id:
        raise NotTheirs("The post belongs to another community.")


def _hash(actor: str, post: Post, means: Means) -> str:
    """Who it was, so that an Undo finds the vote again; another on every post."""
    return hmac.new(means.secret, f"{actor} {post.uri}".encode(), hashlib.sha256).hexdigest()

"""Lock: nobody can reply to a post any more; Undo{Lock}: they can again."""

from fedcop.activitypub.vocab.activities import Activity, Lock
from fedcop.domain.posts.feature import LONGEST_REASON, unlock
from fedcop.domain.posts.feature import lock as lock_post
from fedcop.domain.posts.models import Post
from fedcop.inbox.authority import decided_by, is_withdrawn, withdraw
from fedcop.inbox.inbound import Awaiting, Inbound, Means
from fedcop.text.plain import words
from fedcop.work.unit_of_work import UnitOfWork


def lock(uow: UnitOfWork, inbound: Inbound[Lock], means: Means) -> bool:
    """Lock the post, for the reason in `summary` (Lemmy, PieFed, Mbin), unless it was undone.

    Raises NotTheirs unless the speaker decides in its community, Awaiting while it is not here.
    """
    activity = inbound.activity
    post = _post(uow, activity)
    if post is None:
        return False
    by = decided_by(uow, inbound, post.community_id)
    if is_withdrawn(uow, activity, post.community_id):
        return False
    return lock_post(uow, post, by, words(activity.summary or "")[:LONGEST_REASON])


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """Unlock it; a Lock that arrives only after its Undo stays away."""
    post = _post(uow, undone)
    if post is None:
        return False
    by = decided_by(uow, inbound, post.community_id)
    withdraw(uow, undone, post.community_id)
    unlock(uow, post, by)
    return True


def _post(uow: UnitOfWork, activity: Activity) -> Post | None:
    uri = activity.object_id
    post = uow.find(Post, uri or "")
    if post is None and uri is not None and not uow.uris.is_local(uri):
        raise Awaiting(uri)
    return post

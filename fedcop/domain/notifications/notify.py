"""Which fact concerns whom: replies and mentions of people who are here."""

from fedcop.domain.notifications.models import Notification
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostPublished
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork

REPLY = "reply"
MENTION = "mention"


def notify_published(uow: UnitOfWork, fact: PostPublished) -> None:
    """Tell whoever is answered or named, once, and never about what they wrote themselves."""
    post = uow.get(Post, fact.post_id)
    reasons: dict[int, str] = dict.fromkeys(fact.mentioned, MENTION)
    if post.parent_id is not None:
        reasons[uow.get(Post, post.parent_id).author_id] = REPLY
    for actor_id, reason in reasons.items():
        actor = uow.get(Actor, actor_id)
        if actor.is_local and actor.type == "Person" and actor_id != post.author_id:
            uow.add(
                Notification(
                    account_id=actor_id,
                    reason=reason,
                    actor_id=post.author_id,
                    post_id=post.id,
                )
            )

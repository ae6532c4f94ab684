"""What other servers are told of who follows whom among people."""

from fedcop.domain.people.facts import FollowAsked, Followed, FollowerDropped, Unfollowed
from fedcop.domain.people.models import Actor
from fedcop.outbox import activities
from fedcop.outbox.models import Lane
from fedcop.outbox.publish import bring, mint, say
from fedcop.outbox.tell_members import follow_as_sent
from fedcop.work.unit_of_work import UnitOfWork


def follow_asked(uow: UnitOfWork, fact: FollowAsked) -> None:
    """A person here would follow a person elsewhere: that server gets a `Follow`."""
    follower, target = uow.get(Actor, fact.follower_id), uow.get(Actor, fact.target_id)
    said = say(uow, activities.follow(fact.uri, follower, target.uri))
    bring(uow, said, [target], Lane.CONTROL)


def followed(uow: UnitOfWork, fact: Followed) -> None:
    """Somebody elsewhere follows a person here: their `Follow` is accepted, every time."""
    follower, target = uow.get(Actor, fact.follower_id), uow.get(Actor, fact.target_id)
    if follower.is_local or not target.is_local or fact.uri is None:
        return
    document = activities.accept(mint(uow), target, follower, fact.uri)
    said = say(uow, document, inner=follow_as_sent(uow, fact.uri))
    bring(uow, said, [follower], Lane.CONTROL)


def follower_dropped(uow: UnitOfWork, fact: FollowerDropped) -> None:
    """A person here does not want a follower, or no longer: their `Follow` is rejected.

    A `Reject` after an `Accept` removes the follower (Mastodon, GoToSocial, Pleroma).
    """
    follower, target = uow.get(Actor, fact.follower_id), uow.get(Actor, fact.target_id)
    if follower.is_local or not target.is_local or fact.uri is None:
        return
    document = activities.accept(mint(uow), target, follower, fact.uri) | {"type": "Reject"}
    said = say(uow, document, inner=follow_as_sent(uow, fact.uri))
    bring(uow, said, [follower], Lane.CONTROL)


def unfollowed(uow: UnitOfWork, fact: Unfollowed) -> None:
    """A person here no longer follows one elsewhere: their `Follow` is undone."""
    follower, target = uow.get(Actor, fact.follower_id), uow.get(Actor, fact.target_id)
    if not follower.is_local or target.is_local or fact.uri is None:
        return
    follow = activities.follow(fact.uri, follower, target.uri)
    said = say(uow, activities.undo(mint(uow), follow, to=[target.uri], cc=[]))
    bring(uow, said, [target], Lane.CONTROL)

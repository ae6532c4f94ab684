"""A person listens to a person: asked, accepted, refused, ended, here or from afar."""

from fedcop.domain.people.apart import is_blocked
from fedcop.domain.people.facts import FollowAsked, Followed, FollowerDropped, Unfollowed
from fedcop.domain.people.models import Actor, Follow, FollowStanding
from fedcop.errors import NotAllowed, NotFound
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

_NOT_PEOPLE = frozenset({"Group", "Application"})


def follow(
    uow: UnitOfWork, follower: Actor, target: Actor, uri: str | None = None
) -> Follow | None:
    """Listen to a person: at once to one of ours, after their server's answer to another's.

    `uri` is the Follow of a remote follower. Asking again is answered again, because a lost Accept
    leaves a peer waiting for ever. Between people of whom one blocks the other a follower from
    afar is refused (None), and one of ours gets NotAllowed; so does who would follow themselves,
    or something that is no person.
    """
    if target.type in _NOT_PEOPLE or target.id == follower.id:
        raise NotAllowed("Only another person can be followed; a community is joined.")
    if is_blocked(uow.session, follower.id, target.id):
        if follower.is_local:
            raise NotAllowed("One of you blocks the other, so that you cannot follow each other.")
        uow.emit(FollowerDropped(follower.id, target.id, uri))
        return None
    standing = uow.look_up(Follow, (follower.id, target.id))
    if target.is_local:
        return _listen_here(uow, follower, target, standing, uri)
    if standing is None:
        standing = _written(uow, follower, target, FollowStanding.ASKED)
    if standing.standing != FollowStanding.ACTIVE:
        asked = uow.uris.activity(new_id())
        standing.uri = asked
        uow.emit(FollowAsked(follower.id, target.id, asked))
    return standing


def granted(uow: UnitOfWork, follower: Actor, target: Actor) -> None:
    """The server of a person elsewhere has accepted. Raises NotFound if it was never asked."""
    standing = _asked(uow, follower, target)
    if standing.standing != FollowStanding.ACTIVE:
        standing.standing, standing.followed_at = FollowStanding.ACTIVE, uow.now
        uow.emit(Followed(follower.id, target.id, standing.uri))


def refused(uow: UnitOfWork, follower: Actor, target: Actor) -> None:
    """A person elsewhere does not want this follower, or no longer. Raises NotFound likewise."""
    _end(uow, _asked(uow, follower, target))


def unfollow(uow: UnitOfWork, follower: Actor, target: Actor) -> None:
    """No longer listen, or take back the wish to; what does not stand changes nothing."""
    standing = uow.look_up(Follow, (follower.id, target.id))
    if standing is not None:
        _end(uow, standing)
        uow.emit(Unfollowed(follower.id, target.id, standing.uri))


def drop_follower(uow: UnitOfWork, target: Actor, follower: Actor) -> None:
    """`target` no longer lets `follower` listen; their server is told."""
    standing = uow.look_up(Follow, (follower.id, target.id))
    if standing is not None:
        _end(uow, standing)
        uow.emit(FollowerDropped(follower.id, target.id, standing.uri))


def _listen_here(
    uow: UnitOfWork, follower: Actor, target: Actor, standing: Follow | None, uri: str | None
) -> Follow:
    again = standing is not None
    if standing is None:
        standing = _written(uow, follower, target, FollowStanding.ACTIVE)
    standing.uri = uri or standing.uri
    uow.emit(Followed(follower.id, target.id, uri, again=again))
    return standing


def _written(uow: UnitOfWork, follower: Actor, target: Actor, standing: FollowStanding) -> Follow:
    row = Follow(
        follower_id=follower.id, target_id=target.id, standing=standing, followed_at=uow.now
    )
    uow.add(row)
    uow.remember((follower.id, target.id), row)
    return row


def _asked(uow: UnitOfWork, follower: Actor, target: Actor) -> Follow:
    standing = uow.look_up(Follow, (follower.id, target.id))
    if standing is None or target.is_local:
        raise NotFound(f"{follower.uri} never asked to follow {target.uri}.")
    return standing


def _end(uow: UnitOfWork, standing: Follow) -> None:
    uow.write()
    uow.session.delete(standing)
    uow.write()
    uow.forget(Follow, (standing.follower_id, standing.target_id))

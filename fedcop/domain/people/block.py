"""A person wants nothing to do with another, or no longer minds."""

from fedcop.domain.people.apart import blocked_by, is_blocked
from fedcop.domain.people.follow import drop_follower, unfollow
from fedcop.domain.people.models import Actor, Block
from fedcop.errors import NotAllowed
from fedcop.work.unit_of_work import UnitOfWork

__all__ = ["block", "blocked_by", "is_blocked", "unblock"]


def block(uow: UnitOfWork, blocker: Actor, target: Actor, uri: str | None = None) -> None:
    """Remember it, and end what stands between the two; blocking twice changes nothing.

    `uri` is the Block by which a remote person said so. Of a block made here nobody is told, since
    that would tell the blocked; the ends of the follows are told as such. Raises NotAllowed for
    oneself, and for what is no person.
    """
    if target.id == blocker.id or target.type in {"Group", "Application"}:
        raise NotAllowed("Only another person can be blocked.")
    standing = uow.look_up(Block, (blocker.id, target.id))
    if standing is not None:
        standing.uri = uri or standing.uri
        return
    standing = Block(blocker_id=blocker.id, target_id=target.id, blocked_at=uow.now, uri=uri)
    uow.add(standing)
    uow.remember((blocker.id, target.id), standing)
    drop_follower(uow, blocker, target)
    unfollow(uow, blocker, target)


def unblock(uow: UnitOfWork, blocker: Actor, target: Actor) -> None:
    """The two may meet again. What had ended stays so until somebody follows anew."""
    standing = uow.look_up(Block, (blocker.id, target.id))
    if standing is not None:
        uow.write()
        uow.session.delete(standing)
        uow.write()
        uow.forget(Block, (blocker.id, target.id))

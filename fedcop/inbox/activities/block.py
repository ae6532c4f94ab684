"""Block: somebody elsewhere wants nothing to do with a person of ours, or bans from a community."""

from fedcop.activitypub.vocab.activities import Activity, Block
from fedcop.inbox.activities.block_person import block_person, undo_block
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def block(uow: UnitOfWork, inbound: Inbound[Block], means: Means) -> bool:
    """With a community as its `target` it is a ban; any other is between two people."""
    return block_person(uow, inbound)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """The ban is lifted, or the two may meet again."""
    return undo_block(uow, inbound, undone)

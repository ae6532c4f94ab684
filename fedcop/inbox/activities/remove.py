"""Remove: somebody is no steward any more, or a discussion is not pinned; Undo{Remove}: again."""

from fedcop.activitypub.vocab.activities import Activity, Remove
from fedcop.inbox.activities.collection import put
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def remove(uow: UnitOfWork, inbound: Inbound[Remove], means: Means) -> bool:
    """Take it out of the collection named by `target`."""
    return put(uow, inbound, inbound.activity, into=False)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """Put it in again."""
    return put(uow, inbound, undone, into=True)

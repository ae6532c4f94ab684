"""Add: a community has a new steward, or pins a discussion; Undo{Add}: no longer."""

from fedcop.activitypub.vocab.activities import Activity, Add
from fedcop.inbox.activities.collection import put
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def add(uow: UnitOfWork, inbound: Inbound[Add], means: Means) -> bool:
    """Put it into the collection named by `target`, as Lemmy, PieFed and Mbin say it."""
    return put(uow, inbound, inbound.activity, into=True)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """Take it out again."""
    return put(uow, inbound, undone, into=False)

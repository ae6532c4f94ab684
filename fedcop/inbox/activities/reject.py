"""Reject: the community elsewhere that somebody here asked to join refuses, or ends it."""

from fedcop.activitypub.vocab.activities import Reject
from fedcop.domain.communities.join import refused
from fedcop.inbox.activities.accept import who_asked
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def reject(uow: UnitOfWork, inbound: Inbound[Reject], means: Means) -> bool:
    """The community does not want the member, or no longer."""
    asked = who_asked(uow, inbound)
    if asked is None:
        return False
    refused(uow, *asked)
    return True

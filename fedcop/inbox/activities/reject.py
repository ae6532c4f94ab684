"""Reject: the community or person elsewhere whom somebody here asked refuses, or ends it."""

from fedcop.activitypub.vocab.activities import Reject
from fedcop.domain.communities.join import refused
from fedcop.inbox.activities.accept import who_asked
from fedcop.inbox.activities.follow_person import answered
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def reject(uow: UnitOfWork, inbound: Inbound[Reject], means: Means) -> bool:
    """They do not want the member or follower, or no longer."""
    if inbound.speaker.type != "Group":
        return answered(uow, inbound, yes=False)
    asked = who_asked(uow, inbound)
    if asked is None:
        return False
    refused(uow, *asked)
    return True

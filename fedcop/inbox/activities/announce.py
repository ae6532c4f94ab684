"""Announce of one post: by a community its publication, by anybody else a boost."""

from fedcop.activitypub.vocab.activities import Announce
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def announce(uow: UnitOfWork, inbound: Inbound[Announce], means: Means) -> bool:
    """Nothing is left to do.

    What a community that we listen to announces was fetched from its author's host and published
    before; a boost changes nothing here.
    """
    return False

"""What is counted of a community.

Its members and its discussions are counted up and down from what stands in the row when the unit is
written, never from what was read: several may count at the same moment, and nobody waits for them
before.
"""

from typing import cast

from sqlalchemy import BigInteger, Integer, Table, bindparam, case, update

from fedcop.domain.communities.models import Community
from fedcop.work.unit_of_work import UnitOfWork

_COMMUNITIES = cast("Table", Community.__table__)
_THIS = update(_COMMUNITIES).where(
    _COMMUNITIES.c.actor_id == bindparam("community", type_=BigInteger)
)
_MEMBERS = _COMMUNITIES.c.members_count + bindparam("by", type_=Integer)
_COUNT_MEMBERS = _THIS.values(members_count=case((_MEMBERS > 0, _MEMBERS), else_=0))
_COUNT_THREAD = _THIS.values(threads_count=_COMMUNITIES.c.threads_count + 1)


def count_members(uow: UnitOfWork, community: Community, by: int) -> None:
    """So many more belong to it from now on, or fewer; never fewer than none."""
    uow.once(_COUNT_MEMBERS, {"community": community.actor_id, "by": by})


def count_thread(uow: UnitOfWork, community: Community) -> None:
    """It has one discussion more."""
    uow.once(_COUNT_THREAD, {"community": community.actor_id})

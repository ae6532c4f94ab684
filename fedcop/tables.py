"""Every table, so that the metadata is whole for migrations and tests."""

from fedcop.db.base import Base
from fedcop.domain.access import models as access
from fedcop.domain.communities import models as communities
from fedcop.domain.moderation import models as moderation
from fedcop.domain.network import models as network
from fedcop.domain.notifications import models as notifications
from fedcop.domain.people import models as people
from fedcop.domain.posts import models as posts
from fedcop.domain.site import models as site
from fedcop.inbox import models as inbox
from fedcop.outbox import models as outbox
from fedcop.work import jobs

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "access",
    "communities",
    "inbox",
    "jobs",
    "moderation",
    "network",
    "notifications",
    "outbox",
    "people",
    "posts",
    "site",
]

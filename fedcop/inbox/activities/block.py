"""Block: of a person by a person, or, with a target, from a community or a server; its Undo."""

from fedcop.activitypub.vocab.activities import Activity, Block
from fedcop.inbox.activities.ban import ban_from_server, ban_person, community_of, lift_ban
from fedcop.inbox.activities.block_person import block_person, undo_block
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def block(uow: UnitOfWork, inbound: Inbound[Block], means: Means) -> bool:
    """What has no `target` is personal, as Mastodon reads it; Lemmy's bans always have one."""
    if inbound.activity.target is None:
        return block_person(uow, inbound)
    community = community_of(uow, inbound.activity)
    if community is None:
        return ban_from_server(inbound)
    return ban_person(uow, inbound, community)


def undo(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity, means: Means) -> bool:
    """The way back of the same; raises NotTheirs as they do."""
    community = community_of(uow, undone)
    if community is not None:
        return lift_ban(uow, inbound, undone, community)
    return undone.target is None and undo_block(uow, inbound, undone)

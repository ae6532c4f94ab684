"""Writes notifications, all of a unit by one statement of each form, and only to people here."""

from collections.abc import Iterable
from functools import cache
from typing import cast

from sqlalchemy import BigInteger, String, Table, and_, bindparam, exists, insert, or_, select
from sqlalchemy.sql.base import Executable

from fedcop.domain.notifications.models import Mute, Notification
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.people.models import Account, Block
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_WORDS = 1000


def send(
    uow: UnitOfWork,
    to: Iterable[int],
    reason: Reason,
    actor_id: int,
    *,
    post_id: int | None = None,
    community_id: int | None = None,
    words: str = "",
    root_id: int | None = None,
    always: bool = False,
    once: bool = False,
) -> None:
    """Let those of these actors who have an account here know of something.

    Who has blocked the actor, or is blocked by them, does not hear of it, unless `always`: what
    stewards decide or have to decide reaches everyone it concerns. With `root_id`, who has muted
    that discussion does not either. `once`: not while the same waits unread already.
    """
    statement = _statement(always=always, once=once)
    for account_id in dict.fromkeys(to):
        row = {
            "id_": new_id(),
            "account": account_id,
            "reason_": reason.value,
            "actor": actor_id,
            "post": post_id,
            "community": community_id,
            "words_": words[:LONGEST_WORDS],
            "root": root_id,
        }
        uow.once(statement, row)


@cache
def _statement(*, always: bool, once: bool) -> Executable:
    """`INSERT … SELECT` from the account: who has none gets no row, and nobody is asked before."""
    table = cast("Table", Notification.__table__)
    account, actor = bindparam("account", type_=BigInteger), bindparam("actor", type_=BigInteger)
    community = bindparam("community", type_=BigInteger)
    reason, root = bindparam("reason_", type_=String), bindparam("root", type_=BigInteger)
    what = select(
        bindparam("id_", type_=BigInteger),
        Account.actor_id,
        reason,
        actor,
        bindparam("post", type_=BigInteger),
        community,
        bindparam("words_", type_=String),
    ).where(
        Account.actor_id == account,
        ~exists().where(Mute.account_id == account, Mute.root_id == root),
    )
    if not always:
        either = or_(
            and_(Block.blocker_id == account, Block.target_id == actor),
            and_(Block.blocker_id == actor, Block.target_id == account),
        )
        what = what.where(~exists().where(either))
    if once:
        waits = exists().where(
            table.c.account_id == account,
            table.c.read_at.is_(None),
            table.c.reason == reason,
            table.c.actor_id == actor,
            table.c.community_id.is_not_distinct_from(community),
        )
        what = what.where(~waits)
    names = ["id", "account_id", "reason", "actor_id", "post_id", "community_id", "words"]
    return insert(table).from_select(names, what)

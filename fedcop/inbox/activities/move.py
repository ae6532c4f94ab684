"""Move: somebody elsewhere has another account, and takes their followers along."""

from datetime import timedelta

from fedcop.activitypub.vocab.activities import Move
from fedcop.domain.network.journal import said_lately
from fedcop.domain.people.models import Actor
from fedcop.domain.people.moved import move as move_to
from fedcop.errors import NotTheirs
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork

_NOT_PEOPLE = frozenset({"Group", "Application"})
_REST = timedelta(days=7)


def move(uow: UnitOfWork, inbound: Inbound[Move], means: Means) -> bool:
    """Believed only if the mover speaks, and the new account's own host says that it is theirs.

    The new account was read again before. Raises NotTheirs for anything else. A post that goes
    from one community to another (PieFed, NodeBB) is not understood and does nothing. Nor does a
    second move of an account within a week, as for Mastodon: each makes us write to many servers.
    """
    activity = inbound.activity
    if activity.object_id != activity.actor:
        if uow.find(Actor, activity.object_id or "") is not None:
            raise NotTheirs("Only who moves can say so.")
        return False
    old = inbound.speaker
    new = uow.find(Actor, activity.target or "")
    if new is None or _NOT_PEOPLE & {old.type, new.type}:
        return False
    if new.deleted_at is not None or new.suspended_at is not None:
        return False
    if said_lately(uow.session, "Move", old.uri, uow.now - _REST):
        return False
    return move_to(uow, old, new)

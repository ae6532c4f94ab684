"""Move: somebody elsewhere has another account, and takes their followers along."""

from fedcop.activitypub.vocab.activities import Move
from fedcop.domain.people.models import Actor
from fedcop.domain.people.moved import move as move_to
from fedcop.errors import NotTheirs
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def move(uow: UnitOfWork, inbound: Inbound[Move], means: Means) -> bool:
    """Believed only if the mover speaks, and the new account's own host says that it is theirs.

    The new account was read again before. Raises NotTheirs for anything else. A post that goes
    from one community to another (PieFed, NodeBB) is not understood and does nothing.
    """
    activity = inbound.activity
    if activity.object_id != activity.actor:
        if uow.find(Actor, activity.object_id or "") is not None:
            raise NotTheirs("Only who moves can say so.")
        return False
    old = inbound.speaker
    new = uow.find(Actor, activity.target or "")
    if new is None or old.type == "Group" or new.deleted_at is not None:
        return False
    return move_to(uow, old, new)

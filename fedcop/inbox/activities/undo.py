"""Undo: what an actor said before no longer holds; each verb has its own way back."""

from collections.abc import Callable, Mapping

from fedcop.activitypub import json
from fedcop.activitypub.parse import parse_activity
from fedcop.activitypub.vocab.activities import (
    VERBS,
    Activity,
    Add,
    Block,
    Delete,
    Dislike,
    EmojiReact,
    Flag,
    Follow,
    Like,
    Lock,
    Remove,
    Undo,
)
from fedcop.domain.network.journal import hearsay
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.network.tombstones import bury
from fedcop.errors import NotTheirs
from fedcop.inbox.activities.add import undo as undo_add
from fedcop.inbox.activities.block import undo as undo_block
from fedcop.inbox.activities.delete import undo as undo_delete
from fedcop.inbox.activities.flag import undo as undo_flag
from fedcop.inbox.activities.follow import undo as undo_follow
from fedcop.inbox.activities.like import undo as undo_vote
from fedcop.inbox.activities.lock import undo as undo_lock
from fedcop.inbox.activities.remove import undo as undo_remove
from fedcop.inbox.inbound import Inbound, Means, Proof
from fedcop.work.unit_of_work import UnitOfWork

_Way = Callable[[UnitOfWork, Inbound[Activity], Activity, Means], bool]
WAYS_BACK: Mapping[type[Activity], _Way] = {
    Follow: undo_follow,
    Like: undo_vote,
    Dislike: undo_vote,
    EmojiReact: undo_vote,
    Block: undo_block,
    Flag: undo_flag,
    Delete: undo_delete,
    Lock: undo_lock,
    Add: undo_add,
    Remove: undo_remove,
}
DECISIONS = (Add, Remove, Lock, Delete)
"""What one steward decided another may take back: their ways back ask who decides there."""


def undo(uow: UnitOfWork, inbound: Inbound[Undo], means: Means) -> bool:
    """Take back an activity of the same actor, embedded or named by its id.

    What is undone before it came stays away. Raises NotTheirs for another's, unless it is the
    decision of a steward and they look after the same community.
    """
    thing = inbound.activity.object
    undone = thing if isinstance(thing, Activity) else _written_down(uow, inbound)
    if undone is None:
        uri = inbound.activity.object_id
        if uri is None or inbound.proof is Proof.RELAYED:
            return False
        bury(uow, uri, inbound.activity.actor)
        return True
    if undone.actor != inbound.activity.actor and not isinstance(undone, DECISIONS):
        raise NotTheirs("Only who said it can undo it.")
    way = WAYS_BACK.get(type(undone))
    return way is not None and way(uow, inbound, undone, means)


def _written_down(uow: UnitOfWork, inbound: Inbound[Undo]) -> Activity | None:
    """The activity as the journal has it, if only its id was given: what a community alone takes
    back is first what it alone has told."""
    uri, row = inbound.activity.object_id or "", None
    if inbound.via is not None and inbound.proof is Proof.RELAYED:
        row = uow.find(Journal, hearsay(uri, inbound.via.uri))
    row = row or uow.find(Journal, uri)
    if row is None:
        return None
    if row.body:
        return parse_activity(json.loads(row.body))
    verb = VERBS.get(row.type, Activity)
    things = (row.object_uri,) if row.object_uri else ()
    return verb(
        type=row.type,
        id=row.uri,
        raw={},
        actor=row.actor_uri,
        object=row.object_uri,
        objects=things,
    )

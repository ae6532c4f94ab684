"""Block of a person of ours by somebody elsewhere, who wants nothing to do with them; its Undo."""

from fedcop.activitypub.vocab.activities import Activity, Block
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.people.block import block, unblock
from fedcop.domain.people.models import Actor
from fedcop.domain.people.models import Block as Standing
from fedcop.inbox.inbound import Inbound
from fedcop.work.unit_of_work import UnitOfWork


def block_person(uow: UnitOfWork, inbound: Inbound[Block]) -> bool:
    """Follows between the two end, and neither is notified of the other any more."""
    person = _of_ours(uow, inbound.activity)
    uri = inbound.activity.id or ""
    if person is None or is_buried(uow, uri, inbound.speaker.uri):
        return False
    block(uow, inbound.speaker, person, uri)
    return True


def undo_block(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity) -> bool:
    """They no longer mind; a Block that arrives only after its Undo stays away."""
    person = _of_ours(uow, undone)
    if person is None or not undone.id:
        return False
    speaker = inbound.withdrawer
    bury(uow, undone.id, speaker.uri)
    standing = uow.look_up(Standing, (speaker.id, person.id))
    if standing is None:
        return True
    if standing.uri not in {None, undone.id} and uow.find(Journal, undone.id) is not None:
        return True  # an older one, which another has replaced
    unblock(uow, speaker, person)
    return True


def _of_ours(uow: UnitOfWork, activity: Activity) -> Actor | None:
    """The person of ours whom the activity is about."""
    person = uow.find(Actor, activity.object_id or "")
    here = person is not None and person.is_local and person.type == "Person"
    return person if here else None

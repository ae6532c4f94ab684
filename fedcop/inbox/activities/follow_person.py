"""Follow of a person of ours from elsewhere, and the answers to a Follow of a person there."""

from fedcop.activitypub.vocab.activities import Activity, Follow
from fedcop.domain.network.models import Activity as Journal
from fedcop.domain.network.tombstones import bury, is_buried
from fedcop.domain.people import follow as following
from fedcop.domain.people.models import Actor
from fedcop.domain.people.models import Follow as Standing
from fedcop.inbox.inbound import Inbound
from fedcop.work.unit_of_work import UnitOfWork


def follow_person(uow: UnitOfWork, inbound: Inbound[Follow]) -> bool:
    """Accepted at once, and again when asked again; who is blocked is refused."""
    person = _of_ours(uow, inbound.activity)
    uri = inbound.activity.id or ""
    if person is None or is_buried(uow, uri, inbound.speaker.uri):
        return False
    following.follow(uow, inbound.speaker, person, uri)
    return True


def undo_person(uow: UnitOfWork, inbound: Inbound[Activity], undone: Activity) -> bool:
    """No longer follow; a Follow that arrives only after its Undo stays away.

    As for communities: an id that we have never seen means whatever stands.
    """
    person = _of_ours(uow, undone)
    if person is None or not undone.id:
        return False
    speaker = inbound.withdrawer
    bury(uow, undone.id, speaker.uri)
    standing = uow.look_up(Standing, (speaker.id, person.id))
    if standing is None:
        return True
    another = standing.uri not in {None, undone.id}
    if another and uow.find(Journal, undone.id) is not None:
        return True
    following.unfollow(uow, speaker, person)
    return True


def answered(uow: UnitOfWork, inbound: Inbound[Activity], *, yes: bool) -> bool:
    """A person elsewhere accepts or refuses a follower from here.

    An answer to what was never asked, or about another than who answers, changes nothing.
    """
    asker_uri, object_uri = follow_meant(uow, inbound.activity)
    target = inbound.speaker
    asker = uow.find(Actor, asker_uri or "")
    if object_uri != target.uri or asker is None or not asker.is_local:
        return False
    if uow.look_up(Standing, (asker.id, target.id)) is None:
        return False
    (following.granted if yes else following.refused)(uow, asker, target)
    return True


def follow_meant(uow: UnitOfWork, answer: Activity) -> tuple[str | None, str | None]:
    """Who asked whom: from the embedded Follow, else from the one that we wrote down."""
    thing = answer.object
    if isinstance(thing, Follow):
        return thing.actor, thing.object_id
    ours = uow.find(Journal, thing) if isinstance(thing, str) else None
    if ours is None or ours.type != "Follow" or not ours.local:
        return None, None
    return ours.actor_uri, ours.object_uri


def _of_ours(uow: UnitOfWork, activity: Activity) -> Actor | None:
    """The person of ours whom the activity is about."""
    person = uow.find(Actor, activity.object_id or "")
    if person is None or not person.is_local or person.type != "Person":
        return None
    return None if person.deleted_at is not None else person

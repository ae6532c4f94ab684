"""A person gets an actor and an account here."""

from fedcop.domain.people.facts import PersonRegistered
from fedcop.domain.people.keys import FreshKeys, give_keys
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.people.names import check_name
from fedcop.errors import Invalid, Sentence
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_DISPLAY_NAME = 100


def register(
    uow: UnitOfWork,
    *,
    name: str,
    display_name: str,
    keys: FreshKeys,
    role: str = "member",
    email: str | None = None,
    bio: str = "",
) -> Actor:
    """Make a local person with an account. Raises Invalid (fields `name`, `display_name`)."""
    wanted = check_name(uow, name)
    shown = display_name.strip()
    if len(shown) > LONGEST_DISPLAY_NAME:
        raise Invalid(
            fields={
                "display_name": Sentence("At most {most} characters.", most=LONGEST_DISPLAY_NAME)
            }
        )
    actor = local_actor(uow, uow.uris.person(wanted), "Person", wanted, shown or wanted)
    actor.url = uow.uris.person_page(wanted)
    actor.summary_source = bio
    uow.add(actor)
    give_keys(uow, actor, keys)
    uow.add(Account(actor_id=actor.id, role=role, email=email, created_at=uow.now))
    uow.emit(PersonRegistered(actor.id))
    return actor


def local_actor(uow: UnitOfWork, uri: str, kind: str, name: str, title: str) -> Actor:
    """A row for an actor of ours with all its addresses, not yet added to the unit."""
    below = uri.rstrip("/")
    return Actor(
        id=new_id(),
        uri=uri,
        type=kind,
        name=name,
        display_name=title,
        url=uri,
        inbox_uri=f"{below}/inbox",
        shared_inbox_uri=uow.uris.shared_inbox,
        outbox_uri=f"{below}/outbox",
        followers_uri=f"{below}/followers",
    )

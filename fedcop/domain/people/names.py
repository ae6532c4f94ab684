"""Names of local people and communities: one name space, lower-case, some of them reserved."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid, Sentence
from fedcop.work.unit_of_work import UnitOfWork

_SHAPE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])?")
_RESERVED = """
about abuse activity actor admin administrator api c comment community enter explore fedcop
hostmaster inbox info invite m mail moderator network nodeinfo nobody null official outbox owner
p post postmaster root rules search security settings signin signup site static steward support
system u undefined webmaster
"""
RESERVED = frozenset(_RESERVED.split())


def check_name(uow: UnitOfWork, name: str, field: str = "name") -> str:
    """The name in its stored form; raises Invalid with words for `field` if it cannot be had."""
    wanted = name.strip().lower()
    if not _SHAPE.fullmatch(wanted):
        raise Invalid(
            fields={
                field: Sentence(
                    "Use 1 to 30 small letters, digits, - or _, beginning and ending with a "
                    "letter or digit."
                )
            }
        )
    if wanted in RESERVED:
        raise Invalid(
            fields={
                field: Sentence("“{name}” is kept for the server itself. Try another.", name=wanted)
            }
        )
    if is_taken(uow.session, wanted):
        raise Invalid(
            fields={field: Sentence("“{name}” is taken here already. Try another.", name=wanted)}
        )
    return wanted


def is_taken(session: Session, name: str) -> bool:
    """Whether a person or community here has, or had, this name."""
    query = select(Actor.id).where(Actor.host_id.is_(None), Actor.name == name)
    return session.scalar(query) is not None

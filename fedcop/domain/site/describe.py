"""What the organization says about itself and its server."""

import re
from dataclasses import dataclass

from fedcop.domain.people.models import Actor
from fedcop.domain.site.found import site
from fedcop.domain.site.models import Site
from fedcop.errors import Conflict, Invalid, Sentence
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_NAME, LONGEST_LINE, LONGEST_TEXT = 100, 200, 2_000
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Description:
    """The name of the server, what it is for, and who answers for it."""

    name: str
    description: str = ""
    contact: str = ""
    legal_name: str = ""
    postal_address: str = ""


def describe(uow: UnitOfWork, new: Description) -> list[str]:
    """Change what is different; the names of the fields that were. May be no field.

    Raises Invalid with words for each field that cannot be, Conflict before the set-up.
    """
    row = site(uow.session)
    if row is None:
        raise Conflict("This server is not set up yet. Run: fedcop init HOST")
    given = {name: getattr(new, name).strip() for name in Description.__slots__}
    _check(given)
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, given[name])
    if row.actor_id is not None:
        uow.get(Actor, row.actor_id).display_name = row.name
    return changed


def described(row: Site) -> Description:
    """As it stands."""
    return Description(*(getattr(row, name) for name in Description.__slots__))


def _check(given: dict[str, str]) -> None:
    wrong: dict[str, str] = {}
    if not given["name"]:
        wrong["name"] = Sentence("Give your server a name.")
    limits = {"name": LONGEST_NAME, "legal_name": LONGEST_LINE, "contact": LONGEST_LINE}
    for name, value in given.items():
        limit = limits.get(name, LONGEST_TEXT)
        if len(value) > limit:
            wrong[name] = Sentence("At most {most} characters.", most=limit)
    if given["contact"] and "contact" not in wrong and not _EMAIL.fullmatch(given["contact"]):
        wrong["contact"] = Sentence("Write an e-mail address, such as hello@example.org.")
    if wrong:
        raise Invalid(fields=wrong)

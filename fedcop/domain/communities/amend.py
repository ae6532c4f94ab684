"""A steward elsewhere changes a community of ours, by what can be said of a Group."""

from sqlalchemy.orm import Session

from fedcop.domain.communities.charter import change
from fedcop.domain.communities.facts import CommunityChanged
from fedcop.domain.communities.federation import in_words
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.work.unit_of_work import UnitOfWork


def amend(
    uow: UnitOfWork,
    community: Community,
    editor: Actor,
    *,
    title: str | None = None,
    description: str | None = None,
    stewards_only: bool | None = None,
) -> bool:
    """Take over what differs; None says nothing about it. False if nothing does.

    Our Group tells purpose, charter and more as one description, which comes back as a whole: what
    we had put around the charter is left out again. Raises NotAllowed for who is no steward,
    Invalid for what is too long.
    """
    actor = uow.get(Actor, community.actor_id)
    restricts = stewards_only is not None and community.closed_at is None
    changed = restricts and stewards_only != community.stewards_only
    if restricts and stewards_only is not None:
        community.stewards_only = stewards_only
    wanted = title or actor.title
    charter = community.charter_source
    if description is not None:
        charter = _charter_in(uow.session, community, actor, description)
    if (wanted, charter) != (actor.title, community.charter_source):
        change(uow, community, editor, title=wanted, purpose=community.purpose, charter=charter)
        return True
    if changed:
        uow.emit(CommunityChanged(community.actor_id))
    return changed


def _charter_in(session: Session, community: Community, actor: Actor, description: str) -> str:
    """The paragraphs of a description without those that are not of the charter."""
    own = set(_paragraphs(community.charter_source))
    around = set(_paragraphs(in_words(session, community, actor))) - own
    return "\n\n".join(part for part in _paragraphs(description) if part not in around)


def _paragraphs(text: str) -> list[str]:
    parts = (part.strip() for part in text.replace("\r\n", "\n").split("\n\n"))
    return [part for part in parts if part]

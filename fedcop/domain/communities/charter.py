"""What a community says about itself: title, purpose, charter."""

from fedcop.domain.communities.facts import CommunityChanged
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid
from fedcop.text.markdown import render
from fedcop.work.unit_of_work import UnitOfWork

LONGEST = {"title": 100, "purpose": 300, "charter": 20_000}


def change(
    uow: UnitOfWork, community: Community, editor: Actor, *, title: str, purpose: str, charter: str
) -> None:
    """A steward rewrites it. Raises NotAllowed, or Invalid with fields."""
    check_is_steward(uow.session, community.actor_id, editor.id)
    describe(uow, community, title=title, purpose=purpose, charter=charter)
    uow.emit(CommunityChanged(community.actor_id))


def describe(
    uow: UnitOfWork, community: Community, *, title: str, purpose: str, charter: str
) -> None:
    """Set the words of a local community. Raises Invalid (fields title, purpose, charter)."""
    texts = {"title": title.strip(), "purpose": purpose.strip(), "charter": charter.strip()}
    wrong = {
        field: f"At most {LONGEST[field]} characters."
        for field, text in texts.items()
        if len(text) > LONGEST[field]
    }
    if not texts["title"]:
        wrong["title"] = "Give the community a title that people will recognise."
    if wrong:
        raise Invalid(fields=wrong)
    actor = uow.get(Actor, community.actor_id)
    actor.display_name = texts["title"]
    actor.summary_source = "\n\n".join(filter(None, (texts["purpose"], texts["charter"])))
    community.purpose = texts["purpose"]
    community.charter_source = texts["charter"]
    community.charter_html = render(texts["charter"])

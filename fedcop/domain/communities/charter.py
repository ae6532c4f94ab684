"""What a community says about itself: title, purpose, charter; of the charter, every version."""

from fedcop.domain.communities.facts import CommunityChanged
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.domain.site.models import Text
from fedcop.domain.site.wordings import current, write
from fedcop.errors import Invalid, Sentence
from fedcop.text.markdown import render
from fedcop.work.unit_of_work import UnitOfWork

LONGEST = {"title": 100, "purpose": 300, "charter": 20_000}


def change(
    uow: UnitOfWork, community: Community, editor: Actor, *, title: str, purpose: str, charter: str
) -> None:
    """A steward rewrites it. Raises NotAllowed, or Invalid with fields."""
    check_is_steward(uow.session, community.actor_id, editor.id)
    _keep_first(uow, community)
    describe(uow, community, title=title, purpose=purpose, charter=charter, by=editor)
    uow.emit(CommunityChanged(community.actor_id))


def describe(
    uow: UnitOfWork,
    community: Community,
    *,
    title: str,
    purpose: str,
    charter: str,
    by: Actor | None = None,
) -> None:
    """Set the words of a local community; another charter is a new version of it.

    Raises Invalid (fields title, purpose, charter).
    """
    texts = {"title": title.strip(), "purpose": purpose.strip(), "charter": _tidy(charter)}
    wrong: dict[str, str] = {
        field: Sentence("At most {most} characters.", most=LONGEST[field])
        for field, text in texts.items()
        if len(text) > LONGEST[field]
    }
    if not texts["title"]:
        wrong["title"] = Sentence("Give the community a title that people will recognise.")
    if wrong:
        raise Invalid(fields=wrong)
    actor = uow.get(Actor, community.actor_id)
    actor.display_name = texts["title"]
    actor.summary_source = "\n\n".join(filter(None, (texts["purpose"], texts["charter"])))
    community.purpose = texts["purpose"]
    community.charter_source = texts["charter"]
    community.charter_html = render(texts["charter"])
    if texts["charter"] or current(uow.session, community.actor_id, Text.CHARTER):
        write(uow, community.actor_id, Text.CHARTER, texts["charter"], by.id if by else None)


def _keep_first(uow: UnitOfWork, community: Community) -> None:
    """The charter of a community that is older than the history becomes its first version."""
    if community.charter_source and not current(uow.session, community.actor_id, Text.CHARTER):
        write(uow, community.actor_id, Text.CHARTER, community.charter_source)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()

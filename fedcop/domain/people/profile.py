"""What a person here says about themselves."""

from fedcop.domain.people.facts import ProfileChanged
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.people.register import LONGEST_DISPLAY_NAME
from fedcop.errors import Invalid, Sentence
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_BIO = 2_000


def choose_language(uow: UnitOfWork, actor: Actor, code: str) -> None:
    """Read the pages in this language; an empty code leaves it to the browser."""
    account = uow.look_up(Account, actor.id)
    if account is not None:
        account.locale = code or None


def change_profile(uow: UnitOfWork, actor: Actor, *, display_name: str, bio: str) -> None:
    """Another display name and description (Markdown); an empty name falls back to the handle's.

    Raises Invalid with fields `display_name` and `bio`. Nothing is told where nothing changes.
    """
    shown, text = display_name.strip() or actor.name, bio.strip()
    wrong: dict[str, str] = {}
    if len(shown) > LONGEST_DISPLAY_NAME:
        wrong["display_name"] = Sentence("At most {most} characters.", most=LONGEST_DISPLAY_NAME)
    if len(text) > LONGEST_BIO:
        wrong["bio"] = Sentence(
            "At most {most} characters; yours has {count}.", most=LONGEST_BIO, count=len(text)
        )
    if wrong:
        raise Invalid(fields=wrong)
    if (actor.display_name, actor.summary_source or "") != (shown, text):
        actor.display_name, actor.summary_source = shown, text
        uow.emit(ProfileChanged(actor.id))

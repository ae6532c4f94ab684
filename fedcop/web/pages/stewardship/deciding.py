"""What can be done with a case: keep, take out, lock, ban, suspend, settle, open it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request

from fedcop.domain.communities.models import Community
from fedcop.domain.moderation.cases import Case
from fedcop.domain.moderation.models import Report
from fedcop.domain.moderation.report import reopen, resolve
from fedcop.domain.people.models import Actor
from fedcop.domain.people.suspend import suspend
from fedcop.domain.posts.feature import lock
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove
from fedcop.errors import Invalid, NotAllowed, NotFound
from fedcop.web.auth.asking import member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses
from fedcop.web.pages.fields import Text
from fedcop.web.pages.stewardship.bans import BanForm, ban_by
from fedcop.work.unit_of_work import UnitOfWork

DONE: Mapping[str, tuple[str, str]] = {
    "keep": (N_("It stays as it is."), "answered"),
    "remove": (N_("It was taken out of the community."), "removed"),
    "lock": (N_("Nobody can reply to it any more."), "locked-it"),
    "ban": (N_("Who wrote it may not take part in the community any more."), "banned"),
    "resolve": (N_("It is settled."), "answered"),
}
"""What stewards can do: how those who reported hear of it, and the notice for the steward."""

DONE_BY_ADMINS: Mapping[str, tuple[str, str]] = {
    "keep": DONE["keep"],
    "suspend": (N_("Who is reported may not take part on this server any more."), "stopped"),
    "resolve": DONE["resolve"],
}
"""The same for admins: they stop a person, of this server or of another, and no single post."""


class AnswerForm(PageForm):
    """Words with an answer."""

    words = Text(
        N_("In your words"),
        description=N_(
            "Those who reported read this; if it is taken out or locked, its author does."
        ),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What was chosen on the page of a case: what can be done, or `reopen`, and the two forms."""

    act: str
    form: AnswerForm
    ban_form: BanForm

    @classmethod
    def blank(cls, request: Request) -> Self:
        """Nothing yet."""
        return cls("", AnswerForm.blank(request), BanForm.blank(request))

    @classmethod
    async def sent(cls, request: Request) -> Self:
        """What was sent."""
        chosen = (await request.form()).get("act")
        form, ban_form = await AnswerForm.sent(request), await BanForm.sent(request)
        return cls(str(chosen or ""), form, ban_form)

    @property
    def is_wrong(self) -> bool:
        return bool(self.form.errors or self.ban_form.errors)

    def blame(self, error: Invalid) -> None:
        """Say what is wrong beside the field that it concerns."""
        fill_errors(self.ban_form if self.act == "ban" else self.form, error)

    @property
    def words(self) -> str:
        """What the steward says: why, for a ban."""
        data = self.ban_form.reason.data if self.act == "ban" else self.form.words.data
        return (data or "").strip()


def decide(
    uow: UnitOfWork,
    request: Request,
    case: Case,
    decision: Decision,
    can: Mapping[str, tuple[str, str]] = DONE,
) -> str:
    """Do it to the post or its author, if the reader `can`, and answer those who reported.

    The name of the notice that says so. Raises Invalid, NotAllowed, NotFound, and Gone for a post
    that is not there any more.
    """
    by = uow.get(Actor, member(request).actor_id)
    report = uow.get(Report, case.newest.id)
    if decision.act == "reopen":
        reopen(uow, report, by)
        return "open-again"
    if decision.act not in can:
        raise NotFound(addresses.NOWHERE)
    said, notice = can[decision.act]
    _act(uow, report, by, decision)
    words = f"{language_of(request).gettext(said)} {decision.words}"
    resolve(uow, report, by, words.strip())
    return notice


def _act(uow: UnitOfWork, report: Report, by: Actor, decision: Decision) -> None:
    if decision.act == "ban" and report.community_id is not None:
        person = uow.get(Actor, report.target_id)
        ban_by(uow, decision.ban_form, uow.get(Community, report.community_id), person, by)
    if decision.act == "suspend":
        suspend(uow, uow.get(Actor, report.target_id), by, decision.words)
    if decision.act in {"remove", "lock"}:
        if report.post_id is None:
            raise NotAllowed("Only a post can be taken out or locked.")
        do = remove if decision.act == "remove" else lock
        do(uow, uow.get(Post, report.post_id), by, decision.words)

"""A community of ours is closed, and from then on only read; or it goes on."""

from fedcop.domain.communities.facts import CommunityClosed, CommunityReopened
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid, NotAllowed, Sentence
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_NOTICE = 1000
LONGEST_SUCCESSOR = 300


def close(
    uow: UnitOfWork, community: Community, by: Actor | None, notice: str, successor: str = ""
) -> None:
    """Everything stays readable; nobody writes, votes or joins here any more.

    `notice` says why, on every page of it and to other servers; `successor` is the address or the
    handle where it goes on, and becomes the notice's last line. `by` None: from the command line.
    Closing twice changes nothing but the notice. Raises NotAllowed for who is no steward, and of
    a community elsewhere; Invalid with fields `notice`, `successor`.
    """
    _check(uow, community, by)
    community.closing_notice = compose_notice(notice, successor)
    if community.closed_at is None:
        community.closed_at = uow.now
    uow.emit(CommunityClosed(community.actor_id, by.id if by else None))


def reopen(uow: UnitOfWork, community: Community, by: Actor | None) -> None:
    """It goes on as it was. Reopening an open one changes nothing. Raises NotAllowed as above."""
    _check(uow, community, by)
    if community.closed_at is None:
        return
    community.closed_at, community.closing_notice = None, ""
    uow.emit(CommunityReopened(community.actor_id, by.id if by else None))


def compose_notice(notice: str, successor: str = "") -> str:
    """The text that will stand above it. Raises Invalid with fields `notice`, `successor`."""
    words, where = notice.replace("\r\n", "\n").strip(), " ".join(successor.split())
    wrong: dict[str, str] = {}
    if not words:
        wrong["notice"] = Sentence("Say in a sentence or two why, for those who come later.")
    elif len(words) > LONGEST_NOTICE:
        wrong["notice"] = Sentence("At most {most} characters.", most=LONGEST_NOTICE)
    if where and not where.startswith(("https://", "http://", "@", "!")):
        wrong["successor"] = Sentence(
            "Give an address with https://, or a handle such as @name@host."
        )
    elif len(where) > LONGEST_SUCCESSOR:
        wrong["successor"] = Sentence("At most {most} characters.", most=LONGEST_SUCCESSOR)
    if wrong:
        raise Invalid(fields=wrong)
    return "\n\n".join(filter(None, (words, where)))


def _check(uow: UnitOfWork, community: Community, by: Actor | None) -> None:
    if not community.local:
        raise NotAllowed("Only the server of this community can close or open it.")
    if by is not None:
        check_is_steward(uow.session, community.actor_id, by.id)

"""Somebody asks stewards or admins to look at a post or a person, and gets an answer."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_is_steward, is_steward
from fedcop.domain.moderation.facts import (
    Reported,
    ReportReopened,
    ReportResolved,
    ReportWithdrawn,
)
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.policy import check_is_there
from fedcop.errors import Invalid, NotAllowed, NotTheirs, Sentence, TooMany
from fedcop.ids import new_id
from fedcop.text.plain import words as plain
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_WORDS = 2_000
MOST_OF_A_PERSON = 20
MOST_OF_A_HOST = 50
"""So many unanswered reports of one day are taken; stewards could not read more."""
_DAY = timedelta(days=1)
_SNAPSHOT = 4_000


def report(
    uow: UnitOfWork,
    reporter: Actor | None,
    *,
    target: Actor,
    post: Post | None = None,
    community: Community | None = None,
    words: str = "",
    uri: str | None = None,
    tell_home: bool = False,
) -> Report:
    """Ask the stewards of `community`, or the admins of this server, to look at it.

    `target` is the person, or the author of `post`. `reporter` is None where only a community
    says that somebody of another server asks. `uri` is the Flag that said so. `tell_home` also
    tells the person's own server, without saying who asks. Asking again adds to one's words while
    the first report is open. Raises Gone for a post that is not there any more, NotAllowed for
    oneself and for a server that reports too much, TooMany for a person who does, Invalid (field
    words).
    """
    if len(words) > LONGEST_WORDS:
        raise Invalid(fields={"words": Sentence("At most {most} characters.", most=LONGEST_WORDS)})
    if post is not None:
        check_is_there(post)
    if reporter is not None and reporter.id == target.id:
        raise NotAllowed("This is yours: you can change or delete it yourself.")
    community_id = community.actor_id if community else None
    before = _open_one(uow.session, reporter, target, post, community_id)
    if before is not None:
        if words and words not in before.words:
            before.words = f"{before.words}\n\n{words}".strip()[:LONGEST_WORDS]
        return before
    _check_rate(uow, reporter, community_id)
    if uri is None and reporter is not None and reporter.is_local:
        uri = uow.uris.activity(new_id())
    made = Report(
        reported_at=uow.now,
        target_id=target.id,
        community_id=community_id,
        post_id=post.id if post else None,
        reporter_id=reporter.id if reporter else None,
        words=words,
        snapshot=snapshot_of(post) if post else "",
        uri=uri,
    )
    uow.add(made)
    uow.emit(Reported(made.id, tell_home))
    return made


def resolve(uow: UnitOfWork, report: Report, by: Actor, words: str = "") -> None:
    """Answer it, and all other open reports about the same thing; `words` say what was decided.

    Answering twice changes nothing. Raises NotAllowed for who does not decide about it, Invalid
    (field words).
    """
    check_decides(uow.session, report, by)
    if len(words) > LONGEST_WORDS:
        raise Invalid(fields={"words": Sentence("At most {most} characters.", most=LONGEST_WORDS)})
    for one in _about_the_same(uow.session, report, ReportState.OPEN):
        one.state = ReportState.RESOLVED
        one.resolved_at, one.resolved_by_id, one.resolution = uow.now, by.id, words
        uow.emit(ReportResolved(one.id, by.id))


def reopen(uow: UnitOfWork, report: Report, by: Actor) -> None:
    """Take the answer back: what was answered together is open again together.

    Raises NotAllowed for who does not decide about it.
    """
    check_decides(uow.session, report, by)
    if report.state != ReportState.RESOLVED:
        return
    answered = report.resolved_at
    for one in _about_the_same(uow.session, report, ReportState.RESOLVED):
        if one.resolved_at == answered:
            one.state = ReportState.OPEN
            one.resolved_at, one.resolved_by_id, one.resolution = None, None, ""
            uow.emit(ReportReopened(one.id, by.id))


def withdraw(uow: UnitOfWork, report: Report, by: Actor) -> None:
    """Who has reported takes it back. One that was answered stays as it is.

    Raises NotTheirs for anybody else.
    """
    if report.reporter_id != by.id:
        raise NotTheirs("Only who reported it can take that back.")
    if report.state == ReportState.OPEN:
        report.state = ReportState.WITHDRAWN
        uow.emit(ReportWithdrawn(report.id))


def said_by(session: Session, uri: str) -> list[Report]:
    """The reports that one Flag made, one for each post that it named."""
    return list(session.scalars(select(Report).where(Report.uri == uri).order_by(Report.id)))


def check_decides(session: Session, report: Report, by: Actor) -> None:
    """Raise NotAllowed unless `by` answers this report: a steward of its community, or an admin.

    The admins decide where no community is concerned, and, beside its stewards, about a steward,
    and about what stands here of a community elsewhere. Nobody decides about themselves.
    """
    if report.target_id == by.id:
        raise NotAllowed("Others decide about what is reported of you.")
    place = report.community_id
    if place is None:
        if not is_admin(session, by):
            raise NotAllowed("Only the admins of this server can do that.")
        return
    special = not session.get_one(Community, place).local
    special = special or is_steward(session, place, report.target_id)
    if not (special and is_admin(session, by)):
        check_is_steward(session, place, by.id)


def is_admin(session: Session, actor: Actor) -> bool:
    """Whether this person runs this server."""
    account = session.get(Account, actor.id)
    return account is not None and account.role == "admin" and account.suspended_at is None


def snapshot_of(post: Post) -> str:
    """What a post says now, as plain text: an edit afterwards hides nothing."""
    return "\n\n".join(filter(None, (post.title, post.warning, plain(post.html))))[:_SNAPSHOT]


def _open_one(
    session: Session,
    reporter: Actor | None,
    target: Actor,
    post: Post | None,
    community_id: int | None,
) -> Report | None:
    query = select(Report).where(
        Report.reporter_id == (reporter.id if reporter else None),
        Report.target_id == target.id,
        Report.post_id == (post.id if post else None),
        Report.community_id == community_id,
        Report.state == ReportState.OPEN,
    )
    return session.scalar(query.limit(1))


def _about_the_same(session: Session, report: Report, state: ReportState) -> list[Report]:
    query = select(Report).where(
        Report.target_id == report.target_id,
        Report.post_id == report.post_id,
        Report.community_id == report.community_id,
        Report.state == state,
    )
    return list(session.scalars(query.order_by(Report.id)))


def _check_rate(uow: UnitOfWork, reporter: Actor | None, community_id: int | None) -> None:
    """Those that were taken back count, too: whom they rang has heard them."""
    query = (
        select(func.count())
        .select_from(Report)
        .where(Report.state != ReportState.RESOLVED, Report.reported_at > uow.now - _DAY)
    )
    if reporter is None:
        said = Report.reporter_id.is_(None) & (Report.community_id == community_id)
        count = uow.session.scalar(query.where(said)) or 0
    elif reporter.is_local:
        mine = query.where(Report.reporter_id == reporter.id)
        if (uow.session.scalar(mine) or 0) >= MOST_OF_A_PERSON:
            raise TooMany("You have reported a lot today. Write to a steward instead.", 3600)
        return
    else:
        theirs = query.join(Actor, Actor.id == Report.reporter_id)
        count = uow.session.scalar(theirs.where(Actor.host_id == reporter.host_id)) or 0
    if count >= MOST_OF_A_HOST:
        raise NotAllowed("So many reports of one server are not taken in one day.")

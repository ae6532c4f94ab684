"""Reports to be read: all about one thing are one case."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.communities.models import Community, Membership, Role, Standing
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


@dataclass(frozen=True, slots=True)
class Heard:
    """One report of a case, and who made it; None: some member of a community elsewhere."""

    report: Report
    reporter: Actor | None


@dataclass(frozen=True, slots=True)
class Case:
    """What is reported, and by whom: the oldest report first. `community` None: for the admins."""

    reports: Sequence[Heard]
    target: Actor
    community: Actor | None
    post: Post | None
    root: Post | None

    @property
    def newest(self) -> Report:
        """The report by whose id the case is found."""
        return self.reports[-1].report

    @property
    def is_open(self) -> bool:
        return self.newest.state == ReportState.OPEN


@dataclass(frozen=True, slots=True)
class Record:
    """What else a community knows of an author: how much stands, was taken out, is reported."""

    standing: int
    taken_out: int
    reports: int


@dataclass(frozen=True, slots=True)
class Own:
    """A report as who made it reads it; `root` is the discussion of its post."""

    report: Report
    target: Actor
    post: Post | None
    root: Post | None


def of_stewards(community_id: int, reader_id: int) -> ColumnElement[bool]:
    """The reports that this steward of the community answers: all but those about themselves."""
    return and_(Report.community_id == community_id, Report.target_id != reader_id)


def of_admins(reader_id: int) -> ColumnElement[bool]:
    """The reports that this admin answers: about people, stewards, and communities elsewhere.

    Those about stewards reach the admins because a community may have only one.
    """
    elsewhere = select(Community.actor_id).where(Community.local.is_(False))
    about_steward = exists().where(
        Membership.community_id == Report.community_id,
        Membership.actor_id == Report.target_id,
        Membership.role == Role.STEWARD,
        Membership.standing == Standing.ACTIVE,
    )
    ours = or_(Report.community_id.is_(None), Report.community_id.in_(elsewhere), about_steward)
    return and_(ours, Report.target_id != reader_id)


def cases(
    session: Session, whose: ColumnElement[bool], cursor: Cursor, *, settled: bool = False
) -> Page[Case]:
    """The open cases, or those that are answered, each by its newest report, newest first."""
    states = (ReportState.RESOLVED,) if settled else (ReportState.OPEN,)
    newest = (
        select(func.max(Report.id))
        .where(whose, Report.state.in_(states))
        .group_by(Report.target_id, Report.post_id, Report.community_id)
    )
    query = select(Report).where(Report.id.in_(newest))
    found = page(session, query, Report.id, cursor, lambda row: row.id)
    return Page(_cases(session, found.items, states), found.older, found.newer)


def count_open(session: Session, whose: ColumnElement[bool]) -> int:
    """How many cases wait for an answer."""
    things = (
        select(Report.target_id)
        .where(whose, Report.state == ReportState.OPEN)
        .group_by(Report.target_id, Report.post_id, Report.community_id)
    )
    return session.scalar(select(func.count()).select_from(things.subquery())) or 0


def case_of(session: Session, report_id: int) -> Case | None:
    """The case to which this report belongs: all that are in the same state as it is."""
    report = session.get(Report, report_id)
    return _cases(session, [report], (report.state,))[0] if report is not None else None


def made_by(session: Session, reporter_id: int, cursor: Cursor) -> Page[Own]:
    """What this person has reported, newest first, answered or not."""
    query = select(Report).where(Report.reporter_id == reporter_id)
    found = page(session, query, Report.id, cursor, lambda row: row.id)
    ids = {row.target_id for row in found.items}
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(ids)))}
    posts = _posts(session, {row.post_id for row in found.items if row.post_id})
    posts |= _posts(session, {post.root_id for post in posts.values()} - posts.keys())

    def own(row: Report) -> Own:
        post = posts.get(row.post_id or 0)
        return Own(row, actors[row.target_id], post, posts.get(post.root_id) if post else None)

    return Page([own(row) for row in found.items], found.older, found.newer)


def record_of(session: Session, actor_id: int, community_id: int | None) -> Record:
    """What is known of an author in a community, or (None) on this server."""
    posts = select(func.count()).select_from(Post).where(Post.author_id == actor_id)
    reports = select(func.count()).select_from(Report).where(Report.target_id == actor_id)
    if community_id is not None:
        posts = posts.where(Post.community_id == community_id)
        reports = reports.where(Report.community_id == community_id)
    visible = posts.where(Post.confirmed, Post.deleted_at.is_(None), Post.removed_at.is_(None))
    taken_out = posts.where(Post.removed_at.is_not(None))
    return Record(*(session.scalar(query) or 0 for query in (visible, taken_out, reports)))


def _cases(session: Session, newest: Sequence[Report], states: Sequence[str]) -> list[Case]:
    if not newest:
        return []
    reporter = aliased(Actor)
    targets = {row.target_id for row in newest}
    query = (
        select(Report, reporter)
        .outerjoin(reporter, reporter.id == Report.reporter_id)
        .where(Report.target_id.in_(targets), Report.state.in_(states))
        .order_by(Report.id)
    )
    heard: defaultdict[tuple[int, int | None, int | None], list[Heard]] = defaultdict(list)
    for report, who in session.execute(query):
        heard[_thing(report)].append(Heard(report, who))
    people = targets | {row.community_id for row in newest if row.community_id}
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(people)))}
    posts = _posts(session, {row.post_id for row in newest if row.post_id})
    posts |= _posts(session, {post.root_id for post in posts.values()} - posts.keys())

    def case(row: Report) -> Case:
        post = posts.get(row.post_id or 0)
        return Case(
            reports=heard[_thing(row)],
            target=actors[row.target_id],
            community=actors.get(row.community_id or 0),
            post=post,
            root=posts.get(post.root_id) if post else None,
        )

    return [case(row) for row in newest]


def _thing(report: Report) -> tuple[int, int | None, int | None]:
    return report.target_id, report.post_id, report.community_id


def _posts(session: Session, ids: set[int]) -> dict[int, Post]:
    if not ids:
        return {}
    return {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}

"""A case in a list and in full, for stewards and admins alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from fedcop.app import Session
from fedcop.domain.moderation import log
from fedcop.domain.moderation.cases import Case, Record, case_of, record_of
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.moderation.report import snapshot_of
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.models import Post
from fedcop.errors import NotFound
from fedcop.text.plain import shorten
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses, deeds, shown

_EXCERPT = 240


@dataclass(frozen=True, slots=True)
class Strip:
    """A case in a list."""

    url: str
    title: str
    excerpt: str
    who: shapes.Name
    community: shapes.Name | None
    at: datetime
    words: str
    count: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """One report of a case: `who` is None where nobody has proved who it was."""

    who: shapes.Name | None
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A case in full. `text` is what stands now, `before` what was reported if that differs."""

    id: int
    who: shapes.Name
    handle: str
    community: shapes.Name | None
    voices: Sequence[Voice]
    is_open: bool
    title: str = ""
    url: str = ""
    at: datetime | None = None
    text: SafeHtml
    before: str = ""
    answers: str = ""
    missing: str = ""
    locked: bool = False
    resolution: str = ""
    resolved_at: datetime | None = None
    record: Record
    history: Sequence[deeds.Entry]
    suspended: bool = False
    """Whether the person may not take part on this server."""


def case_here(session: Session, request: Request, community_id: int | None) -> Case:
    """The case of this address if it belongs here (None: to the admins) and is about another.

    Raises NotFound.
    """
    found = case_of(session, addresses.row_id(request.path_params["row_id"]))
    if found is None or found.newest.state == ReportState.WITHDRAWN:
        raise NotFound(addresses.NOWHERE)
    if found.target.id == member(request).actor_id:
        raise NotFound(addresses.NOWHERE)  # who is reported never learns who did
    if community_id is not None and found.newest.community_id != community_id:
        raise NotFound(addresses.NOWHERE)
    return found


def strips(found: Sequence[Case], base: str) -> list[Strip]:
    """Cases for a list; each leads to its page below `base`."""
    return [
        Strip(
            url=f"{base}/{case.newest.id}",
            title=case.root.title if case.root else case.target.title,
            excerpt=shorten(case.newest.snapshot, _EXCERPT),
            who=shown.name(case.target),
            community=shown.name(case.community) if case.community else None,
            at=case.reports[0].report.reported_at,
            words=shorten(case.newest.words, _EXCERPT),
            count=len(case.reports),
            gone=case.post is not None and not case.post.is_visible,
        )
        for case in found
    ]


def sheet_of(session: Session, request: Request, case: Case, *, for_admins: bool) -> Sheet:
    """Everything that the page of a case says."""
    post, report = case.post, case.newest
    place = None if for_admins and report.community_id is None else report.community_id
    return Sheet(
        id=report.id,
        who=shown.name(case.target),
        handle=f"@{handle(case.target, house(request).uris.host)}",
        community=shown.name(case.community) if case.community else None,
        voices=[
            Voice(
                shown.name(it.reporter) if it.reporter else None,
                it.report.reported_at,
                it.report.words,
            )
            for it in case.reports
        ],
        is_open=case.is_open,
        title=case.root.title if case.root else "",
        url=f"/post/{post.root_id}#r{post.id}" if post is not None else "",
        at=post.published_at if post is not None else None,
        text=_text(post),
        before=_before(report, post),
        answers=_answers(session, post),
        missing=shown.missing(post, language_of(request)) if post is not None else "",
        locked=post is not None and post.locked_at is not None,
        resolution=report.resolution,
        resolved_at=report.resolved_at,
        record=record_of(session, case.target.id, place),
        history=deeds.entries(log.about(session, case.target.id, place), request),
        suspended=case.target.suspended_at is not None,
    )


def _text(post: Post | None) -> SafeHtml:
    """What stewards judge: also what is taken out, which nobody else reads any more."""
    return SafeHtml("") if post is None or post.deleted_at is not None else shown.text_of(post)


def _before(report: Report, post: Post | None) -> str:
    """What was reported, where something else stands there now."""
    now = snapshot_of(post) if post is not None and post.deleted_at is None else ""
    return "" if now == report.snapshot else report.snapshot


def _answers(session: Session, post: Post | None) -> str:
    parent = session.get(Post, post.parent_id) if post is not None and post.parent_id else None
    readable = parent is not None and parent.is_visible
    return shorten(snapshot_of(parent), _EXCERPT) if parent is not None and readable else ""

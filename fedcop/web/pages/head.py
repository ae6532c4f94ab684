"""The head and the aside of a community's pages: what it is, and what its reader is in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fedcop.app import Session
from fedcop.domain.communities.banned import standing, words_of
from fedcop.domain.communities.models import Community, Role, Standing
from fedcop.domain.communities.policy import (
    check_may_reply,
    check_may_start,
    check_may_take_part,
)
from fedcop.domain.communities.queries import Listed, by_name, seen_by, stewards
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.errors import NotAllowed, NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.pages import addresses, shown

WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A community as its pages show it; `standing` is empty for who is no member.

    `closed_at` and `notice` are those of a community that is only read; `approval` says whether
    its stewards decide who writes, `stewards_only` whether only they start discussions.
    """

    id: int
    name: shapes.Name
    path: str
    handle: str
    purpose: str
    charter: SafeHtml
    members: int
    discussions: int
    stewards: Sequence[shapes.Name]
    standing: str = ""
    is_steward: bool = False
    may_start: bool = False
    may_reply: bool = False
    may_vote: bool = False
    approval: bool = False
    stewards_only: bool = False
    closed_at: datetime | None = None
    notice: str = ""
    asked_words: str = ""
    """What the reader has told the stewards about themselves."""
    banned: str = ""
    """Why the reader may not take part, and until when; empty for who is not banned."""
    original: str = ""
    object_uri: str = ""


def find(session: Session, text: str, home: str, reader_id: int | None) -> Listed:
    """The community `name` or `name@host`, as this reader sees it. Raises NotFound."""
    name, host = addresses.split_handle(text, home)
    listed = by_name(session, name, host)
    if listed is None:
        raise NotFound(addresses.NOWHERE)
    return seen_by(session, listed, reader_id)


def standing_in(listed: Listed) -> str:
    """What the reader is in it: "" for nothing, asked, active, refused; or waiting, for a member
    whom the stewards do not let write yet."""
    membership, community = listed.membership, listed.community
    if membership is None:
        return ""
    unheard = community.local and community.approval and not membership.approved
    if unheard and membership.standing == Standing.ACTIVE and membership.role != Role.STEWARD:
        return WAITING
    return str(membership.standing)


def may_start(session: Session, community: Community, actor_id: int | None) -> bool:
    """Whether this person of ours may start a discussion there."""
    return actor_id is not None and _passes(check_may_start, session, community, actor_id)


def may_reply(session: Session, community: Community, actor_id: int | None) -> bool:
    """Whether this person of ours may reply there."""
    return actor_id is not None and _passes(check_may_reply, session, community, actor_id)


def may_vote(session: Session, community: Community, actor_id: int | None) -> bool:
    """Whether this person of ours may vote there."""
    if actor_id is None:
        return False
    try:
        check_may_take_part(session, community, actor_id)
    except NotAllowed:
        return False
    return True


def _passes(
    check: Callable[..., None], session: Session, community: Community, actor_id: int
) -> bool:
    try:
        check(session, community, actor_id, here=True)
    except NotAllowed:
        return False
    return True


def head_of(session: Session, listed: Listed, home: str, reader_id: int | None) -> Head:
    """Everything that the head and the aside say."""
    community, actor = listed.community, listed.actor
    standing = standing_in(listed)
    mine = listed.membership
    active = mine is not None and mine.standing == Standing.ACTIVE
    return Head(
        id=actor.id,
        name=shown.name(actor),
        path=addresses.community_path(actor),
        handle=f"@{handle(actor, home)}",
        purpose=community.purpose,
        charter=SafeHtml(community.charter_html),
        members=community.members_count,
        discussions=community.threads_count,
        stewards=[shown.name(steward) for steward in stewards(session, actor.id)],
        standing=standing,
        is_steward=bool(active and mine and mine.role == Role.STEWARD),
        may_start=may_start(session, community, reader_id),
        may_reply=may_reply(session, community, reader_id),
        may_vote=may_vote(session, community, reader_id),
        approval=community.local and community.approval,
        stewards_only=community.stewards_only,
        closed_at=community.closed_at,
        notice=community.closing_notice,
        asked_words=mine.asked_words if mine else "",
        banned=_banned(session, actor.id, reader_id),
        original=shown.original(actor),
        object_uri=actor.uri if actor.is_local else "",
    )


def _banned(session: Session, community_id: int, reader_id: int | None) -> str:
    ban = standing(session, community_id, reader_id, datetime.now(UTC)) if reader_id else None
    return words_of(ban) if ban is not None else ""


def context_of(head: Head) -> dict[str, object]:
    """What every page of a community gives its template."""
    return {"head": head, "section": "explore", "object_uri": head.object_uri}


def card(session: Session, listed: Listed, home: str) -> dict[str, object]:
    """A community in a list of communities."""
    actor: Actor = listed.actor
    return {
        "name": shown.name(actor),
        "path": addresses.community_path(actor),
        "handle": f"@{handle(actor, home)}",
        "purpose": listed.community.purpose,
        "members": listed.community.members_count,
        "standing": standing_in(listed),
        "closed": listed.community.local and listed.community.closed_at is not None,
        "approval": listed.community.local and listed.community.approval,
    }

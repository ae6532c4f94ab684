"""The head and the aside of a community's pages: what it is, and what its reader is in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fedcop.app import Session
from fedcop.domain.communities.models import Community, Role, Standing
from fedcop.domain.communities.policy import check_may_start
from fedcop.domain.communities.queries import Listed, by_name, seen_by, stewards
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.errors import NotAllowed, NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.pages import addresses, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A community as its pages show it; `standing` is empty for who is no member."""

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
    """What the reader is in it: "" for nothing, asked, active or refused."""
    return str(listed.membership.standing) if listed.membership else ""


def may_start(session: Session, community: Community, actor_id: int | None) -> bool:
    """Whether this person of ours may start a discussion there."""
    if actor_id is None:
        return False
    try:
        check_may_start(session, community, actor_id, here=True)
    except NotAllowed:
        return False
    return True


def head_of(session: Session, listed: Listed, home: str, reader_id: int | None) -> Head:
    """Everything that the head and the aside say."""
    community, actor = listed.community, listed.actor
    standing = standing_in(listed)
    active = standing == Standing.ACTIVE and listed.membership is not None
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
        is_steward=bool(active and listed.membership and listed.membership.role == Role.STEWARD),
        may_start=may_start(session, community, reader_id),
        original=shown.original(actor),
        object_uri=actor.uri if actor.is_local else "",
    )


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
    }

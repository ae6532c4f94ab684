"""The inbox of a member: who replied to them or named them, and where."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.notifications import queries
from fedcop.domain.notifications.notify import REPLY
from fedcop.text.plain import excerpt
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import go, show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint

_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that concerns the reader."""

    who: shapes.Name
    is_reply: bool
    title: str
    url: str
    community: shapes.Name
    at: datetime
    excerpt: str
    unread: bool


async def notifications(request: Request) -> Response:
    """One page of them, newest first."""
    app, viewer, cursor = house(request), member(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        found = queries.notices(session, viewer.actor_id, cursor)
        return {"lines": [_line(it) for it in found.items], "turn": turn(request, found)}

    context = await app.read(query)
    return show(request, "pages/notifications.html", context | {"section": "inbox"})


def _line(notice: queries.Notice) -> Line:
    post = notice.post
    return Line(
        who=shown.name(notice.actor),
        is_reply=notice.notification.reason == REPLY,
        title=notice.root.title,
        url=addresses.post_path(notice.community, notice.root, post),
        community=shown.name(notice.community),
        at=post.published_at,
        excerpt=excerpt(post.html, _EXCERPT) if post.is_visible and not post.warning else "",
        unread=notice.notification.read_at is None,
    )


async def mark_read(request: Request) -> Response:
    """Everything so far has been seen."""
    app, viewer = house(request), member(request)
    await app.act(lambda uow: queries.mark_all_read(uow, viewer.actor_id))
    return go("/notifications", "read")


ENDPOINTS = (
    Endpoint("/notifications", ("GET",), notifications, "member"),
    Endpoint("/notifications/read", ("POST",), mark_read, "member"),
)

"""The inbox of a member: what concerns them, and what waits for their decision."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.notifications import queries
from fedcop.domain.notifications.reasons import Part
from fedcop.web.auth.asking import house, member
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import row_id
from fedcop.web.pages.notice_words import line
from fedcop.web.pages.notices import go, show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint
from fedcop.web.viewer import Viewer

_PATHS = {Part.YOURS: "/notifications", Part.STEWARDSHIP: "/notifications?part=stewardship"}


async def notifications(request: Request) -> Response:
    """One page of a part of it, newest first."""
    app, viewer, cursor = house(request), member(request), cursor_of(request)
    language, part = language_of(request), _part(request.query_params.get("part", ""))

    def query(session: Session) -> dict[str, object]:
        found = queries.notices(session, viewer.actor_id, part, cursor)
        return {
            "lines": [line(it, language) for it in found.items],
            "turn": turn(request, found),
            "parts": _parts(request, session, viewer, part),
            "waiting": queries.unread_of(session, viewer.actor_id, part),
        }

    context = await app.read(query)
    context |= {"part": part.value, "here": _here(request), "section": "inbox"}
    return show(request, "pages/notifications.html", context)


def _parts(
    request: Request, session: Session, viewer: Viewer, part: Part
) -> list[tuple[str, str, str]]:
    """The tabs; stewardship is for who looks after something."""
    _ = language_of(request).gettext
    names = {Part.YOURS: _("For you"), Part.STEWARDSHIP: _("Stewardship")}
    steward = viewer.is_admin or queries.looks_after(session, viewer.actor_id)
    if not steward and part is Part.YOURS:
        return []

    def label(one: Part) -> str:
        number = queries.unread_of(session, viewer.actor_id, one)
        return f"{names[one]} · {'99+' if number > 99 else number}" if number else names[one]

    return [(one.value, label(one), _PATHS[one]) for one in Part]


def _part(text: str) -> Part:
    return Part(text) if text in set(Part) else Part.YOURS


def _here(request: Request) -> str:
    return f"/notifications?{request.url.query}" if request.url.query else "/notifications"


async def mark_all(request: Request) -> Response:
    """Everything of a part has been seen."""
    app, viewer = house(request), member(request)
    part = _part(str((await request.form()).get("part", "")))
    await app.act(lambda uow: queries.mark_all_read(uow, viewer.actor_id, part))
    return go(_PATHS[part], "read")


async def mark_one(request: Request) -> Response:
    """This one has been seen; back to where it stood."""
    app, viewer = house(request), member(request)
    notice_id = row_id(request.path_params["row_id"])
    back = str((await request.form()).get("next", ""))
    await app.act(lambda uow: queries.mark_read(uow, viewer.actor_id, notice_id))
    return go(safe_path(back, "/notifications"))


ENDPOINTS = (
    Endpoint("/notifications", ("GET",), notifications, "member"),
    Endpoint("/notifications/read", ("POST",), mark_all, "member", "60/5minutes"),
    Endpoint("/notifications/{row_id}/read", ("POST",), mark_one, "member", "300/5minutes"),
)

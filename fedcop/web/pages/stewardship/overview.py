"""What waits for the stewards of a community, at a glance."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.moderation import log
from fedcop.web.auth.asking import house
from fedcop.web.pages import deeds
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.pages.stewardship.desk import Desk, desk_of, show_desk
from fedcop.web.routing import Endpoint

_LATEST = 5


async def overview(request: Request) -> Response:
    """The figures, and what was done last."""

    def query(session: Session) -> tuple[Desk, list[deeds.Entry]]:
        desk = desk_of(session, request)
        found = log.of_community(session, desk.id, Cursor(limit=_LATEST), for_stewards=True)
        return desk, deeds.entries(found.items, request)

    desk, lines = await house(request).read(query)
    return show_desk(request, desk, "overview", {"lines": lines})


async def whole_log(request: Request) -> Response:
    """Everything that was done here, reports included."""
    cursor = cursor_of(request)

    def query(session: Session) -> tuple[Desk, dict[str, object]]:
        desk = desk_of(session, request)
        found = log.of_community(session, desk.id, cursor, for_stewards=True)
        lines = deeds.entries(found.items, request)
        return desk, {"lines": lines, "turn": turn(request, found)}

    desk, context = await house(request).read(query)
    return show_desk(request, desk, "log", context)


ENDPOINTS = (
    Endpoint("/c/{name}/stewardship", ("GET",), overview, "member", name="stewardship"),
    Endpoint("/c/{name}/stewardship/log", ("GET",), whole_log, "member", name="stewards_log"),
)

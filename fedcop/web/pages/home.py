"""The start: one's own communities and what goes on in them, or what this server is."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain import timelines
from fedcop.domain.communities.models import Standing
from fedcop.domain.communities.queries import Listed, by_activity, mine
from fedcop.domain.site.found import site
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.pages import shown
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, orders, remember_order, remembered_order, turn
from fedcop.web.routing import Endpoint

_SHOWN = 12
_TASTE = 5


async def home(request: Request) -> Response:
    """For a member: their communities and discussions. For anyone else: what this place is."""
    reader = reader_id(request)
    if reader is None:
        return await _welcome(request)
    app, order, cursor = house(request), remembered_order(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        belongs = mine(session, reader)
        found = timelines.home(session, reader, cursor, order)
        offered: Sequence[Listed] = ()
        if not belongs:
            offered = by_activity(session, Cursor(limit=3), local=True, reader_id=reader).items
        return {
            "communities": [
                (shown.name(it.actor), it.membership is not None
                 and it.membership.standing == Standing.ASKED)
                for it in belongs
            ],
            "offered": [card(session, it, app.uris.host) for it in offered],
            "rows": shown.rows(found.items),
            "turn": turn(request, found),
        }  # fmt: skip

    context = await app.read(query)
    shown_orders = orders(request, remembered=True)
    context |= {"order": order.value, "orders": shown_orders, "section": "home"}
    return remember_order(request, show(request, "pages/home.html", context))


async def _welcome(request: Request) -> Response:
    app = house(request)

    def query(session: Session) -> dict[str, object]:
        row = site(session)
        communities = by_activity(session, Cursor(limit=_SHOWN), local=True)
        return {
            "description": row.description if row else "",
            "communities": [card(session, it, app.uris.host) for it in communities.items],
            "rows": shown.rows(timelines.local(session, Cursor(limit=_TASTE)).items),
        }

    context = await app.read(query)
    return show(request, "pages/welcome.html", context | {"section": "home"})


ENDPOINTS = (Endpoint("/", ("GET",), home, name="home"),)

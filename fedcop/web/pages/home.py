"""The start: one's own communities and what goes on in them, or what this server is."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.communities.models import Standing
from fedcop.domain.communities.queries import directory, mine
from fedcop.domain.posts.queries import discussions, of_member
from fedcop.domain.site.found import site
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.pages import shown
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, order_of, orders, turn
from fedcop.web.routing import Endpoint

_SHOWN = 12


async def home(request: Request) -> Response:
    """For a member: their communities and discussions. For anyone else: what this place is."""
    reader = reader_id(request)
    if reader is None:
        return await _welcome(request)
    app, order, cursor = house(request), order_of(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        belongs = mine(session, reader)
        found = of_member(session, reader, cursor, order)
        offered = directory(session, Cursor(limit=3), local=True).items if not belongs else ()
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
    context |= {"order": order.value, "orders": orders(request), "section": "home"}
    return show(request, "pages/home.html", context)


async def _welcome(request: Request) -> Response:
    app = house(request)

    def query(session: Session) -> dict[str, object]:
        row = site(session)
        communities = directory(session, Cursor(limit=_SHOWN), local=True)
        return {
            "description": row.description if row else "",
            "communities": [card(session, it, app.uris.host) for it in communities.items],
            "rows": shown.rows(discussions(session, Cursor(limit=5)).items),
        }

    context = await app.read(query)
    return show(request, "pages/welcome.html", context | {"section": "home"})


ENDPOINTS = (Endpoint("/", ("GET",), home, name="home"),)

"""All communities that this server knows, its own and those of partner servers."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain import timelines
from fedcop.domain.communities.queries import Listed, by_activity, seen_by
from fedcop.domain.search.find import find_communities
from fedcop.domain.search.query import parse
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.locale import language_of
from fedcop.web.pages import shown
from fedcop.web.pages.fields import tidy
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import (
    Turn,
    cursor_of,
    numbered,
    order_of,
    orders,
    page_of,
    turn,
)
from fedcop.web.routing import Endpoint

_WHERE = {"": None, "here": True, "partners": False}
_LONGEST = 100


async def explore(request: Request) -> Response:
    """Where something was said last comes first; `?where=here` or `?where=partners` for some.

    With `?q=` those that have these words in their names or purpose.
    """
    app, reader = house(request), reader_id(request)
    where = request.query_params.get("where", "")
    where = where if where in _WHERE else ""
    text = (tidy(request.query_params.get("q", "")) or "")[:_LONGEST]

    def query(session: Session) -> dict[str, object]:
        found, pages = _found(session, request, text, reader, local=_WHERE[where])
        cards = [card(session, it, app.uris.host) for it in found]
        return {"communities": cards, "turn": pages}

    context = await app.read(query)

    context |= {"section": "explore", "where": where, "text": text, "places": _places(request)}

    return show(request, "pages/explore.html", context)


def _found(
    session: Session, request: Request, text: str, reader: int | None, *, local: bool | None
) -> tuple[Sequence[Listed], Turn]:
    if not text:
        page = by_activity(session, cursor_of(request), local=local, reader_id=reader)
        return page.items, turn(request, page)
    number = page_of(request)
    found, more = find_communities(session, parse(text).as_name, number, local=local)
    return [seen_by(session, it, reader) for it in found], numbered(request, number, more=more)


async def discussions(request: Request) -> Response:
    """What is discussed in the communities of this server, for everyone."""
    app, reader = house(request), reader_id(request)
    order, cursor = order_of(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        found = timelines.local(session, cursor, order, reader)
        return {"rows": shown.rows(found.items), "turn": turn(request, found)}

    context = await app.read(query)
    context |= {"section": "explore", "where": "discussions", "places": _places(request)}
    context |= {"order": order.value, "orders": orders(request)}
    return show(request, "pages/explore_discussions.html", context)


def _places(request: Request) -> list[tuple[str, str, str]]:
    _ = language_of(request).gettext
    return [
        ("", _("All"), "/explore"),
        ("here", _("On this server"), "/explore?where=here"),
        ("partners", _("On partner servers"), "/explore?where=partners"),
        ("discussions", _("Discussions"), "/explore/discussions"),
    ]


ENDPOINTS = (
    Endpoint("/explore", ("GET",), explore, limit="120/minute"),
    Endpoint("/explore/discussions", ("GET",), discussions, name="explore_discussions"),
)

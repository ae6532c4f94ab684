"""All communities that this server knows, its own and those of partner servers."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.queries import directory, seen_by
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.locale import language_of
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint

_WHERE = {"": None, "here": True, "partners": False}


async def explore(request: Request) -> Response:
    """One page of them, newest first; `?where=here` or `?where=partners` for some of them."""
    app, reader, cursor = house(request), reader_id(request), cursor_of(request)
    where = request.query_params.get("where", "")
    where = where if where in _WHERE else ""

    def query(session: Session) -> dict[str, object]:
        found = directory(session, cursor, local=_WHERE[where])
        seen = [seen_by(session, it, reader) for it in found.items]
        cards = [card(session, it, app.uris.host) for it in seen]
        return {"communities": cards, "turn": turn(request, found)}

    _ = language_of(request).gettext
    places = [
        ("", _("All"), "/explore"),
        ("here", _("On this server"), "/explore?where=here"),
        ("partners", _("On partner servers"), "/explore?where=partners"),
    ]
    context = await app.read(query)
    context |= {"section": "explore", "where": where, "places": places}
    return show(request, "pages/explore.html", context)


ENDPOINTS = (Endpoint("/explore", ("GET",), explore),)

"""The page of a hashtag: the discussions that carry it, wherever they are."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.app import Session
from fedcop.db.paging import Page
from fedcop.domain import timelines
from fedcop.domain.posts.queries import Row
from fedcop.domain.posts.tags import tag_called, tag_name
from fedcop.errors import NotFound
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint


async def tag(request: Request) -> Response:
    """Newest first. Another spelling of the name leads to the one by which it is found."""
    app, reader, cursor = house(request), reader_id(request), cursor_of(request)
    written = request.path_params["name"]
    name = tag_name(written)
    if not name:
        raise NotFound(addresses.NOWHERE)
    if name != written:
        return RedirectResponse(addresses.tag_path(name), 301)

    def query(session: Session) -> dict[str, object]:
        known = tag_called(session, name)
        found: Page[Row] = Page([])
        if known is not None:
            found = timelines.tag(session, known.id, cursor, reader_id=reader)
        return {
            "tag_text": f"#{known.shown if known else name}",
            "rows": shown.rows(found.items),
            "turn": turn(request, found),
        }

    return show(request, "pages/tag.html", await app.read(query))


ENDPOINTS = (Endpoint("/tag/{name}", ("GET",), tag),)

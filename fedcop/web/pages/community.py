"""The pages of a community: its discussions, and what it is about."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.queries import members
from fedcop.domain.posts.queries import discussions
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.locale import language_of
from fedcop.web.pages import shown
from fedcop.web.pages.head import Head, context_of, find, head_of
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, order_of, orders, turn
from fedcop.web.routing import Endpoint


async def community(request: Request) -> Response:
    """Its discussions, newest first, or in the order that was asked for."""
    app, reader = house(request), reader_id(request)
    home, order, cursor = app.uris.host, order_of(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        found = discussions(session, cursor, listed.actor.id, order)
        head = head_of(session, listed, home, reader)
        rows = shown.rows(found.items, in_community=False)
        return {**context_of(head), "tabs": _tabs(request, head), "tab": "discussions"} | {
            "rows": rows,
            "turn": turn(request, found),
        }

    context = await app.read(query)
    context |= {"order": order.value, "orders": orders(request)}
    return show(request, "pages/community.html", context)


async def about(request: Request) -> Response:
    """Its charter, its stewards and its members."""
    app, reader = house(request), reader_id(request)
    home, cursor = app.uris.host, cursor_of(request, 50)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        people = members(session, listed.actor.id, cursor)
        head = head_of(session, listed, home, reader)
        return context_of(head) | {
            "tabs": _tabs(request, head),
            "tab": "about",
            "people": [shown.name(actor) for actor in people.items],
            "turn": turn(request, people),
        }

    return show(request, "pages/community_about.html", await app.read(query))


def _tabs(request: Request, head: Head) -> list[tuple[str, str, str]]:
    _ = language_of(request).gettext
    return [
        ("discussions", _("Discussions"), head.path),
        ("about", _("About and members"), f"{head.path}/about"),
    ]


ENDPOINTS = (
    Endpoint("/c/{name}", ("GET",), community),
    Endpoint("/c/{name}/about", ("GET",), about, name="community_about"),
)

"""The page of a person, here or elsewhere."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.app import Session
from fedcop.domain.communities.models import Standing
from fedcop.domain.communities.queries import mine
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, by_uri, handle
from fedcop.domain.people.relation import Relation, count_followers, relation
from fedcop.domain.posts.queries import by_author
from fedcop.errors import NotFound
from fedcop.text.sanitize import is_web_address
from fedcop.web import shapes
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint


async def person(request: Request) -> Response:
    """Who they are, where they belong, and what they have started."""
    app, cursor, reader = house(request), cursor_of(request), reader_id(request)
    home = app.uris.host

    def query(session: Session) -> dict[str, object] | str:
        actor = _find(session, request.path_params["name"], home)
        if actor.type == "Group":
            return addresses.community_path(actor)
        found = by_author(session, actor.id, cursor)
        return {
            "person": shown.name(actor),
            "handle": f"@{handle(actor, home)}",
            "bio": shown.bio(actor),
            "original": shown.original(actor),
            "object_uri": actor.uri if actor.is_local else "",
            "is_me": actor.id == reader,
            "path": addresses.person_path(actor),
            "relation": _relation(session, reader, actor.id),
            "followers": count_followers(session, actor.id),
            "moved_to": _moved_to(session, actor),
            "is_suspended": actor.suspended_at is not None,
            "section": "you" if actor.id == reader else "",
            "communities": [
                shown.name(it.actor)
                for it in mine(session, actor.id)
                if it.membership is not None and it.membership.standing == Standing.ACTIVE
            ],
            "rows": shown.rows(found.items),
            "turn": turn(request, found),
        }

    context = await app.read(query)
    if isinstance(context, str):
        return RedirectResponse(context, 302)
    return show(request, "pages/person.html", context)


def _relation(session: Session, reader: int | None, other: int) -> Relation | None:
    """How the reader stands to this person; None for themselves, and for who is not signed in."""
    return relation(session, reader, other) if reader is not None and reader != other else None


def _moved_to(session: Session, actor: Actor) -> shapes.Name | None:
    """The account that this person has instead, if they say that they moved."""
    uri = actor.moved_to_uri
    if uri is None or not is_web_address(uri):
        return None
    known = by_uri(session, uri)
    return shown.name(known) if known is not None else shapes.Name(text=uri, url=uri)


async def by_id(request: Request) -> Response:
    """The page of the person who has this ActivityPub id."""
    app = house(request)

    def query(session: Session) -> str:
        actor = _find(session, request.path_params["name"], app.uris.host)
        if not actor.is_local:
            raise NotFound(addresses.NOWHERE)
        return addresses.actor_path(actor)

    return RedirectResponse(await app.read(query), 302, {"Vary": "Accept"})


def _find(session: Session, text: str, home: str) -> Actor:
    name, host = addresses.split_handle(text, home)
    actor = by_handle(session, name, host)
    if actor is None or actor.type == "Application":
        raise NotFound(addresses.NOWHERE)
    return actor


ENDPOINTS = (
    Endpoint("/@{name}", ("GET",), person),
    Endpoint("/u/{name}", ("GET",), by_id, name="person_id"),
)

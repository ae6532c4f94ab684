"""One search for text, for handles and for addresses; only members make us ask another server."""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.activitypub.webfinger import parse_handle
from fedcop.app import App, Session
from fedcop.domain.communities.queries import seen_by
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, by_uri
from fedcop.domain.posts import queries
from fedcop.domain.posts.models import Post
from fedcop.domain.search import find
from fedcop.domain.search.query import Asked, parse
from fedcop.errors import FedcopError, NotFound
from fedcop.inbox.resolve import Found
from fedcop.web.auth.asking import house, reader_id, resolver_of
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses, hits
from fedcop.web.pages.head import card
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import numbered, page_of
from fedcop.web.routing import Endpoint

_LONGEST = 500
_FIRST = 3
"""So many people and communities stand above what was said."""


async def search(request: Request) -> Response:
    """What has the words of `?q=`; a handle or an address leads to what it names.

    `?in=` is one of discussions, people and communities; without it some of each are shown.
    """
    text = " ".join(request.query_params.get("q", "").replace("\0", "").split())[:_LONGEST]
    trouble = ""
    if _is_address(text, development=house(request).settings.development):
        try:
            return RedirectResponse(await _resolve(request, text), 303)
        except FedcopError as error:
            trouble = str(error)
    tabs = _tabs(request, text)
    part = request.query_params.get("in", "")
    part = part if part in {name for name, _, _ in tabs} else ""
    context: dict[str, object] = {"text": text, "trouble": trouble, "section": ""}
    context |= {"tabs": tabs, "part": part}
    return show(request, "pages/search.html", context | await _found(request, text, part))


def _tabs(request: Request, text: str) -> list[tuple[str, str, str]]:
    _ = language_of(request).gettext
    here = f"/search?q={quote(text)}"
    return [
        ("", _("All"), here),
        ("discussions", _("Discussions"), f"{here}&in=discussions"),
        ("people", _("People"), f"{here}&in=people"),
        ("communities", _("Communities"), f"{here}&in=communities"),
    ]


async def _found(request: Request, text: str, part: str) -> dict[str, object]:
    """What the page shows; of people and communities, unless asked for alone, the first few."""
    app, reader, number = house(request), reader_id(request), page_of(request)
    home, asked = app.uris.host, parse(text)
    names = asked.as_name if not asked.narrowed else Asked()
    each = find.EACH if part else _FIRST

    def query(session: Session) -> dict[str, object]:
        communities, people, said = (), (), find.Hits()
        more = False
        if part in {"", "communities"} and (part or number == 1):
            communities, more = find.find_communities(session, names, number, each)
        if part in {"", "people"} and (part or number == 1):
            people, more = find.find_people(session, names, reader, number, each)
        if part in {"", "discussions"}:
            said = find.find_posts(session, asked, home, reader, number)
            more = said.more
        seen = [seen_by(session, it, reader) for it in communities]
        return {
            "communities": [card(session, it, home) for it in seen],
            "people": hits.people(people, home),
            "posts": hits.posts(said.items, asked),
            "unknown": said.unknown,
            "turn": numbered(request, number, more=more),
        }

    return await app.read(query)


def _is_address(text: str, *, development: bool) -> bool:
    """Whether a text is a URL or a handle, and not words to look for."""
    if text.lower().startswith(("https://", "http://")):
        return " " not in text
    if "@" not in text.lstrip("@!") or " " in text:
        return False
    try:
        parse_handle(text, development=development)
    except FedcopError:
        return False
    return True


async def _resolve(request: Request, text: str) -> str:
    """The page of what an address names. Raises FedcopError with words."""
    app = house(request)
    here = await app.read(lambda session: _known(session, app, text))
    if here:
        return here
    if app.uris.is_local(text):
        raise NotFound("There is nothing at this address.")
    if reader_id(request) is None:
        raise NotFound(
            "This server does not know it yet. Sign in, and it will be asked for where it lives."
        )
    found = await resolver_of(request).find(text)
    return await app.read(lambda session: _page_of(session, found))


def _known(session: Session, app: App, text: str) -> str:
    """The page of an address, as far as this server knows it; empty if it does not."""
    if "://" not in text:
        named = parse_handle(text, development=app.settings.development)
        actor = by_handle(session, named.name, None if named.host == app.uris.host else named.host)
        return addresses.actor_path(actor) if actor else ""
    actor = by_uri(session, text)
    if actor is not None:
        return _actor_page(actor)
    post = queries.by_uri(session, text)
    if post is not None and post.confirmed:
        return _post_page(session, post)
    # Whatever page of ours this is, it is the best answer there can be.
    path = text.removeprefix(app.uris.base).partition("#")[0].partition("?")[0]
    local = app.uris.is_local(text) and path.startswith(("/c/", "/@", "/post/", "/comment/"))
    return quote(unquote(path), safe="/@:.~") if local else ""


def _page_of(session: Session, found: Found) -> str:
    if found.kind in {"person", "community"}:
        return _actor_page(session.get_one(Actor, found.id))
    return _post_page(session, session.get_one(Post, found.id))


def _actor_page(actor: Actor) -> str:
    return "/about" if actor.type == "Application" else addresses.actor_path(actor)


def _post_page(session: Session, post: Post) -> str:
    root = session.get_one(Post, post.root_id)
    return addresses.post_path(session.get_one(Actor, post.community_id), root, post)


async def authorize_interaction(request: Request) -> Response:
    """Where other software sends people who want to act on something from their own server."""
    uri = request.query_params.get("uri", "") or request.query_params.get("acct", "")
    return RedirectResponse(f"/search?q={quote(uri[:_LONGEST].removeprefix('acct:'))}", 303)


ENDPOINTS = (
    Endpoint("/search", ("GET",), search, limit="60/minute"),
    Endpoint("/authorize_interaction", ("GET",), authorize_interaction),
)

"""One search for text, for handles and for addresses; only members make us ask another server."""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.activitypub.webfinger import parse_handle
from fedcop.app import App, Session
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, by_uri, handle
from fedcop.domain.people.search import named_like
from fedcop.domain.posts import queries
from fedcop.domain.posts.models import Post
from fedcop.errors import FedcopError, NotFound
from fedcop.inbox.resolve import Found
from fedcop.web.auth.asking import house, reader_id, resolver_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import Turn, cursor_of, turn
from fedcop.web.routing import Endpoint

_LONGEST = 500


async def search(request: Request) -> Response:
    """What contains the text of `?q=`; a handle or an address leads to what it names."""
    text = " ".join(request.query_params.get("q", "").replace("\0", "").split())[:_LONGEST]
    trouble = ""
    if _is_address(text, development=house(request).settings.development):
        try:
            return RedirectResponse(await _resolve(request, text), 303)
        except FedcopError as error:
            trouble = str(error)
    context: dict[str, object] = {"text": text, "trouble": trouble, "section": ""}
    return show(request, "pages/search.html", context | await _matches(request, text))


async def _matches(request: Request, text: str) -> dict[str, object]:
    app, cursor = house(request), cursor_of(request)
    home = app.uris.host

    def query(session: Session) -> dict[str, object]:
        wanted = text.lstrip("@!")
        if not wanted:
            return {"communities": (), "people": (), "rows": (), "turn": Turn()}
        found = queries.titled(session, text, cursor)
        communities = named_like(session, wanted, communities=True)
        people = named_like(session, wanted, communities=False)
        return {
            "communities": [(shown.name(it), f"@{handle(it, home)}") for it in communities],
            "people": [(shown.name(it), f"@{handle(it, home)}") for it in people],
            "rows": shown.rows(found.items),
            "turn": turn(request, found),
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

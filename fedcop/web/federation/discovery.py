"""How others find us: WebFinger, NodeInfo, host-meta."""

import time
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fedcop import __version__
from fedcop.activitypub import nodeinfo, webfinger
from fedcop.activitypub.webfinger import Handle
from fedcop.app import App, Session
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, by_uri, count_people
from fedcop.domain.posts.queries import count
from fedcop.errors import Malformed
from fedcop.uris import Kind, Uris
from fedcop.web.auth.asking import house

# RFC 7033 section 5: any page may ask.
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
_COUNTED_SECONDS = 300.0
_ACTORS = frozenset({Kind.SITE, Kind.PERSON, Kind.COMMUNITY})


async def who_is(request: Request) -> Response:
    """`/.well-known/webfinger`: the actor of a handle or of a URL of ours; 404, empty, if none.

    Without a `resource` it is 400 (RFC 7033 section 4.2).
    """
    app = house(request)
    asked = request.query_params.get("resource", "")
    if not asked:
        return Response(status_code=400, headers=_OPEN)
    try:
        wanted = webfinger.parse_resource(asked, development=app.settings.development)
    except Malformed:
        return Response(status_code=404, headers=_OPEN)
    actor = await app.read(partial(_actor, wanted=wanted, uris=app.uris))
    if actor is None:
        return Response(status_code=404, headers=_OPEN)
    document = webfinger.document(
        subject=f"acct:{actor.name}@{app.uris.host}",
        actor_uri=actor.uri,
        page_url=actor.url or actor.uri,
        actor_type=actor.type,
        subscribe_template=f"{app.uris.base}/authorize_interaction?uri={{uri}}",
    )
    return Response(orjson.dumps(document), 200, _OPEN, webfinger.JRD)


def _actor(session: Session, wanted: Handle | str, uris: Uris) -> Actor | None:
    name = _name(wanted, uris)
    if name is None:
        return None
    if name == _site_name(uris):
        return by_uri(session, uris.site)
    return by_handle(session, name)


def _name(wanted: Handle | str, uris: Uris) -> str | None:
    """The local name that is asked for; people and communities share one name space."""
    if isinstance(wanted, Handle):
        return wanted.name if wanted.host == uris.host else None
    page = uris.person_page("")
    if wanted.startswith(page):
        return wanted.removeprefix(page)
    local = uris.recognise(wanted)
    if local is None or local.part or local.kind not in _ACTORS:
        return None
    return local.name or _site_name(uris)


def _site_name(uris: Uris) -> str:
    """What the instance actor is called: its host (FEP-d556)."""
    return uris.host.partition(":")[0]


async def nodeinfo_links(request: Request) -> Response:
    """`/.well-known/nodeinfo`: where the document is."""
    return Response(
        orjson.dumps(nodeinfo.links(house(request).uris.base)), 200, _OPEN, "application/json"
    )


async def host_meta(request: Request) -> Response:
    """`/.well-known/host-meta` (RFC 6415), for software of its time."""
    return Response(nodeinfo.host_meta(house(request).uris.base), 200, _OPEN, "application/xrd+xml")


class NodeInfo:
    """`/nodeinfo/2.1`: what this server is, and how large. It counts at most every five minutes."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._body = b""
        self._until = 0.0

    async def answer(self, _: Request) -> Response:
        """The document."""
        if time.monotonic() >= self._until:
            users, posts, comments = await self._app.read(_counts)
            document = nodeinfo.document(__version__, users, posts, comments, False)
            self._body = orjson.dumps(document)
            self._until = time.monotonic() + _COUNTED_SECONDS
        return Response(self._body, 200, _OPEN, nodeinfo.CONTENT_TYPE)


def _counts(session: Session) -> tuple[int, int, int]:
    return (
        count_people(session),
        count(session, local=True, replies=False),
        count(session, local=True, replies=True),
    )

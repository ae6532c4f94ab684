"""`GET` of our ids: actors, collections, posts, activities, as ActivityPub JSON."""

import re
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import orjson
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import App, Session
from fedcop.errors import Gone, NotFound
from fedcop.inbox.receive import Receiver
from fedcop.outbox.documents import Answer, Asker, Documents, view_for
from fedcop.uris import Kind, Local
from fedcop.web.auth.asking import house
from fedcop.web.federation.inbox import as_signed
from fedcop.web.federation.kept import KeptActors, tagged
from fedcop.web.negotiate import ACTIVITY_JSON

VARY = "Accept, Signature, Signature-Input"
_ANYONE = "public, max-age=15"
_THIS_ASKER = "private, max-age=0, must-revalidate"
_KEY_ID = re.compile(r'key[Ii]d="([^"]{1,2000})"')
_ACTORS = (Kind.SITE, Kind.PERSON, Kind.COMMUNITY)
_POSTS = (Kind.POST, Kind.COMMENT)
_LARGEST_ID = (1 << 63) - 1


async def document(request: Request) -> Response:
    """What stands under an id of ours: the path is the id's.

    404 for what is not here and 410 with a Tombstone for what was, always as JSON: who asks for an
    id is a program.
    """
    app = house(request)
    local = app.uris.recognise(f"{app.uris.base}{request.url.path}")
    return await _answer(request, app, local)


async def person_page(request: Request) -> Response:
    """The person whose page `/@{name}` is."""
    return await _answer(request, house(request), Local(Kind.PERSON, _parameter(request, "name")))


async def thread_page(request: Request) -> Response:
    """The thread starter of the page `/c/{name}/p/{id}/…`, whatever its slug says."""
    given = _parameter(request, "id")
    local = Local(Kind.POST, id=int(given)) if given.isdecimal() and given.isascii() else None
    return await _answer(request, house(request), local)


async def site_collection(request: Request) -> Response:
    """A collection of the instance actor, whose id is the root."""
    app = house(request)
    part = request.url.path.strip("/")

    def read(session: Session, documents: Documents, _: Asker) -> Answer:
        return documents.actor(session, app.uris.site, part)

    return await _send(request, app, read)


def _parameter(request: Request, name: str) -> str:
    return str(request.path_params.get(name, ""))


async def _answer(request: Request, app: App, local: Local | None) -> Response:
    if local is None or local.id > _LARGEST_ID:
        return _refusal(404, "There is nothing at this address.")

    if local.kind in _ACTORS and not local.part:
        return await _actor(request, app, local)

    def read(session: Session, documents: Documents, asker: Asker) -> Answer:
        return documents.answer(session, local, asker)

    response = await _send(request, app, read)
    key_host = key_host_of(request)
    if key_host and response.status_code == 200 and local.kind in _POSTS and not local.part:
        post = app.uris.post if local.kind is Kind.POST else app.uris.comment
        receiver = cast("Receiver", request.app.state.receiver)
        signed = as_signed(request.scope, app.uris)
        response.background = BackgroundTask(receiver.handed_out, signed, post(local.id), key_host)
    return response


async def _actor(request: Request, app: App, local: Local) -> Response:
    """The document of an actor: the same for everybody, and asked for more than anything else."""
    key_host = key_host_of(request)
    if key_host and (await app.policies.rules()).refuses(key_host):
        return _refusal(404, "There is nothing at this address.", private=True)
    kept = _kept(request)
    answer = kept.find(local)
    if answer is None:
        version = kept.version()
        documents = Documents(app.uris, app.objects)
        try:
            answer = tagged(await app.read(lambda session: documents.answer(session, local)))
        except (NotFound, Gone) as error:
            return _refusal(error.status, str(error))
        kept.keep(local, answer, version)
    return _sent(request, answer)


def _kept(request: Request) -> KeptActors:
    found: object = getattr(request.app.state, "kept_actors", None)
    if not isinstance(found, KeptActors):
        found = request.app.state.kept_actors = KeptActors(house(request).db.changes)
    return found


async def _send(
    request: Request, app: App, read: Callable[[Session, Documents, Asker], Answer]
) -> Response:
    agent = request.headers.get("user-agent", "")
    key_host = key_host_of(request)
    if key_host and (await app.policies.rules()).refuses(key_host):
        return _refusal(404, "There is nothing at this address.", private=True)
    documents = Documents(app.uris, app.objects)

    def look_up(session: Session) -> Answer:
        asker = view_for(session, agent, key_host)
        try:
            return read(session, documents, asker)
        except (NotFound, Gone) as error:  # what one asker may not see, another may
            body = orjson.dumps({"error": str(error)})
            return Answer(body, error.status, private=asker.recognised)

    return _sent(request, await app.read(look_up))


def _sent(request: Request, answer: Answer) -> Response:
    headers = {"Vary": VARY, "Cache-Control": _THIS_ASKER if answer.private else _ANYONE}
    if answer.etag is not None:
        headers["ETag"] = f'"{answer.etag}"'
        if _names(request.headers.get("if-none-match", ""), answer.etag):
            return Response(status_code=304, headers=headers)
    return Response(answer.body, answer.status, headers, ACTIVITY_JSON)


def _refusal(status: int, message: str, *, private: bool = False) -> Response:
    headers = {"Vary": VARY, "Cache-Control": _THIS_ASKER if private else _ANYONE}
    return Response(orjson.dumps({"error": message}), status, headers, ACTIVITY_JSON)


def _names(asked: str, etag: str) -> bool:
    """Whether `If-None-Match` names this tag; NodeBB writes it without quotes."""
    return any(tag.strip().removeprefix("W/").strip('"') == etag for tag in asked.split(","))


def key_host_of(request: Request) -> str | None:
    """The host of the key that a signed request names, not verified; None for an unsigned one."""
    for name in ("signature-input", "signature"):
        match = _KEY_ID.search(request.headers.get(name, ""))
        if match is not None:
            try:
                return urlsplit(match[1]).netloc.lower() or None
            except ValueError:
                return None
    return None

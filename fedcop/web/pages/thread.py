"""The page of a discussion: its starter, the replies, and where one answers."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.app import Session
from fedcop.db.breath import breathe, breathing
from fedcop.db.changes import Version
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.communities.queries import Listed, by_id, seen_by
from fedcop.domain.notifications.mute import is_muted
from fedcop.domain.posts import queries
from fedcop.domain.posts.lines import Line
from fedcop.domain.posts.stamp import Stamp, stamp
from fedcop.domain.posts.thread import MOST, Said, Thread, thread
from fedcop.errors import FedcopError, Gone, NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.forms import N_, PageForm
from fedcop.web.kept import KeptPages, is_for_anyone, kept_pages
from fedcop.web.locale import Language, language_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import Required, Text
from fedcop.web.pages.head import Head, head_of
from fedcop.web.pages.notices import show
from fedcop.web.routing import Endpoint


class ReplyForm(PageForm):
    """An answer to a discussion, or to one of its replies."""

    source = Text(
        N_("Your reply"),
        [Required()],
        description=N_("Markdown works. Name somebody with @name@host."),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that is being written: to which post, and how it would look."""

    to: int
    form: ReplyForm
    preview: SafeHtml | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A thread with its community, as this reader sees it."""

    thread: Thread
    head: Head
    path: str
    muted: bool = False
    """Whether this reader does not hear of replies."""
    stamp: Stamp | None = None
    """What all that rests on, where it was asked for."""


async def discussion(request: Request) -> Response:
    """The page, at its right address; any other way to write it leads there."""
    pages = kept_pages(request)
    if not (is_for_anyone(request) and pages.wanted(request)):
        return await _made(request)
    while True:
        found = pages.unchanged(request, partial(_compared_meanwhile, request, pages))
        if found is not None:
            return found
        if not pages.is_made(request):
            return await _compared_or_made(request, pages)
        await pages.made(request)


async def _compared_or_made(request: Request, pages: KeptPages) -> Response:
    with pages.making(request):
        version, row_id = pages.version(), addresses.row_id(request.path_params["row_id"])
        stamped = partial(stamp, root_id=row_id, most=MOST)
        found = pages.find(request, await house(request).read(stamped), version)
        return found or await _made(request, version)


async def _compared_meanwhile(request: Request, pages: KeptPages) -> None:
    """For those who ask next; what fails they are told."""
    if not pages.is_made(request):
        with suppress(FedcopError):
            await _compared_or_made(request, pages)


async def _made(request: Request, version: Version | None = None) -> Response:
    """The page, kept for this `version` of what it rests on."""
    asked_for = addresses.row_id(request.path_params["row_id"])
    reading = await read(request, asked_for, stamped=version is not None)
    if request.url.path != reading.path:
        query = f"?{request.url.query}" if request.url.query else ""
        place = f"#r{asked_for}" if asked_for != reading.thread.starter.post.id else ""
        return RedirectResponse(f"{reading.path}{query}{place}", 302)
    response = await breathing(lambda: render(request, reading, _draft(request, reading)))
    if version is not None:
        kept_pages(request).keep(request, reading.stamp, version, response)
    return response


async def read(request: Request, post_id: int, *, stamped: bool = False) -> Reading:
    """The thread of a post with its community; with the stamp of both, if it is `stamped`.

    Raises NotFound, and Gone where nothing of it is left.
    """
    app, reader = house(request), reader_id(request)

    def query(session: Session) -> Reading:
        steward, found = False, None
        if reader is None:  # mostly it is the starter that is asked for
            found = thread(session, post_id)
        if found is None:
            root_id, community_id = _place_of(session, post_id)
            steward = reader is not None and is_steward(session, community_id, reader)
            found = thread(session, root_id, reader, steward=steward)
        if found is None:
            raise NotFound(addresses.NOWHERE)
        if not _is_shown(found, reader, steward=steward):
            raise Gone
        starter = found.starter.post
        listed = _place(session, starter.community_id, reader)
        return Reading(
            found,
            head_of(session, listed, app.uris.host, reader),
            addresses.thread_path(found.community, starter),
            reader is not None and is_muted(session, reader, starter.id),
            stamp(session, starter.id, MOST) if stamped else None,
        )

    return await app.read(query)


def _is_shown(found: Thread, reader: int | None, *, steward: bool) -> bool:
    """Whether anything is left of it; of what was taken out, for its author and the stewards."""
    starter = found.starter.post
    kept = starter.removed_at is not None and starter.deleted_at is None
    if kept and (steward or starter.author_id == reader):
        return True
    return starter.is_visible or any(said.post.is_visible for said in found.replies)


def _place(session: Session, community_id: int, reader: int | None) -> Listed:
    listed = by_id(session, community_id)
    if listed is None:
        raise NotFound(addresses.NOWHERE)
    return seen_by(session, listed, reader)


def _place_of(session: Session, post_id: int) -> tuple[int, int]:
    """The starter above a post, and the community."""
    place = queries.place_of(session, post_id)
    if place is None:
        raise NotFound(addresses.NOWHERE)
    return place


def _draft(request: Request, reading: Reading) -> Draft:
    """An empty reply to the post that `?reply=` names, else to the starter."""
    starter = reading.thread.starter.post.id
    wanted = request.query_params.get("reply")
    shown = (said.post.id for said in reading.thread.replies if said.post.is_visible)
    to = next((id_ for id_ in shown if str(id_) == wanted), starter) if wanted else starter
    return Draft(to, ReplyForm.blank(request))


def render(request: Request, reading: Reading, draft: Draft, status: int = 200) -> Response:
    """The page of the thread with a reply that is being written; long ones take many breaths."""
    language, reader = language_of(request), reader_id(request)
    found, head = reading.thread, reading.head
    starter = found.starter.post
    locked = starter.locked_at is not None
    may_reply = head.may_reply and not locked and starter.is_visible
    stewards = _stewards(head, found)
    if head.is_steward and reader is not None:
        stewards.add(reader)

    def post_of(said: Said) -> shapes.Post:
        breathe()
        return shown.post(
            said,
            language,
            reader_id=reader,
            may_reply=may_reply,
            may_vote=head.may_vote,
            stewards=stewards,
            here=reading.path,
        )

    began = post_of(found.starter)
    replies = [post_of(said) for said in found.replies]
    answered = next((said for said in found.replies if said.post.id == draft.to), None)
    context: dict[str, object] = {
        "head": head,
        "title": _title(starter, began, language),
        "locked": locked,
        "starter": began,
        "branches": shapes.arrange(replies),
        "count": starter.thread_count,
        "more": found.more,
        "here": reading.path,
        "muting": f"{head.path}/p/{starter.id}",
        "muted": reading.muted,
        "may_reply": may_reply,
        "draft": draft,
        "answered": shown.name(answered.author) if answered else None,
        "answered_text": answered.post.html if answered else "",
        "original": "" if starter.local else _original(starter),
        "home": "" if starter.local else addresses.home_of(found.starter.author),
        "section": "explore",
        "object_uri": starter.uri if starter.local and starter.is_visible else "",
    }
    return show(request, "pages/discussion.html", context, status)


def _title(starter: Line, began: shapes.Post, language: Language) -> str:
    _ = language.gettext
    if not starter.confirmed:
        return _("A discussion that is not here yet")
    readable = began.kept is not None or not began.missing
    return starter.title if readable else _("A discussion that is gone")


def _stewards(head: Head, found: Thread) -> set[int]:
    """The authors in this thread who are stewards of its community."""
    urls = {steward.url for steward in head.stewards}
    people = {said.author.id: said.author for said in (found.starter, *found.replies)}
    return {id_ for id_, actor in people.items() if addresses.person_path(actor) in urls}


def _original(post: Line) -> str:
    return post.url or post.uri


async def by_row_id(request: Request) -> Response:
    """The page of what has this ActivityPub id."""
    post_id = addresses.row_id(request.path_params["row_id"])
    reading = await read(request, post_id)
    place = f"#r{post_id}" if post_id != reading.thread.starter.post.id else ""
    return RedirectResponse(f"{reading.path}{place}", 302, {"Vary": "Accept"})


ENDPOINTS = (
    Endpoint("/c/{name}/p/{row_id}", ("GET",), discussion),
    Endpoint("/c/{name}/p/{row_id}/{slug}", ("GET",), discussion, name="discussion_slug"),
    Endpoint("/post/{row_id}", ("GET",), by_row_id, name="post"),
    Endpoint("/comment/{row_id}", ("GET",), by_row_id, name="comment"),
)

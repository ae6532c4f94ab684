"""The page of a discussion: its starter, the replies, and where one answers."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.app import Session
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.communities.queries import Listed, by_name, seen_by
from fedcop.domain.notifications.mute import is_muted
from fedcop.domain.posts import queries
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.thread import Said, Thread, thread
from fedcop.errors import Gone, NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.web import shapes
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.forms import N_, PageForm
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


async def discussion(request: Request) -> Response:
    """The page, at its right address; any other way to write it leads there."""
    app = house(request)
    asked_for = addresses.row_id(request.path_params["row_id"])
    root_id = await app.read(lambda session: _root(session, asked_for).root_id)
    reading = await read(request, root_id)
    if request.url.path != reading.path:
        query = f"?{request.url.query}" if request.url.query else ""
        place = f"#r{asked_for}" if asked_for != root_id else ""
        return RedirectResponse(f"{reading.path}{query}{place}", 302)
    return render(request, reading, _draft(request, reading))


async def read(request: Request, root_id: int) -> Reading:
    """The thread with its community. Raises NotFound, and Gone where nothing of it is left."""
    app, reader = house(request), reader_id(request)

    def place_of(session: Session) -> int:
        return _root(session, root_id).community_id

    def query(session: Session) -> Reading:
        steward = reader is not None and is_steward(session, place_of(session), reader)
        found = thread(session, root_id, reader, steward=steward)
        if found is None:
            raise NotFound(addresses.NOWHERE)
        if not _is_shown(found, reader, steward=steward):
            raise Gone
        starter = found.starter.post
        listed = _place(session, found, app.uris.host, reader)
        head = head_of(session, listed, app.uris.host, reader)
        quiet = reader is not None and is_muted(session, reader, root_id)
        return Reading(found, head, addresses.thread_path(found.community, starter), quiet)

    return await app.read(query)


def _is_shown(found: Thread, reader: int | None, *, steward: bool) -> bool:
    """Whether anything is left of it; of what was taken out, for its author and the stewards."""
    starter = found.starter.post
    kept = starter.removed_at is not None and starter.deleted_at is None
    if kept and (steward or starter.author_id == reader):
        return True
    return starter.is_visible or any(said.post.is_visible for said in found.replies)


def _place(session: Session, found: Thread, home: str, reader: int | None) -> Listed:
    actor = found.community
    host = None if actor.is_local else addresses.home_of(actor)
    listed = by_name(session, actor.name, host)
    if listed is None:
        raise NotFound(addresses.NOWHERE)
    return seen_by(session, listed, reader)


def _root(session: Session, post_id: int) -> Post:
    post = queries.by_id(session, post_id)
    if post is None:
        raise NotFound(addresses.NOWHERE)
    return post


def _draft(request: Request, reading: Reading) -> Draft:
    """An empty reply to the post that `?reply=` names, else to the starter."""
    starter = reading.thread.starter.post.id
    wanted = request.query_params.get("reply", "")
    shown_ids = {str(said.post.id) for said in reading.thread.replies if said.post.is_visible}
    to = int(wanted) if wanted in shown_ids else starter
    return Draft(to, ReplyForm.blank(request))


def render(request: Request, reading: Reading, draft: Draft, status: int = 200) -> Response:
    """The page of the thread with a reply that is being written."""
    language, reader = language_of(request), reader_id(request)
    found, head = reading.thread, reading.head
    starter = found.starter.post
    locked = starter.locked_at is not None
    may_reply = head.may_reply and not locked and starter.is_visible
    stewards = _stewards(head, found)
    if head.is_steward and reader is not None:
        stewards.add(reader)

    def post_of(said: Said) -> shapes.Post:
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


def _title(starter: Post, began: shapes.Post, language: Language) -> str:
    _ = language.gettext
    if not starter.confirmed:
        return _("A discussion that is not here yet")
    readable = began.kept is not None or not began.missing
    return starter.title if readable else _("A discussion that is gone")


def _stewards(head: Head, found: Thread) -> set[int]:
    """The authors in this thread who are stewards of its community."""
    urls = {steward.url for steward in head.stewards}
    people = [said.author for said in (found.starter, *found.replies)]
    return {actor.id for actor in people if addresses.person_path(actor) in urls}


def _original(post: Post) -> str:
    return post.url or post.uri


async def by_id(request: Request) -> Response:
    """The page of what has this ActivityPub id."""
    app = house(request)
    post_id = addresses.row_id(request.path_params["row_id"])
    root_id = await app.read(lambda session: _root(session, post_id).root_id)
    reading = await read(request, root_id)
    place = f"#r{post_id}" if post_id != root_id else ""
    return RedirectResponse(f"{reading.path}{place}", 302, {"Vary": "Accept"})


ENDPOINTS = (
    Endpoint("/c/{name}/p/{row_id}", ("GET",), discussion),
    Endpoint("/c/{name}/p/{row_id}/{slug}", ("GET",), discussion, name="discussion_slug"),
    Endpoint("/post/{row_id}", ("GET",), by_id, name="post"),
    Endpoint("/comment/{row_id}", ("GET",), by_id, name="comment"),
)

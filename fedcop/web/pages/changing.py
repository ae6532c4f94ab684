"""What authors do with their own posts."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.people.models import Actor
from fedcop.domain.posts import queries
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.edit import edit
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.policy import check_is_there
from fedcop.domain.posts.remove import delete
from fedcop.domain.posts.words import Words
from fedcop.errors import Invalid, NotAllowed, NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.uris import Uris
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import fill_errors
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.meeting import meet_named
from fedcop.web.pages.notices import go, show
from fedcop.web.pages.thread import ReplyForm
from fedcop.web.pages.writing import DiscussionForm
from fedcop.web.routing import Endpoint
from fedcop.web.viewer import Viewer
from fedcop.work.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Target:
    """A post of which something shall be changed, and where it stands."""

    post: Post
    community: Actor
    path: str


def _target(session: Session, post_id: int, viewer: Viewer) -> Target:
    """The post if this is theirs to change. Raises NotFound, Gone or NotAllowed."""
    post = queries.by_id(session, post_id)
    root = queries.by_id(session, post.root_id) if post else None
    if post is None or root is None or not post.confirmed:
        raise NotFound(addresses.NOWHERE)
    check_is_there(post)
    community = session.get_one(Actor, post.community_id)
    if post.author_id != viewer.actor_id:
        raise NotAllowed("Only who wrote it can change or delete it.")
    return Target(post, community, addresses.post_path(community, root, post))


async def show_edit(request: Request) -> Response:
    """The form with the words as they stand."""
    target = await _read(request)
    data = {"title": target.post.title, "source": target.post.source or ""}
    return _edit_page(request, target, _form_of(target).blank(request, **data))


async def send_edit(request: Request) -> Response:
    """Publish the new words, or show how they would look."""
    app, viewer = house(request), member(request)
    target = await _read(request)
    form = await _form_of(target).sent(request)

    def act(uow: UnitOfWork) -> str:
        now = _target(uow.session, target.post.id, viewer)
        words = _words(uow.session, uow.uris, form)
        edit(uow, now.post, uow.get(Actor, viewer.actor_id), words)
        root = uow.get(Post, now.post.root_id)
        return addresses.post_path(now.community, root, now.post)

    try:
        if "preview" in await request.form():
            words = await app.read(lambda session: _words(session, app.uris, form))
            return _edit_page(request, target, form, words.html)
        await meet_named(request, form.source.data or "")
        return go(await app.act(act), "edited")
    except Invalid as error:
        fill_errors(form, error)
        return _edit_page(request, target, form)


def _form_of(target: Target) -> type[DiscussionForm] | type[ReplyForm]:
    return DiscussionForm if target.post.is_starter else ReplyForm


def _words(session: Session, uris: Uris, form: DiscussionForm | ReplyForm) -> Words:
    source = form.source.data or ""
    if isinstance(form, DiscussionForm):
        return compose_starter(session, uris, form.title.data or "", source)
    return compose_reply(session, uris, source)


def _edit_page(
    request: Request,
    target: Target,
    form: DiscussionForm | ReplyForm,
    preview: SafeHtml | None = None,
) -> Response:
    context = {"form": form, "preview": preview, "back": target.path, "post_id": target.post.id}
    context |= {"is_starter": target.post.is_starter}
    return show(request, "pages/post_edit.html", context, 422 if form.errors else 200)


async def ask_first(request: Request) -> Response:
    """Whether it shall really go."""
    target = await _read(request)
    context = {
        "back": target.path,
        "action": request.url.path,
        "is_starter": target.post.is_starter,
        "replies": target.post.thread_count if target.post.is_starter else target.post.reply_count,
        "text": shown.text_of(target.post),
        "title": target.post.title,
    }
    return show(request, "pages/post_delete.html", context)


async def send_delete(request: Request) -> Response:
    """Its author takes it back."""
    app, viewer = house(request), member(request)
    post_id = addresses.row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> str:
        target = _target(uow.session, post_id, viewer)
        delete(uow, target.post, uow.get(Actor, viewer.actor_id))
        starter = target.post.is_starter
        return addresses.community_path(target.community) if starter else target.path

    return go(await app.act(act), "deleted")


async def _read(request: Request) -> Target:
    app, viewer = house(request), member(request)
    post_id = addresses.row_id(request.path_params["row_id"])
    return await app.read(lambda session: _target(session, post_id, viewer))


ENDPOINTS = (
    Endpoint("/p/{row_id}/edit", ("GET",), show_edit, "member"),
    Endpoint("/p/{row_id}/edit", ("POST",), send_edit, "member", "60/10minutes"),
    Endpoint("/p/{row_id}/delete", ("GET",), ask_first, "member", name="ask_delete"),
    Endpoint("/p/{row_id}/delete", ("POST",), send_delete, "member"),
)

"""What stewards do with a post: pin, lock, take out with a reason, and all of it undone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.domain.posts import queries
from fedcop.domain.posts.feature import lock, pin, unlock, unpin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.remove import remove, restore
from fedcop.errors import Gone, Invalid, NotFound
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import Text
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.web.viewer import Viewer
from fedcop.work.unit_of_work import UnitOfWork

_RATE = "60/10minutes"


class ReasonForm(PageForm):
    """Why."""

    reason = Text(
        N_("Why?"),
        description=N_("Its author and partner servers read this. At most 1,000 characters."),
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A post about which a steward decides, its author and place."""

    post: Post
    author: Actor
    community: Actor
    path: str


def _target(session: Session, row_id: int, viewer: Viewer) -> Target:
    """The post, if this person looks after its community. Raises NotFound, NotAllowed, Gone."""
    post = queries.by_id(session, row_id)
    if post is None or not post.confirmed:
        raise NotFound(addresses.NOWHERE)
    check_is_steward(session, post.community_id, viewer.actor_id)
    if post.deleted_at is not None:
        raise Gone("Its author has deleted this.")
    root = session.get_one(Post, post.root_id)
    community = session.get_one(Actor, post.community_id)
    path = addresses.post_path(community, root, post)
    return Target(post, session.get_one(Actor, post.author_id), community, path)


_Deed = Callable[[UnitOfWork, Post, Actor], bool]


def _at_once(deed: _Deed, notice: str) -> Callable[[Request], Awaitable[Response]]:
    """What needs no question before: it can be taken back as easily."""

    async def send(request: Request) -> Response:
        return go(await _act(request, deed), notice)

    return send


async def _act(request: Request, deed: _Deed) -> str:
    app, viewer = house(request), member(request)
    row_id = addresses.row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> str:
        target = _target(uow.session, row_id, viewer)
        deed(uow, target.post, uow.get(Actor, viewer.actor_id))
        return target.path

    return await app.act(act)


async def show_remove(request: Request) -> Response:
    """What happens if it is taken out, and why it is."""
    return await _ask(request, "remove", ReasonForm.blank(request))


async def send_remove(request: Request) -> Response:
    """Take it out of the community."""
    return await _with_reason(request, "remove", remove, "removed")


async def show_lock(request: Request) -> Response:
    """What happens if it is locked, and why it is."""
    return await _ask(request, "lock", ReasonForm.blank(request))


async def send_lock(request: Request) -> Response:
    """Let nobody reply any more."""
    return await _with_reason(request, "lock", lock, "locked")


async def _with_reason(
    request: Request,
    name: str,
    deed: Callable[[UnitOfWork, Post, Actor, str], bool],
    notice: str,
) -> Response:
    form = await ReasonForm.sent(request)
    reason = (form.reason.data or "").strip()
    try:
        path = await _act(request, lambda uow, post, by: deed(uow, post, by, reason))
    except Invalid as error:
        fill_errors(form, error)
        return await _ask(request, name, form)
    return go(path, notice)


async def _ask(request: Request, deed: str, form: ReasonForm) -> Response:
    app, viewer = house(request), member(request)
    row_id = addresses.row_id(request.path_params["row_id"])
    target = await app.read(lambda session: _target(session, row_id, viewer))
    post = target.post
    context = {
        "deed": deed,
        "form": form,
        "back": target.path,
        "action": f"/p/{post.id}/{deed}",
        "is_starter": post.is_starter,
        "replies": post.thread_count if post.is_starter else post.reply_count,
        "title": post.title,
        "text": shown.text_of(post),
        "author": shown.name(target.author),
        "place": shown.name(target.community),
    }
    return show(request, "pages/post_decide.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint("/p/{row_id}/remove", ("GET",), show_remove, "member"),
    Endpoint("/p/{row_id}/remove", ("POST",), send_remove, "member", _RATE),
    Endpoint("/p/{row_id}/lock", ("GET",), show_lock, "member"),
    Endpoint("/p/{row_id}/lock", ("POST",), send_lock, "member", _RATE),
    *(
        Endpoint(
            f"/p/{{row_id}}/{path}", ("POST",), _at_once(deed, notice), "member", _RATE, name=path
        )
        for path, deed, notice in (
            ("pin", pin, "pinned"),
            ("unpin", unpin, "unpinned"),
            ("unlock", unlock, "unlocked"),
            ("restore", restore, "restored"),
        )
    ),
)

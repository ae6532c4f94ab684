"""The forms by which a member mutes a discussion and hears of it again, and the list of those."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.notifications.mute import mute, muted, unmute
from fedcop.domain.posts.models import Post
from fedcop.errors import NotFound
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import go, show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def mute_discussion(request: Request) -> Response:
    """Replies in it make no notice from now on."""
    app, viewer = house(request), member(request)
    root_id = addresses.row_id(request.path_params["row_id"])
    await app.act(lambda uow: mute(uow, viewer.actor_id, _discussion(uow, root_id)))
    return go(await _back(request, request.url.path.removesuffix("/mute")), "muted")


async def unmute_discussion(request: Request) -> Response:
    """They make notices again."""
    app, viewer = house(request), member(request)
    root_id = addresses.row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> None:
        _discussion(uow, root_id)
        unmute(uow, viewer.actor_id, root_id)

    await app.act(act)
    return go(await _back(request, request.url.path.removesuffix("/unmute")), "unmuted")


def _discussion(uow: UnitOfWork, root_id: int) -> Post:
    post = uow.look_up(Post, root_id)
    if post is None or not post.is_starter or not post.confirmed:
        raise NotFound(addresses.NOWHERE)
    return post


async def _back(request: Request, path: str) -> str:
    wanted = (await request.form()).get("next")
    return safe_path(wanted, path) if isinstance(wanted, str) and wanted else path


async def muted_discussions(request: Request) -> Response:
    """Those of which the reader does not hear."""
    app, viewer, cursor = house(request), member(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        found = muted(session, viewer.actor_id, cursor)
        rows: list[tuple[str, str, shapes.Name, str]] = [
            (
                post.title,
                addresses.thread_path(place, post),
                shown.name(place),
                f"{addresses.community_path(place)}/p/{post.id}/unmute",
            )
            for post, place in found.items
        ]
        return {"rows": rows, "turn": turn(request, found)}

    context = await app.read(query)
    return show(request, "pages/muted.html", context | {"section": "inbox"})


ENDPOINTS = (
    Endpoint("/notifications/muted", ("GET",), muted_discussions, "member"),
    Endpoint("/c/{name}/p/{row_id}/mute", ("POST",), mute_discussion, "member", "60/5minutes"),
    Endpoint("/c/{name}/p/{row_id}/unmute", ("POST",), unmute_discussion, "member", "60/5minutes"),
)

"""The forms under a post: reply to it, find it helpful."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.domain.people.models import Actor
from fedcop.domain.posts import queries
from fedcop.domain.posts.again import just_said
from fedcop.domain.posts.compose import compose_reply
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply
from fedcop.domain.posts.vote import vote
from fedcop.errors import Invalid, NotFound
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import fill_errors
from fedcop.web.pages import addresses
from fedcop.web.pages.meeting import meet_named
from fedcop.web.pages.notices import go
from fedcop.web.pages.thread import Draft, ReplyForm, read, render
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def send_reply(request: Request) -> Response:
    """Publish it, or show how it would look; what is wrong is said beside the field.

    Sent again within ten minutes, it leads to what was published.
    """
    app, viewer = house(request), member(request)
    post_id = addresses.row_id(request.path_params["row_id"])
    form = await ReplyForm.sent(request)
    source = form.source.data or ""
    root_id = await app.read(lambda session: _confirmed(queries.by_id(session, post_id)).root_id)

    def act(uow: UnitOfWork) -> str:
        parent = _confirmed(uow.look_up(Post, post_id))
        words = compose_reply(uow.session, uow.uris, source)
        here = parent.community_id
        said = just_said(uow, viewer.actor_id, words, community_id=here, parent_id=parent.id)
        if said is None:
            said = reply(uow, uow.get(Actor, viewer.actor_id), parent, words)
        place = uow.get(Actor, said.community_id)
        return addresses.post_path(place, uow.get(Post, said.root_id), said)

    try:
        if "preview" in await request.form():
            words = await app.read(lambda session: compose_reply(session, app.uris, source))
            draft = Draft(post_id, form, words.html)
            return render(request, await read(request, root_id), draft)
        await meet_named(request, source)
        return go(await app.act(act), "replied")
    except Invalid as error:
        fill_errors(form, error)
        return render(request, await read(request, root_id), Draft(post_id, form), 422)


async def helpful(request: Request) -> Response:
    """Say that it is helpful (`helpful=1`), or take that back (`helpful=0`)."""
    app, viewer = house(request), member(request)
    post_id = addresses.row_id(request.path_params["row_id"])
    value = 0 if (await request.form()).get("helpful") == "0" else 1

    def act(uow: UnitOfWork) -> str:
        post = _confirmed(uow.look_up(Post, post_id))
        vote(uow, post, uow.get(Actor, viewer.actor_id), value)
        place = uow.get(Actor, post.community_id)
        return addresses.post_path(place, uow.get(Post, post.root_id), post)

    return go(await app.act(act))


def _confirmed(post: Post | None) -> Post:
    """The post if it may be seen here. Raises NotFound."""
    if post is None or not post.confirmed:
        raise NotFound(addresses.NOWHERE)
    return post


ENDPOINTS = (
    Endpoint("/p/{row_id}/reply", ("POST",), send_reply, "member", "60/10minutes"),
    Endpoint("/p/{row_id}/helpful", ("POST",), helpful, "member", "120/5minutes"),
)

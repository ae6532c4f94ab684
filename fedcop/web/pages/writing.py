"""Where a discussion is started: in which community, and the form."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.models import Standing
from fedcop.domain.communities.policy import check_may_start
from fedcop.domain.communities.queries import mine
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.again import just_said
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.publish import start
from fedcop.errors import Invalid
from fedcop.text.sanitize import SafeHtml
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages import addresses
from fedcop.web.pages.fields import Line, Required, Text
from fedcop.web.pages.head import card, find, head_of, may_start
from fedcop.web.pages.meeting import meet_named
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


class DiscussionForm(PageForm):
    """A new discussion, or new words for one."""

    title = Line(
        N_("Title"),
        [Required()],
        description=N_("What is it about? One line, so that others know whether they can help."),
    )
    source = Text(
        N_("Text"),
        [Required()],
        description=N_("Markdown works. Name somebody with @name@host."),
        render_kw={"rows": 12},
    )


async def choose(request: Request) -> Response:
    """In which of one's communities."""
    app, viewer = house(request), member(request)

    def query(session: Session) -> list[dict[str, object]]:
        return [
            card(session, it, app.uris.host)
            for it in mine(session, viewer.actor_id)
            if it.membership is not None
            and it.membership.standing == Standing.ACTIVE
            and may_start(session, it.community, viewer.actor_id)
        ]

    context = {"communities": await app.read(query), "section": "new"}
    return show(request, "pages/choose.html", context)


async def compose(request: Request) -> Response:
    """The empty form. Raises NotAllowed for who may not start a discussion there."""
    return await _page(request, DiscussionForm.blank(request))


async def send(request: Request) -> Response:
    """Publish it, or show how it would look; what is wrong is said beside the fields.

    Sent again within ten minutes, it leads to what was published.
    """
    app, viewer = house(request), member(request)
    form = await DiscussionForm.sent(request)
    title, source = form.title.data or "", form.source.data or ""

    def act(uow: UnitOfWork) -> str:
        listed = find(uow.session, request.path_params["name"], app.uris.host, None)
        check_may_start(uow.session, listed.community, viewer.actor_id, here=True)
        words = compose_starter(uow.session, uow.uris, title, source)
        place = listed.community.actor_id
        post = just_said(uow, viewer.actor_id, words, community_id=place, parent_id=None)
        if post is None:
            post = start(uow, uow.get(Actor, viewer.actor_id), listed.community, words)
        return addresses.thread_path(listed.actor, post)

    try:
        if "preview" in await request.form():
            words = await app.read(
                lambda session: compose_starter(session, app.uris, title, source)
            )
            return await _page(request, form, words.html)
        await meet_named(request, source)
        return go(await app.act(act), "posted")
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, form)


async def _page(
    request: Request, form: DiscussionForm, preview: SafeHtml | None = None
) -> Response:
    app, viewer = house(request), member(request)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], app.uris.host, viewer.actor_id)
        check_may_start(session, listed.community, viewer.actor_id, here=True)
        return {"head": head_of(session, listed, app.uris.host, viewer.actor_id)}

    context = await app.read(query)
    context |= {"form": form, "preview": preview, "section": "new"}
    return show(request, "pages/compose.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint("/new", ("GET",), choose, "member"),
    Endpoint("/c/{name}/new", ("GET",), compose, "member"),
    Endpoint("/c/{name}/new", ("POST",), send, "member", "30/10minutes", name="start"),
)

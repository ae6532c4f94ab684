"""The forms by which a member joins a community and leaves it."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.join import LONGEST_WORDS, join, leave
from fedcop.domain.communities.models import Standing
from fedcop.domain.communities.queries import Listed
from fedcop.domain.people.models import Actor
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm
from fedcop.web.pages.addresses import community_path
from fedcop.web.pages.fields import Text
from fedcop.web.pages.head import WAITING, Head, find, head_of, standing_in
from fedcop.web.pages.notices import go, show
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


class AskForm(PageForm):
    """A newcomer tells the stewards something about themselves."""

    words = Text(
        N_("A word about yourself"),
        description=N_("What you do, and what brings you here. Only the stewards read it."),
        render_kw={"rows": 4, "maxlength": str(LONGEST_WORDS)},
    )


async def ask_to_join(request: Request) -> Response:
    """What joining means where the stewards decide, and the form."""
    app, viewer = house(request), member(request)

    def query(session: Session) -> Head:
        listed = find(session, request.path_params["name"], app.uris.host, viewer.actor_id)
        return head_of(session, listed, app.uris.host, viewer.actor_id)

    head = await app.read(query)
    if not head.approval or head.closed_at or head.standing == Standing.ACTIVE:
        return go(head.path)
    form = AskForm.blank(request, words=head.asked_words)
    context = {"head": head, "form": form, "section": "explore"}
    return show(request, "pages/community_join.html", context)


async def join_community(request: Request) -> Response:
    """Belong to it, ask its stewards with a word about oneself, or ask its server."""
    app, viewer = house(request), member(request)
    form = await AskForm.sent(request)

    def act(uow: UnitOfWork) -> tuple[str, str]:
        listed = find(uow.session, request.path_params["name"], app.uris.host, None)
        actor = uow.get(Actor, viewer.actor_id)
        membership = join(uow, listed.community, actor, words=form.words.data or "")
        path = community_path(listed.actor)
        if membership.standing == Standing.ASKED:
            return path, "asked"
        if standing_in(Listed(listed.community, listed.actor, membership)) == WAITING:
            return path, "waiting"
        return path, "joined"

    path, notice = await app.act(act)
    return go(await _back(request, path), notice)


async def leave_community(request: Request) -> Response:
    """No longer belong to it, or take back the wish to."""
    app, viewer = house(request), member(request)

    def act(uow: UnitOfWork) -> str:
        listed = find(uow.session, request.path_params["name"], app.uris.host, None)
        leave(uow, listed.community, uow.get(Actor, viewer.actor_id))
        return community_path(listed.actor)

    return go(await app.act(act), "left")


async def _back(request: Request, path: str) -> str:
    """Where the form says to go on, such as the discussion in which it stood; else `path`."""
    wanted = (await request.form()).get("next")
    return safe_path(wanted, path) if isinstance(wanted, str) and wanted else path


ENDPOINTS = (
    Endpoint("/c/{name}/join", ("GET",), ask_to_join, "member"),
    Endpoint("/c/{name}/join", ("POST",), join_community, "member", "60/5minutes"),
    Endpoint("/c/{name}/leave", ("POST",), leave_community, "member", "60/5minutes"),
)

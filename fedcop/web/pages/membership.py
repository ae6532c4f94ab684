"""The forms by which a member joins a community and leaves it."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.domain.communities.join import join, leave
from fedcop.domain.communities.models import Standing
from fedcop.domain.people.models import Actor
from fedcop.web.auth.asking import house, member
from fedcop.web.pages.addresses import community_path
from fedcop.web.pages.head import find
from fedcop.web.pages.notices import go
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def join_community(request: Request) -> Response:
    """Belong to it, or ask its server."""
    app, viewer = house(request), member(request)

    def act(uow: UnitOfWork) -> tuple[str, str]:
        listed = find(uow.session, request.path_params["name"], app.uris.host, None)
        membership = join(uow, listed.community, uow.get(Actor, viewer.actor_id))
        asked = membership.standing == Standing.ASKED
        return community_path(listed.actor), "asked" if asked else "joined"

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
    Endpoint("/c/{name}/join", ("POST",), join_community, "member", "60/5minutes"),
    Endpoint("/c/{name}/leave", ("POST",), leave_community, "member", "60/5minutes"),
)

"""The forms by which a member follows and blocks people, and the list of those who are blocked."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.people.apart import blocked_people
from fedcop.domain.people.block import block, unblock
from fedcop.domain.people.follow import follow, unfollow
from fedcop.domain.people.models import Actor, FollowStanding
from fedcop.domain.people.queries import by_handle, handle
from fedcop.errors import NotFound
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import go, show
from fedcop.web.return_path import safe_path
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def follow_person(request: Request) -> Response:
    """Listen to a person, or ask their server."""

    def act(uow: UnitOfWork, reader: Actor, other: Actor) -> str:
        standing = follow(uow, reader, other)
        active = standing is not None and standing.standing == FollowStanding.ACTIVE
        return "followed" if active else "follow-asked"

    return await _between(request, act)


async def unfollow_person(request: Request) -> Response:
    """No longer listen, or take back the wish to."""

    def act(uow: UnitOfWork, reader: Actor, other: Actor) -> str:
        unfollow(uow, reader, other)
        return "unfollowed"

    return await _between(request, act)


async def block_person(request: Request) -> Response:
    """Want nothing to do with somebody."""

    def act(uow: UnitOfWork, reader: Actor, other: Actor) -> str:
        block(uow, reader, other)
        return "blocked"

    return await _between(request, act)


async def unblock_person(request: Request) -> Response:
    """Let somebody come near again."""

    def act(uow: UnitOfWork, reader: Actor, other: Actor) -> str:
        unblock(uow, reader, other)
        return "unblocked"

    return await _between(request, act)


async def blocks(request: Request) -> Response:
    """Whom the member blocks."""
    app, viewer = house(request), member(request)

    def query(session: Session) -> list[dict[str, object]]:
        return [
            {"name": shown.name(it), "handle": handle(it, app.uris.host), "path": _path(it)}
            for it in blocked_people(session, viewer.actor_id)
        ]

    context = {"people": await app.read(query), "section": "you", "tab": "blocks"}
    return show(request, "settings/blocks.html", context)


async def _between(request: Request, act: Callable[[UnitOfWork, Actor, Actor], str]) -> Response:
    """Let the member do something to the person whose page it is, and go back there."""
    app, viewer = house(request), member(request)
    wanted = (await request.form()).get("next")

    def work(uow: UnitOfWork) -> tuple[str, str]:
        name, host = addresses.split_handle(request.path_params["name"], app.uris.host)
        other = by_handle(uow.session, name, host)
        if other is None or other.type in {"Application", "Group"}:
            raise NotFound(addresses.NOWHERE)
        return _path(other), act(uow, uow.get(Actor, viewer.actor_id), other)

    path, notice = await app.act(work)
    return go(safe_path(wanted, path) if isinstance(wanted, str) and wanted else path, notice)


def _path(actor: Actor) -> str:
    return addresses.person_path(actor)


ENDPOINTS = (
    Endpoint("/@{name}/follow", ("POST",), follow_person, "member", "60/5minutes"),
    Endpoint("/@{name}/unfollow", ("POST",), unfollow_person, "member", "60/5minutes"),
    Endpoint("/@{name}/block", ("POST",), block_person, "member", "60/5minutes"),
    Endpoint("/@{name}/unblock", ("POST",), unblock_person, "member", "60/5minutes"),
    Endpoint("/settings/blocks", ("GET",), blocks, "member", name="blocks"),
)

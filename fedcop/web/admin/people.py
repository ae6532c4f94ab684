"""Where an admin finds the people of this server, and says what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.access.links import issue_enter
from fedcop.domain.access.sessions import end_all
from fedcop.domain.moderation.log import write
from fedcop.domain.people.admins import ADMIN, MEMBER, give_role, people
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.people.suspend import reinstate, suspend
from fedcop.errors import NotFound
from fedcop.ids import minted_at
from fedcop.web import shapes
from fedcop.web.admin.frame import acting, show_admin
from fedcop.web.admin.words import ROLE, SIGN_IN_LINK
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import shown
from fedcop.web.pages.addresses import NOWHERE, row_id
from fedcop.web.pages.notices import go
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/people"
_LONGEST_REASON = 500
HOURS = 24


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list."""

    id: int
    name: shapes.Name
    handle: str
    email: str
    is_admin: bool
    is_me: bool
    suspended: bool
    since: datetime


async def people_list(request: Request) -> Response:
    """Everybody with an account here, or whose name has `?q=`."""
    return await _page(request)


async def _page(request: Request, *, link: str = "", link_for: str = "") -> Response:
    app, cursor, me = house(request), cursor_of(request), member(request).actor_id
    text = request.query_params.get("q", "").replace("\0", "")[:200]

    def query(session: Session) -> dict[str, object]:
        found = people(session, text, cursor)
        rows = [_row(actor, account, me) for actor, account in found.items]
        return {"rows": rows, "turn": turn(request, found)}

    context = await app.read(query)
    context |= {"q": text, "link": link, "link_for": link_for, "hours": HOURS}
    return show_admin(request, "people", context)


def _row(actor: Actor, account: Account, me: int) -> Row:
    return Row(
        id=actor.id,
        name=shown.name(actor),
        handle=f"@{actor.name}",
        email=account.email or "",
        is_admin=account.role == ADMIN,
        is_me=actor.id == me,
        suspended=account.suspended_at is not None,
        since=minted_at(actor.id),
    )


async def change_role(request: Request) -> Response:
    """Make somebody an admin, or no longer; the last one stays."""
    wanted = (await request.form()).get("role")
    role = ADMIN if wanted == ADMIN else MEMBER

    def act(uow: UnitOfWork, person: Actor) -> None:
        if give_role(uow, person.id, role):
            by = acting(uow, request).id
            write(uow, ROLE, by_id=by, actor_id=person.id, subject=role)

    return await _do(request, act, "role")


async def suspend_person(request: Request) -> Response:
    """They are signed out and cannot come in, until reinstated."""
    given = (await request.form()).get("reason")
    reason = given.replace("\0", "").strip()[:_LONGEST_REASON] if isinstance(given, str) else ""

    def act(uow: UnitOfWork, person: Actor) -> None:
        suspend(uow, person, acting(uow, request), reason)
        end_all(uow, person.id)

    return await _do(request, act, "suspended")


async def reinstate_person(request: Request) -> Response:
    """They may sign in again."""

    def act(uow: UnitOfWork, person: Actor) -> None:
        reinstate(uow, person, acting(uow, request))

    return await _do(request, act, "reinstated")


async def sign_in_link(request: Request) -> Response:
    """A link with which they sign in once, shown this one time."""
    app = house(request)
    person_id = row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> tuple[str, str]:
        person = _person(uow, person_id)
        by = acting(uow, request).id
        write(uow, SIGN_IN_LINK, by_id=by, actor_id=person.id)
        return issue_enter(uow, person.id, HOURS), person.title

    token, name = await app.act(act)
    return await _page(request, link=f"{app.uris.base}/enter/{token}", link_for=name)


async def _do(request: Request, act: Callable[[UnitOfWork, Actor], None], notice: str) -> Response:
    person_id = row_id(request.path_params["row_id"])
    await house(request).act(lambda uow: act(uow, _person(uow, person_id)))
    return go(_PATH, notice)


def _person(uow: UnitOfWork, person_id: int) -> Actor:
    """Somebody with an account here. Raises NotFound."""
    if uow.session.get(Account, person_id) is None:
        raise NotFound(NOWHERE)
    return uow.get(Actor, person_id)


_ONE = f"{_PATH}/{{row_id}}"
ENDPOINTS = (
    Endpoint(_PATH, ("GET",), people_list, "admin"),
    Endpoint(f"{_ONE}/role", ("POST",), change_role, "admin", "60/10minutes"),
    Endpoint(f"{_ONE}/suspend", ("POST",), suspend_person, "admin", "60/10minutes"),
    Endpoint(f"{_ONE}/reinstate", ("POST",), reinstate_person, "admin", "60/10minutes"),
    Endpoint(f"{_ONE}/link", ("POST",), sign_in_link, "admin", "60/10minutes"),
)

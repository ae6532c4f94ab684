"""The reports that the admins answer: about people, and about communities of other servers."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation.cases import cases, of_admins
from fedcop.domain.moderation.report import check_decides
from fedcop.domain.people.models import Actor
from fedcop.domain.people.suspend import reinstate
from fedcop.errors import Invalid, NotAllowed, NotFound
from fedcop.web.admin.frame import acting, show_admin
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses
from fedcop.web.pages.notices import go
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.pages.stewardship.case import Case, Sheet, case_here, sheet_of, strips
from fedcop.web.pages.stewardship.deciding import DONE_BY_ADMINS, Decision, decide
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/reports"


async def admin_reports(request: Request) -> Response:
    """The cases that wait, or with `?settled=1` those that are answered."""
    cursor, settled = cursor_of(request), request.query_params.get("settled") == "1"

    def query(session: Session) -> dict[str, object]:
        found = cases(session, of_admins(member(request).actor_id), cursor, settled=settled)
        strip = strips(found.items, _PATH)
        return {"cases": strip, "turn": turn(request, found), "settled": settled}

    return show_admin(request, "reports", await house(request).read(query))


async def admin_case(request: Request) -> Response:
    """One case in full."""
    return await _page(request, Decision.blank(request))


async def answer_admin_case(request: Request) -> Response:
    """Do what was chosen, and answer those who reported; or let a person back whom we stopped."""
    decision = await Decision.sent(request)

    def act(uow: UnitOfWork) -> str:
        case = _case(uow.session, request)
        if decision.act == "reinstate":
            reinstate(uow, uow.get(Actor, case.target.id), acting(uow, request))
            return "let-back"
        return decide(uow, request, case, decision, DONE_BY_ADMINS)

    try:
        return go(request.url.path, await house(request).act(act))
    except Invalid as error:
        decision.blame(error)
        return await _page(request, decision)


def _case(session: Session, request: Request) -> Case:
    found = case_here(session, request, None)
    try:
        check_decides(session, found.newest, session.get_one(Actor, member(request).actor_id))
    except NotAllowed as error:
        raise NotFound(addresses.NOWHERE) from error
    return found


async def _page(request: Request, decision: Decision) -> Response:
    def query(session: Session) -> Sheet:
        return sheet_of(session, request, _case(session, request), for_admins=True)

    sheet = await house(request).read(query)
    context: dict[str, object] = {"sheet": sheet, "decision": decision, "back": _PATH}
    context["action"] = request.url.path
    status = 422 if decision.is_wrong else 200
    return show_admin(request, "reports", context, template="case", status=status)


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), admin_reports, "admin"),
    Endpoint(f"{_PATH}/{{row_id}}", ("GET",), admin_case, "admin"),
    Endpoint(f"{_PATH}/{{row_id}}", ("POST",), answer_admin_case, "admin", "120/5minutes"),
)

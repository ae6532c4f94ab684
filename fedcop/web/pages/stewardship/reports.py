"""The reports of a community: the list of its cases, and one case with what can be done."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation.cases import cases, of_stewards
from fedcop.errors import Invalid
from fedcop.web.auth.asking import house, member
from fedcop.web.pages.notices import go
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.pages.stewardship.case import Sheet, case_here, sheet_of, strips
from fedcop.web.pages.stewardship.deciding import Decision, decide
from fedcop.web.pages.stewardship.desk import Desk, desk_of, listed_of, show_desk
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def reports(request: Request) -> Response:
    """The cases that wait, or with `?settled=1` those that are answered."""
    app, cursor = house(request), cursor_of(request)
    settled = request.query_params.get("settled") == "1"

    def query(session: Session) -> tuple[Desk, dict[str, object]]:
        desk = desk_of(session, request)
        found = cases(
            session, of_stewards(desk.id, member(request).actor_id), cursor, settled=settled
        )
        strip = strips(found.items, f"{desk.url}/reports")
        return desk, {"cases": strip, "turn": turn(request, found), "settled": settled}

    desk, context = await app.read(query)
    return show_desk(request, desk, "reports", context)


async def report_case(request: Request) -> Response:
    """One case in full."""
    return await _page(request, Decision.blank(request))


async def answer_case(request: Request) -> Response:
    """Do what was chosen, and answer those who reported."""
    app, decision = house(request), await Decision.sent(request)

    def act(uow: UnitOfWork) -> str:
        place = listed_of(uow.session, request).actor.id
        return decide(uow, request, case_here(uow.session, request, place), decision)

    try:
        return go(request.url.path, await app.act(act))
    except Invalid as error:
        decision.blame(error)
        return await _page(request, decision)


async def _page(request: Request, decision: Decision) -> Response:
    def query(session: Session) -> tuple[Desk, Sheet]:
        desk = desk_of(session, request)
        case = case_here(session, request, desk.id)
        return desk, sheet_of(session, request, case, for_admins=False)

    desk, sheet = await house(request).read(query)
    context: dict[str, object] = {"sheet": sheet, "decision": decision, "desk": desk}
    context |= {"action": request.url.path, "back": f"{desk.url}/reports"}
    status = 422 if decision.is_wrong else 200
    return show_desk(request, desk, "reports", context, template="case", status=status)


ENDPOINTS = (
    Endpoint("/c/{name}/stewardship/reports", ("GET",), reports, "member"),
    Endpoint("/c/{name}/stewardship/reports/{row_id}", ("GET",), report_case, "member"),
    Endpoint(
        "/c/{name}/stewardship/reports/{row_id}", ("POST",), answer_case, "member", "120/5minutes"
    ),
)

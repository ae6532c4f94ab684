"""What a member has reported: what became of it, and the way to take it back."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation.cases import Own, made_by
from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.moderation.report import withdraw
from fedcop.domain.people.models import Actor
from fedcop.errors import NotFound
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.notices import go, show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/report/mine"


@dataclass(frozen=True, slots=True)
class Line:
    """One report; `title` and `url` are empty where a person is reported, or the post is gone."""

    id: int
    who: shapes.Name
    about_post: bool
    title: str
    url: str
    at: datetime
    words: str
    waits: bool
    withdrawn: bool
    answer: str


async def mine(request: Request) -> Response:
    """All of them, newest first."""

    def query(session: Session) -> dict[str, object]:
        found = made_by(session, member(request).actor_id, cursor_of(request))
        return {"rows": [_line(own) for own in found.items], "turn": turn(request, found)}

    context = await house(request).read(query)
    return show(request, "pages/reported.html", context | {"section": "you"})


async def take_back(request: Request) -> Response:
    """One that nobody has answered yet; one that was answered stays as it is."""
    report_id = addresses.row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> str:
        report = uow.look_up(Report, report_id)
        if report is None or report.reporter_id != member(request).actor_id:
            raise NotFound(addresses.NOWHERE)  # nobody learns what others have reported
        withdraw(uow, report, uow.get(Actor, member(request).actor_id))
        return "report-withdrawn" if report.state == ReportState.WITHDRAWN else ""

    return go(_PATH, await house(request).act(act))


def _line(own: Own) -> Line:
    report, post, root = own.report, own.post, own.root
    readable = post is not None and post.is_visible and root is not None
    return Line(
        id=report.id,
        who=shown.name(own.target),
        about_post=report.post_id is not None,
        title=root.title if root is not None and root.is_visible else "",
        url=f"/post/{post.root_id}#r{post.id}" if post is not None and readable else "",
        at=report.reported_at,
        words=report.words,
        waits=report.state == ReportState.OPEN,
        withdrawn=report.state == ReportState.WITHDRAWN,
        answer=report.resolution,
    )


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), mine, "member", name="my_reports"),
    Endpoint(f"{_PATH}/{{row_id}}/withdraw", ("POST",), take_back, "member", "60/hour"),
)

"""What every page of the stewards has: the community, its tabs, how much waits."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.approve import count_waiting
from fedcop.domain.communities.banned import all_standing
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.communities.queries import Listed
from fedcop.domain.moderation.cases import count_open, of_stewards
from fedcop.errors import NotFound
from fedcop.web import shapes
from fedcop.web.auth.asking import house, member
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.head import find
from fedcop.web.pages.notices import show


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A community as its stewards see it; the figures say what waits for them."""

    id: int
    name: shapes.Name
    path: str
    local: bool
    requests: int
    reports: int
    bans: int

    @property
    def url(self) -> str:
        return f"{self.path}/stewardship"


def listed_of(session: Session, request: Request) -> Listed:
    """The community, for one of its stewards. Raises NotFound for everybody else."""
    viewer = member(request)
    listed = find(session, request.path_params["name"], house(request).uris.host, viewer.actor_id)
    if not is_steward(session, listed.actor.id, viewer.actor_id):
        raise NotFound(addresses.NOWHERE)
    return listed


def desk_of(session: Session, request: Request) -> Desk:
    """The same with its figures. Raises NotFound for who is no steward."""
    listed = listed_of(session, request)
    place = listed.actor.id
    return Desk(
        id=place,
        name=shown.name(listed.actor),
        path=addresses.community_path(listed.actor),
        local=listed.community.local,
        requests=count_waiting(session, place) if listed.community.local else 0,
        reports=count_open(session, of_stewards(place, member(request).actor_id)),
        bans=len(all_standing(session, place, datetime.now(UTC))),
    )


def show_desk(
    request: Request,
    desk: Desk,
    tab: str,
    context: dict[str, object],
    *,
    template: str = "",
    status: int = 200,
) -> Response:
    """A page of the stewards under the tab of this name; its template is named like it."""
    more: dict[str, object] = {"desk": desk, "tab": tab, "tabs": _tabs(request, desk)}
    more["section"] = "explore"
    return show(request, f"pages/stewardship/{template or tab}.html", more | context, status)


def _tabs(request: Request, desk: Desk) -> list[tuple[str, str, str]]:
    _ = language_of(request).gettext
    tabs = [("overview", _("Overview"), desk.url)]
    if desk.local:
        tabs.append(("requests", _with(_("Requests"), desk.requests), f"{desk.url}/requests"))
    return [
        *tabs,
        ("reports", _with(_("Reports"), desk.reports), f"{desk.url}/reports"),
        ("bans", _with(_("Bans"), desk.bans), f"{desk.url}/bans"),
        ("log", _("Log"), f"{desk.url}/log"),
    ]


def _with(words: str, number: int) -> str:
    return f"{words} ({number})" if number else words

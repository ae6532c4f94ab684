"""The first page of the administration: how it all stands, and where to go."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.access.invitations import open_invitations
from fedcop.domain.moderation import log
from fedcop.domain.moderation.cases import count_open, of_admins
from fedcop.domain.network.policies import EVERYONE, policy_of
from fedcop.domain.people.queries import count_people
from fedcop.domain.site.found import site
from fedcop.outbox.in_words import summary
from fedcop.outbox.partners import overview as overview_of
from fedcop.outbox.partners import partners
from fedcop.web.admin.frame import show_admin, speech
from fedcop.web.admin.log import shown
from fedcop.web.admin.partners import row_of
from fedcop.web.auth.asking import house, member
from fedcop.web.routing import Endpoint

_LATEST = 5
_MOST_IN_TROUBLE = 5


async def overview(request: Request) -> Response:
    """What waits or is missing, partner servers, a few figures, what was done last."""
    app, now = house(request), datetime.now(UTC)
    home, speak = app.uris.host, speech(request)

    def query(session: Session) -> dict[str, object]:
        row = site(session)
        found = partners(session, now, home)
        rows = [row_of(one, speak) for one in found]
        in_trouble = [row for row in rows if row.tone in {"warn", "bad"}]
        return {
            "summary": summary(overview_of(found), speak),
            "in_trouble": in_trouble[:_MOST_IN_TROUBLE],
            "reports": count_open(session, of_admins(member(request).actor_id)),
            "people": count_people(session),
            "invitations": len(open_invitations(session, now)),
            "partners_only": policy_of(session, EVERYONE) is not None,
            "lacks_contact": row is None or not (row.contact and row.legal_name),
            "lines": shown(request, log.of_server(session, Cursor(limit=_LATEST)).items),
        }

    return show_admin(request, "overview", await app.read(query))


ENDPOINTS = (Endpoint("/admin", ("GET",), overview, "admin", name="admin"),)

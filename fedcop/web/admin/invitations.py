"""Where an admin sees which invitations are open, makes one, and calls one back."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import MOST, Cursor
from fedcop.domain.access.invitations import open_invitations, revoke
from fedcop.domain.access.links import issue_invite
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.queries import directory
from fedcop.domain.moderation.log import write
from fedcop.domain.people.admins import ADMIN, MEMBER
from fedcop.errors import Invalid, NotFound, Sentence
from fedcop.web.admin.frame import acting, show_admin
from fedcop.web.admin.words import INVITED, REVOKED
from fedcop.web.auth.asking import house
from fedcop.web.auth.invite import DAYS
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages import shown
from fedcop.web.pages.addresses import NOWHERE, row_id
from fedcop.web.pages.fields import Choice, Required
from fedcop.web.pages.notices import go
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/invitations"


class InvitationForm(PageForm):
    """What the link leads to."""

    community = Choice(N_("Community"), choices=[])
    role = Choice(N_("Role on this server"), [Required()], choices=[])


async def invitations(request: Request) -> Response:
    """The open ones, and the form for another."""
    return await _page(request)


async def make_invitation(request: Request) -> Response:
    """A link for one person, shown this one time."""
    app = house(request)
    form = await InvitationForm.sent(request)
    role = ADMIN if form.role.data == ADMIN else MEMBER
    wanted = form.community.data or ""

    def act(uow: UnitOfWork) -> str:
        place = _place(uow.session, wanted)
        by = acting(uow, request)
        write(uow, INVITED, by_id=by.id, subject=role)
        return issue_invite(uow, by, place, role, DAYS)

    try:
        token = await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, form=form)
    return await _page(request, link=f"{app.uris.base}/join/{token}")


async def revoke_invitation(request: Request) -> Response:
    """It opens nothing any more."""
    link_id = row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> None:
        if not revoke(uow, link_id):
            raise NotFound(NOWHERE)
        write(uow, REVOKED, by_id=acting(uow, request).id)

    await house(request).act(act)
    return go(_PATH, "revoked")


def _place(session: Session, wanted: str) -> int | None:
    """The row id of a local community; None if none is wanted. Raises Invalid."""
    if not wanted:
        return None
    try:
        community = session.get(Community, row_id(wanted))
    except NotFound:
        community = None
    if community is None or not community.local:
        raise Invalid(
            fields={"community": Sentence("Choose one of the communities of this server.")}
        )
    return community.actor_id


async def _page(
    request: Request, *, form: InvitationForm | None = None, link: str = ""
) -> Response:
    app, now = house(request), datetime.now(UTC)
    _ = language_of(request).gettext

    def query(session: Session) -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
        rows: list[dict[str, object]] = [
            {
                "id": it.id,
                "by": shown.name(it.by) if it.by else None,
                "community": shown.name(it.community) if it.community else None,
                "is_admin": it.role == ADMIN,
                "until": it.until,
            }
            for it in open_invitations(session, now)
        ]
        found = directory(session, Cursor(limit=MOST), local=True)
        return rows, [(str(it.actor.id), it.actor.title) for it in found.items]

    rows, places = await app.read(query)
    filled = form or InvitationForm.blank(request, community="", role=MEMBER)
    filled.community.choices = [("", _("None: only this server")), *places]
    filled.role.choices = [(MEMBER, _("Member")), (ADMIN, _("Administrator"))]
    context = {"form": filled, "rows": rows, "link": link, "days": DAYS}
    return show_admin(request, "invitations", context, status=422 if filled.errors else 200)


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), invitations, "admin"),
    Endpoint(_PATH, ("POST",), make_invitation, "admin", "60/hour"),
    Endpoint(f"{_PATH}/{{row_id}}/revoke", ("POST",), revoke_invitation, "admin", "60/10minutes"),
)

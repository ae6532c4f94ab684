"""Where stewards make links by which people join their community."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.access.links import issue_invite
from fedcop.domain.communities.models import Role, Standing
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.communities.queries import mine
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import row_id
from fedcop.web.pages.fields import Choice, Required
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

DAYS = 14
_COOKIE, _PATH = "fedcop-invitation", "/invite"
_KEPT_SECONDS = 300


class InviteForm(PageForm):
    """Into which community the link leads."""

    community = Choice(N_("Community"), [Required()], choices=[])


async def invite(request: Request) -> Response:
    """The form, and for a few minutes the link that was made last."""
    places = await _places(request)
    form = InviteForm.blank(request, community=_preferred(request, places))
    return _page(request, form, places)


async def send_invite(request: Request) -> Response:
    """Make a link for one person. Raises NotAllowed for who is no steward there."""
    app, viewer = house(request), member(request)
    places = await _places(request)
    form = await InviteForm.sent(request)
    wanted = form.community.data or ""
    if wanted not in {value for value, _, _ in places}:
        _ = language_of(request).gettext
        fill_errors(form, Invalid(fields={"community": _("Choose one of your communities.")}))
        return _page(request, form, places)

    def act(uow: UnitOfWork) -> str:
        community_id = row_id(wanted)
        check_is_steward(uow.session, community_id, viewer.actor_id)
        return issue_invite(uow, uow.get(Actor, viewer.actor_id), community_id, days=DAYS)

    token = await app.act(act)
    response = go(_PATH)
    response.set_cookie(
        _COOKIE, token, max_age=_KEPT_SECONDS, path=_PATH, httponly=True, samesite="strict",
        secure=not app.settings.development,
    )  # fmt: skip
    return response


async def _places(request: Request) -> list[tuple[str, str, str]]:
    """The local communities that this member looks after: row id, title, name."""
    app, viewer = house(request), member(request)

    def query(session: Session) -> list[tuple[str, str, str]]:
        return [
            (str(it.actor.id), it.actor.title, it.actor.name)
            for it in mine(session, viewer.actor_id)
            if it.community.local
            and it.membership is not None
            and it.membership.role == Role.STEWARD
            and it.membership.standing == Standing.ACTIVE
        ]

    return await app.read(query)


def _preferred(request: Request, places: list[tuple[str, str, str]]) -> str:
    wanted = request.query_params.get("community", "")
    ids = [value for value, _, name in places if name == wanted] or [v for v, _, _ in places]
    return ids[0] if ids else ""


def _page(request: Request, form: InviteForm, places: list[tuple[str, str, str]]) -> Response:
    app = house(request)
    form.community.choices = [(value, title) for value, title, _ in places]
    token = request.cookies.get(_COOKIE, "")
    usable = token.isascii() and token.replace("-", "").replace("_", "").isalnum()
    context = {
        "form": form,
        "has_place": bool(places),
        "link": f"{app.uris.base}/join/{token}" if usable and len(token) <= 100 else "",
        "days": DAYS,
    }
    return show(request, "auth/invite.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), invite, "member"),
    Endpoint(_PATH, ("POST",), send_invite, "member", "60/hour"),
)

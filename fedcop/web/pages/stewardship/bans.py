"""Whom the stewards have banned: the list, a new one, and lifting one."""

from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from fedcop.activitypub.webfinger import parse_handle
from fedcop.app import Session
from fedcop.domain.communities.ban import ban, lift
from fedcop.domain.communities.banned import all_standing
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle, handle
from fedcop.errors import FedcopError, Invalid, NotFound, Sentence
from fedcop.web.auth.asking import house, member, resolver_of
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import Line, Pick, Required, Tick
from fedcop.web.pages.notices import go
from fedcop.web.pages.stewardship.desk import Desk, desk_of, listed_of, show_desk
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

DAYS = {
    "1": N_("a day"),
    "7": N_("a week"),
    "30": N_("a month"),
    "365": N_("a year"),
    "": N_("for good"),
}


class BanForm(PageForm):
    """For how long, why, and whether what they wrote goes, too."""

    days = Pick(N_("For how long"), choices=DAYS, default="7")
    reason = Line(N_("Reason"), description=N_("They read it, and it stands in the log."))
    with_posts = Tick(N_("Also take out everything that they wrote in this community"))

    @property
    def until(self) -> datetime | None:
        """When it ends, None for never."""
        days = self.days.data or ""
        return datetime.now(UTC) + timedelta(days=int(days)) if days else None


class NewBanForm(BanForm):
    """The same for anybody, by name."""

    who = Line(
        N_("Who"), [Required()], description=N_("A name, or @name@host for somebody elsewhere.")
    )


async def bans(request: Request) -> Response:
    """The bans that hold, and the form of a new one; `?who=` fills in a name."""
    return await _page(request, NewBanForm.blank(request, who=request.query_params.get("who", "")))


async def new_ban(request: Request) -> Response:
    """Ban whom the form names. What is wrong with it is said beside its fields."""
    app, viewer = house(request), member(request)
    form = await NewBanForm.sent(request)
    await app.read(lambda session: listed_of(session, request) and None)
    if not form.validate():
        return await _page(request, form)
    try:
        person_id = await _find(request, form.who.data or "")

        def act(uow: UnitOfWork) -> str:
            listed = listed_of(uow.session, request)
            by = uow.get(Actor, viewer.actor_id)
            ban_by(uow, form, listed.community, uow.get(Actor, person_id), by)
            return f"{addresses.community_path(listed.actor)}/stewardship/bans"

        return go(await app.act(act), "banned")
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, form)


def ban_by(uow: UnitOfWork, form: BanForm, community: Community, person: Actor, by: Actor) -> None:
    """Do what a form says. Raises as `ban` does."""
    ban(
        uow,
        community,
        person,
        by,
        reason=form.reason.data or "",
        until=form.until,
        with_posts=bool(form.with_posts.data),
    )


async def lift_ban(request: Request) -> Response:
    """Let somebody take part again."""
    app, viewer = house(request), member(request)
    actor_id = addresses.row_id(request.path_params["row_id"])

    def act(uow: UnitOfWork) -> str:
        listed = listed_of(uow.session, request)
        person = uow.look_up(Actor, actor_id)
        if person is None:
            raise NotFound(addresses.NOWHERE)
        lift(uow, listed.community, person, uow.get(Actor, viewer.actor_id))
        return f"{addresses.community_path(listed.actor)}/stewardship/bans"

    return go(await app.act(act), "lifted")


async def _find(request: Request, text: str) -> int:
    """The row id of somebody by name or handle, asked of their server if they are not known.

    Raises Invalid (field who).
    """
    app = house(request)
    name, _, host = text.strip().removeprefix("@").partition("@")
    where = host.lower() if host and host.lower() != app.uris.host else None
    known = await app.read(lambda session: by_handle(session, name, where))
    if known is not None and known.type != "Group":
        return known.id
    try:
        if where is None:
            raise NotFound(addresses.NOWHERE)
        asked = parse_handle(f"@{name}@{where}", development=app.settings.development)
        return await resolver_of(request).handle(asked)
    except FedcopError as error:
        words = Sentence("Nobody of this name is known. Write it as it stands on their page.")
        raise Invalid(fields={"who": words}) from error


async def _page(request: Request, form: NewBanForm) -> Response:
    app = house(request)

    def query(session: Session) -> tuple[Desk, dict[str, object]]:
        desk = desk_of(session, request)
        rows = [
            {
                "id": person.id,
                "name": shown.name(person),
                "handle": f"@{handle(person, app.uris.host)}",
                "reason": row.reason,
                "until": row.until,
                "at": row.banned_at,
            }
            for row, person in all_standing(session, desk.id, datetime.now(UTC))
        ]
        return desk, {"rows": rows}

    desk, context = await app.read(query)
    status = 422 if form.errors else 200
    return show_desk(request, desk, "bans", context | {"form": form}, status=status)


ENDPOINTS = (
    Endpoint("/c/{name}/stewardship/bans", ("GET",), bans, "member"),
    Endpoint("/c/{name}/stewardship/bans", ("POST",), new_ban, "member", "60/10minutes"),
    Endpoint(
        "/c/{name}/stewardship/bans/{row_id}/lift", ("POST",), lift_ban, "member", "60/10minutes"
    ),
)

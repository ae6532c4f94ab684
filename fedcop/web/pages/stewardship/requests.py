"""Those who ask to write in a community whose stewards decide: let in, or not."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.approve import LONGEST_REASON, approve, refuse, waiting
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.errors import Invalid, NotFound, Sentence
from fedcop.web.auth.asking import house, member
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import tidy
from fedcop.web.pages.notices import go
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.pages.stewardship.desk import Desk, desk_of, listed_of, show_desk
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


async def requests(request: Request) -> Response:
    """Who waits, with what they say about themselves."""
    app, cursor = house(request), cursor_of(request)

    def query(session: Session) -> tuple[Desk, dict[str, object]]:
        desk = desk_of(session, request)
        found = waiting(session, desk.id, cursor)
        people = [
            {
                "id": actor.id,
                "name": shown.name(actor),
                "handle": f"@{handle(actor, app.uris.host)}",
                "words": membership.asked_words,
                "at": membership.joined_at,
            }
            for membership, actor in found.items
        ]
        return desk, {"people": people, "turn": turn(request, found), "longest": LONGEST_REASON}

    desk, context = await app.read(query)
    return show_desk(request, desk, "requests", context)


async def answer_request(request: Request) -> Response:
    """Let them write (`answer=approve`), or not, with a reason that they read."""
    app, viewer = house(request), member(request)
    form = await request.form()
    actor_id = addresses.row_id(request.path_params["row_id"])
    reason = tidy(str(form.get("reason") or "")) or ""
    if len(reason) > LONGEST_REASON:
        raise Invalid(Sentence("A reason has at most {most} characters.", most=LONGEST_REASON))
    lets_in = form.get("answer") == "approve"

    def act(uow: UnitOfWork) -> str:
        listed = listed_of(uow.session, request)
        person = uow.look_up(Actor, actor_id)
        if person is None:
            raise NotFound(addresses.NOWHERE)
        by = uow.get(Actor, viewer.actor_id)
        if lets_in:
            approve(uow, listed.community, person, by)
        else:
            refuse(uow, listed.community, person, by, reason)
        return f"{addresses.community_path(listed.actor)}/stewardship/requests"

    return go(await app.act(act), "let-in" if lets_in else "not-let-in")


ENDPOINTS = (
    Endpoint("/c/{name}/stewardship/requests", ("GET",), requests, "member"),
    Endpoint(
        "/c/{name}/stewardship/requests/{row_id}",
        ("POST",),
        answer_request,
        "member",
        "120/5minutes",
    ),
)

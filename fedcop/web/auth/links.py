"""One-time links: to sign in, and to join by invitation."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.db.paging import Cursor
from fedcop.domain.access import links
from fedcop.domain.access.passwords import hash_password
from fedcop.domain.access.sessions import begin
from fedcop.domain.communities.join import join
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import is_steward
from fedcop.domain.communities.queries import Listed
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.queries import discussions
from fedcop.errors import Invalid
from fedcop.web import shapes
from fedcop.web.auth.asking import house
from fedcop.web.auth.cookie import hand_out
from fedcop.web.auth.sign_in import enter_as
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.fields import Line, Required, Secret
from fedcop.web.pages.head import Head, head_of
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.web.viewer import viewer_of
from fedcop.work.unit_of_work import UnitOfWork

_TASTE = 3


class JoinForm(PageForm):
    """A new member."""

    display_name = Line(N_("Your name"), [Required()], description=N_("As others will see it."))
    name = Line(
        N_("Your handle"),
        [Required()],
        description=N_("Small letters, digits, - or _. It can never change."),
    )
    password = Secret(
        N_("Password"), [Required()], description=N_("10 characters or more; a sentence is good.")
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation leads to, as its page shows it."""

    invited_by: shapes.Name | None
    head: Head | None
    rows: list[shapes.Row]


async def show_enter(request: Request) -> Response:
    """One button: a program that looks at links does not press it. Raises NotFound if stale."""
    app, token = house(request), request.path_params["token"]
    await app.read(lambda session: links.can_enter(session, token, datetime.now(UTC)))
    return show(request, "auth/enter.html", {"token": token, "section": "you"})


async def send_enter(request: Request) -> Response:
    """Use the link up, and begin a session. Raises NotFound if it opens nothing any more."""
    app, token = house(request), request.path_params["token"]
    account_id = await app.act(lambda uow: links.enter(uow, token))
    return await enter_as(request, account_id, "/")


async def show_join(request: Request) -> Response:
    """Who invites, and to what, before any form. Raises NotFound if the invitation is stale."""
    return await _join_page(request, JoinForm.blank(request))


async def send_join(request: Request) -> Response:
    """Sign up and belong to the community; a member just joins it, and uses nothing up."""
    app, token = house(request), request.path_params["token"]
    viewer = viewer_of(request)
    if viewer is not None:
        reader = viewer.actor_id
        path = await app.act(lambda uow: _join_as_member(uow, token, reader))
        return go(path, "joined")
    form = await JoinForm.sent(request)
    await app.read(lambda session: links.invitation(session, token, datetime.now(UTC)))
    agent = request.headers.get("user-agent", "")
    try:
        hashed = await asyncio.to_thread(hash_password, form.password.data or "")
        keys = await app.fresh_keys()

        def act(uow: UnitOfWork) -> tuple[str, str]:
            offer = links.invitation(uow.session, token, uow.now)
            actor = links.accept(
                uow,
                token,
                name=form.name.data or "",
                display_name=form.display_name.data or "",
                password_hash=hashed,
                keys=keys,
            )
            uow.write()
            return _belong(uow, offer, actor), begin(uow, actor.id, agent)

        path, session_token = await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return await _join_page(request, form)
    response = go(path, "welcome")
    hand_out(response, session_token, app.settings)
    return response


def _join_as_member(uow: UnitOfWork, token: str, actor_id: int) -> str:
    offer = links.invitation(uow.session, token, uow.now)
    return _belong(uow, offer, uow.get(Actor, actor_id))


def _belong(uow: UnitOfWork, offer: links.Invitation, actor: Actor) -> str:
    """Join the community of the invitation, if it names one that is open; the page to go on with.

    Whom a steward has invited need not ask the stewards whether they may write.
    """
    place, by = offer.community_id, offer.invited_by
    if place is None:
        return "/"
    community = uow.session.get_one(Community, place)
    if community.closed_at is None:
        invited = by is not None and is_steward(uow.session, place, by.id)
        join(uow, community, actor, invited=invited)
    return addresses.community_path(uow.get(Actor, place))


async def _join_page(request: Request, form: JoinForm) -> Response:
    app, token = house(request), request.path_params["token"]
    viewer = viewer_of(request)

    def query(session: Session) -> Offer:
        offer = links.invitation(session, token, datetime.now(UTC))
        by = shown.name(offer.invited_by) if offer.invited_by else None
        if offer.community_id is None:
            return Offer(by, None, [])
        community = session.get_one(Community, offer.community_id)
        listed = Listed(community, session.get_one(Actor, offer.community_id))
        head = head_of(session, listed, app.uris.host, viewer.actor_id if viewer else None)
        found = discussions(session, Cursor(limit=_TASTE), community.actor_id)
        return Offer(by, head, shown.rows(found.items, in_community=False))

    offer = await app.read(query)
    context = {"offer": offer, "form": form, "token": token, "host": app.uris.host}
    return show(request, "auth/join.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint("/enter/{token}", ("GET",), show_enter, name="enter", limit="60/5minutes"),
    Endpoint("/enter/{token}", ("POST",), send_enter, limit="25/5minutes"),
    Endpoint("/join/{token}", ("GET",), show_join, name="join", limit="60/5minutes"),
    Endpoint("/join/{token}", ("POST",), send_join, limit="25/5minutes"),
)

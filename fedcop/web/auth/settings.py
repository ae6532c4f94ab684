"""What members set about themselves: their profile and their password."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from fedcop.domain.access.passwords import hash_password, matches
from fedcop.domain.access.sessions import begin, password_of, set_password
from fedcop.domain.people.models import Actor
from fedcop.domain.people.profile import change_profile
from fedcop.errors import Invalid
from fedcop.web.auth.asking import house, member
from fedcop.web.auth.cookie import hand_out
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages.fields import Line, Required, Secret, Text
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


class ProfileForm(PageForm):
    """How others see the member."""

    display_name = Line(N_("Your name"), description=N_("As others see it."))
    bio = Text(
        N_("About you"), description=N_("What you work on, and what others may ask you about.")
    )


class PasswordForm(PageForm):
    """Another password; who came by a link and never had one leaves the old one empty."""

    old = Secret(N_("Password until now"), description=N_("Leave it empty if you never had one."))
    password = Secret(
        N_("New password"),
        [Required()],
        description=N_("10 characters or more; a sentence is good."),
    )


async def settings(request: Request) -> Response:
    """Both forms."""
    return await _page(request)


async def save_profile(request: Request) -> Response:
    """Another name or description."""
    app, viewer = house(request), member(request)
    form = await ProfileForm.sent(request)
    name, bio = form.display_name.data or "", form.bio.data or ""
    try:
        await app.act(
            lambda uow: change_profile(
                uow, uow.get(Actor, viewer.actor_id), display_name=name, bio=bio
            )
        )
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, profile=form)
    return go("/settings", "profile")


async def save_password(request: Request) -> Response:
    """Another password; every session ends, and this browser gets a new one."""
    app, viewer = house(request), member(request)
    form = await PasswordForm.sent(request)
    agent = request.headers.get("user-agent", "")
    known = await app.read(lambda session: password_of(session, viewer.name))
    stored = known[1] if known else None
    right = await asyncio.to_thread(matches, stored, form.old.data or "")
    if stored is not None and not right:
        _ = language_of(request).gettext
        fill_errors(form, Invalid(fields={"old": _("This is not your password.")}))
        return await _page(request, password=form)
    try:
        hashed = await asyncio.to_thread(hash_password, form.password.data or "")
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, password=form)

    def act(uow: UnitOfWork) -> str:
        set_password(uow, viewer.actor_id, hashed)
        return begin(uow, viewer.actor_id, agent)

    token = await app.act(act)
    response = go("/settings", "password")
    hand_out(response, token, app.settings)
    return response


async def _page(
    request: Request,
    profile: ProfileForm | None = None,
    password: PasswordForm | None = None,
) -> Response:
    app, viewer = house(request), member(request)
    actor = await app.read(lambda session: session.get_one(Actor, viewer.actor_id))
    data = {"display_name": actor.display_name, "bio": actor.summary_source or ""}
    context = {
        "profile": profile or ProfileForm.blank(request, **data),
        "password": password or PasswordForm.blank(request),
        "section": "you",
    }
    return show(request, "auth/settings.html", context, 422 if profile or password else 200)


ENDPOINTS = (
    Endpoint("/settings", ("GET",), settings, "member"),
    Endpoint("/settings/profile", ("POST",), save_profile, "member", "30/5minutes"),
    Endpoint("/settings/password", ("POST",), save_password, "member", "10/5minutes"),
)

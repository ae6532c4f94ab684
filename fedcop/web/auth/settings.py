"""What members set about themselves as others see them: name and description."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.domain.people.models import Actor
from fedcop.domain.people.profile import change_profile
from fedcop.errors import Invalid
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages.fields import Line, Text
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint


class ProfileForm(PageForm):
    """How others see the member."""

    display_name = Line(N_("Your name"), description=N_("As others see it."))
    bio = Text(
        N_("About you"), description=N_("What you work on, and what others may ask you about.")
    )


async def settings(request: Request) -> Response:
    """The form as it stands."""
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
        return await _page(request, form)
    return go("/settings", "profile")


async def _page(request: Request, profile: ProfileForm | None = None) -> Response:
    app, viewer = house(request), member(request)
    actor = await app.read(lambda session: session.get_one(Actor, viewer.actor_id))
    data = {"display_name": actor.display_name, "bio": actor.summary_source or ""}
    context = {
        "profile": profile or ProfileForm.blank(request, **data),
        "section": "you",
        "tab": "profile",
    }
    return show(request, "settings/profile.html", context, 422 if profile else 200)


ENDPOINTS = (
    Endpoint("/settings", ("GET",), settings, "member"),
    Endpoint("/settings/profile", ("POST",), save_profile, "member", "30/5minutes"),
)

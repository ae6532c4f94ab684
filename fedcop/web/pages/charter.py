"""The forms by which a community is founded, and by which its stewards rewrite what it says."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.charter import change
from fedcop.domain.communities.found import found
from fedcop.domain.communities.queries import Listed
from fedcop.domain.people.models import Actor
from fedcop.errors import Invalid
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages.addresses import community_path
from fedcop.web.pages.fields import Line, Required, Text
from fedcop.web.pages.governing import frame, own
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


class CharterForm(PageForm):
    """What a community says about itself."""

    title = Line(N_("Title"), [Required()], description=N_("As people will recognise it."))
    purpose = Line(N_("Purpose"), description=N_("One sentence: who learns what here."))
    charter = Text(
        N_("Charter"),
        description=N_("How you work together: what belongs here, what you ask of each other."),
    )


class FoundForm(CharterForm):
    """A new community, with the name that stands in its address."""

    name = Line(
        N_("Name in the address"),
        [Required()],
        description=N_("Small letters, digits, - or _. It can never change."),
    )


async def new(request: Request) -> Response:
    """The empty form."""
    member(request)
    return _new(request, FoundForm.blank(request))


async def create(request: Request) -> Response:
    """Found it; who founds is its first steward."""
    app, viewer = house(request), member(request)
    form = await FoundForm.sent(request)
    keys = await app.fresh_keys()

    def act(uow: UnitOfWork) -> str:
        community = found(
            uow,
            uow.get(Actor, viewer.actor_id),
            name=form.name.data or "",
            title=form.title.data or "",
            purpose=form.purpose.data or "",
            charter=form.charter.data or "",
            keys=keys,
        )
        return community_path(uow.get(Actor, community.actor_id))

    try:
        return go(await app.act(act), "founded")
    except Invalid as error:
        fill_errors(form, error)
        return _new(request, form)


def _new(request: Request, form: FoundForm) -> Response:
    context = {"form": form, "section": "explore", "host": house(request).uris.host}
    return show(request, "pages/community_new.html", context, 422 if form.errors else 200)


async def edit(request: Request) -> Response:
    """The form with what stands now. Raises NotAllowed for who is no steward."""
    app, viewer = house(request), member(request)

    def query(session: Session) -> tuple[CharterForm, Listed]:
        listed = own(session, request.path_params["name"], app.uris.host, viewer.actor_id)
        form = CharterForm.blank(
            request,
            title=listed.actor.display_name,
            purpose=listed.community.purpose,
            charter=listed.community.charter_source,
        )
        return form, listed

    form, listed = await app.read(query)
    return _edit(request, form, listed)


async def save(request: Request) -> Response:
    """Let what was sent stand from now on."""
    app, viewer = house(request), member(request)
    name, home = request.path_params["name"], app.uris.host
    listed = await app.read(lambda session: own(session, name, home, viewer.actor_id))
    form = await CharterForm.sent(request)

    def act(uow: UnitOfWork) -> None:
        now = own(uow.session, name, home, viewer.actor_id)
        change(
            uow,
            now.community,
            uow.get(Actor, viewer.actor_id),
            title=form.title.data or "",
            purpose=form.purpose.data or "",
            charter=form.charter.data or "",
        )

    try:
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return _edit(request, form, listed)
    return go(f"{community_path(listed.actor)}/about", "changed")


def _edit(request: Request, form: CharterForm, listed: Listed) -> Response:
    context = {"form": form} | frame(request, listed, "charter")
    return show(request, "pages/community_edit.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint("/communities/new", ("GET",), new, "member", name="community_new"),
    Endpoint("/communities/new", ("POST",), create, "member", "10/hour"),
    Endpoint("/c/{name}/edit", ("GET",), edit, "member", name="community_edit"),
    Endpoint("/c/{name}/edit", ("POST",), save, "member", "60/hour"),
)

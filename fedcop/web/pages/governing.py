"""The forms for stewards: the guidelines of their community, who may write in it, closing it."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.close import close, compose_notice, reopen
from fedcop.domain.communities.guidelines import points, set_guidelines
from fedcop.domain.communities.openness import set_openness
from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.communities.queries import Listed
from fedcop.domain.people.models import Actor
from fedcop.domain.site.models import Text as SiteText
from fedcop.domain.site.wordings import current
from fedcop.errors import Invalid, NotAllowed, Sentence
from fedcop.web.auth.asking import house, member
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import community_path
from fedcop.web.pages.fields import Line, Pick, Required, Text, Tick
from fedcop.web.pages.head import find
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork


class GuidelinesForm(PageForm):
    """What a community asks of its members."""

    guidelines = Text(
        N_("Guidelines"),
        description=N_("Each paragraph, or each item of a list, becomes a numbered point."),
        render_kw={"rows": 14},
    )


class OpennessForm(PageForm):
    """Who may write."""

    approval = Pick(
        N_("Who may write"),
        choices={
            "": N_("Everybody who joins"),
            "1": N_("Members whom a steward has approved"),
        },
    )
    stewards_only = Tick(N_("Only stewards start discussions; all members reply"))


class CloseForm(PageForm):
    """Why a community closes, and where it goes on."""

    notice = Text(
        N_("Notice"),
        [Required()],
        description=N_("Why it closes, in a sentence or two. It stands on every page of it."),
        render_kw={"rows": 4},
    )
    successor = Line(
        N_("Where it goes on"),
        description=N_("The address or the handle of another community, if there is one."),
    )
    name = Line(
        N_("Type the name of the community to confirm"),
        [Required()],
        description=N_("As it stands in its address."),
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )


def own(session: Session, name: str, home: str, viewer_id: int) -> Listed:
    """The community if this person may change it. Raises NotFound or NotAllowed."""
    listed = find(session, name, home, viewer_id)
    if not listed.community.local:
        raise NotAllowed("This community can be changed on its own server only.")
    check_is_steward(session, listed.actor.id, viewer_id)
    return listed


def frame(request: Request, listed: Listed, tab: str) -> dict[str, object]:
    """What every page of these forms gives its template."""
    _ = language_of(request).gettext
    path = community_path(listed.actor)
    tabs = [
        ("charter", _("Title and charter"), f"{path}/edit"),
        ("rules", _("Guidelines"), f"{path}/edit/rules"),
        ("writing", _("Who may write"), f"{path}/edit/writing"),
        ("closing", _("Closing"), f"{path}/edit/closing"),
    ]
    return {
        "place": path,
        "title": listed.actor.title,
        "name": listed.actor.name,
        "closed": listed.community.closed_at is not None,
        "tabs": tabs,
        "tab": tab,
        "section": "explore",
    }


async def _own(request: Request) -> Listed:
    app, viewer = house(request), member(request)
    name = request.path_params["name"]
    return await app.read(lambda session: own(session, name, app.uris.host, viewer.actor_id))


async def edit_rules(request: Request) -> Response:
    """The guidelines as they stand."""
    listed = await _own(request)
    wording = await house(request).read(
        lambda session: current(session, listed.actor.id, SiteText.GUIDELINES)
    )
    form = GuidelinesForm.blank(request, guidelines=wording.source if wording else "")
    return _rules_page(request, listed, form)


async def save_rules(request: Request) -> Response:
    """Let them stand from now on, or show how they would be numbered."""
    app, viewer = house(request), member(request)
    listed = await _own(request)
    form = await GuidelinesForm.sent(request)
    source = form.guidelines.data or ""
    if "preview" in await request.form():
        return _rules_page(request, listed, form, preview=True)

    def act(uow: UnitOfWork) -> None:
        now = own(uow.session, listed.actor.name, app.uris.host, viewer.actor_id)
        set_guidelines(uow, now.community, uow.get(Actor, viewer.actor_id), source)

    try:
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return _rules_page(request, listed, form)
    return go(f"{community_path(listed.actor)}/rules", "guidelines")


def _rules_page(
    request: Request, listed: Listed, form: GuidelinesForm, *, preview: bool = False
) -> Response:
    shown = points(form.guidelines.data or "" if preview else "")
    context = {"form": form, "points": shown} | frame(request, listed, "rules")
    return show(request, "pages/edit_rules.html", context, 422 if form.errors else 200)


async def edit_openness(request: Request) -> Response:
    """Who may write now."""
    listed = await _own(request)
    form = OpennessForm.blank(
        request,
        approval="1" if listed.community.approval else "",
        stewards_only=listed.community.stewards_only,
    )
    return _openness_page(request, listed, form)


async def save_openness(request: Request) -> Response:
    """Who may write from now on."""
    app, viewer = house(request), member(request)
    listed = await _own(request)
    form = await OpennessForm.sent(request)
    if not form.validate():
        return _openness_page(request, listed, form)

    def act(uow: UnitOfWork) -> None:
        now = own(uow.session, listed.actor.name, app.uris.host, viewer.actor_id)
        set_openness(
            uow,
            now.community,
            uow.get(Actor, viewer.actor_id),
            stewards_only=bool(form.stewards_only.data),
            approval=form.approval.data == "1",
        )

    await app.act(act)
    return go(f"{community_path(listed.actor)}/about", "openness")


def _openness_page(request: Request, listed: Listed, form: OpennessForm) -> Response:
    context = {"form": form} | frame(request, listed, "writing")
    return show(request, "pages/edit_openness.html", context, 422 if form.errors else 200)


async def edit_closing(request: Request) -> Response:
    """What closing means, and the form; of a closed community, the way to open it."""
    return _closing_page(request, await _own(request), CloseForm.blank(request))


async def save_closing(request: Request) -> Response:
    """Close it, once what happens was shown and its name was typed."""
    app, viewer = house(request), member(request)
    listed = await _own(request)
    form = await CloseForm.sent(request)
    notice, successor = form.notice.data or "", form.successor.data or ""

    def act(uow: UnitOfWork) -> None:
        now = own(uow.session, listed.actor.name, app.uris.host, viewer.actor_id)
        close(uow, now.community, uow.get(Actor, viewer.actor_id), notice, successor)

    try:
        words = compose_notice(notice, successor)
        if "preview" in await request.form():
            return _closing_page(request, listed, form, words)
        _check_typed(form.name.data or "", listed.actor.name)
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return _closing_page(request, listed, form)
    return go(community_path(listed.actor), "closed")


def _check_typed(typed: str, name: str) -> None:
    """Raise Invalid unless the name of the community was typed."""
    if typed.lower().lstrip("@!") != name:
        raise Invalid(fields={"name": Sentence("Type {name}.", name=name)})


async def open_again(request: Request) -> Response:
    """It goes on as it was."""
    app, viewer = house(request), member(request)
    listed = await _own(request)

    def act(uow: UnitOfWork) -> None:
        now = own(uow.session, listed.actor.name, app.uris.host, viewer.actor_id)
        reopen(uow, now.community, uow.get(Actor, viewer.actor_id))

    await app.act(act)
    return go(community_path(listed.actor), "reopened")


def _closing_page(request: Request, listed: Listed, form: CloseForm, preview: str = "") -> Response:
    context = {"form": form, "preview": preview} | frame(request, listed, "closing")
    context |= {"members": listed.community.members_count}
    return show(request, "pages/edit_closing.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint("/c/{name}/edit/rules", ("GET",), edit_rules, "member"),
    Endpoint("/c/{name}/edit/rules", ("POST",), save_rules, "member", "60/hour"),
    Endpoint("/c/{name}/edit/writing", ("GET",), edit_openness, "member"),
    Endpoint("/c/{name}/edit/writing", ("POST",), save_openness, "member", "60/hour"),
    Endpoint("/c/{name}/edit/closing", ("GET",), edit_closing, "member"),
    Endpoint("/c/{name}/edit/closing", ("POST",), save_closing, "member", "60/hour"),
    Endpoint("/c/{name}/edit/reopen", ("POST",), open_again, "member", "60/hour"),
)

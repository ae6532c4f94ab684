"""Where an admin says who runs this server, and under which rules."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation.log import write
from fedcop.domain.site import wordings
from fedcop.domain.site.describe import Description, describe, described
from fedcop.domain.site.found import site
from fedcop.domain.site.models import Text as SiteText
from fedcop.errors import Conflict, Invalid
from fedcop.web.admin.frame import acting, show_admin
from fedcop.web.admin.words import PRIVACY, PROFILE, RULES
from fedcop.web.auth.asking import house
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.pages.fields import Line, Required, Text
from fedcop.web.pages.notices import go
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

_PATH = "/admin/organization"


class OrganizationForm(PageForm):
    """Who runs this server."""

    name = Line(N_("Name of this server"), [Required()], description=N_("Shown on every page."))
    description = Text(N_("What it is for"), description=N_("One or two sentences."))
    contact = Line(
        N_("E-mail address for questions"),
        description=N_("For members, for other servers, and for whoever reports abuse."),
    )
    legal_name = Line(
        N_("Legal name of the organization"),
        description=N_("Who answers for this server; in many countries the law asks for it."),
    )
    postal_address = Text(N_("Postal address"))


class TextsForm(PageForm):
    """The two texts, in Markdown."""

    guidelines = Text(
        N_("Rules"), description=N_("What holds for everybody here, whatever the community.")
    )
    privacy = Text(
        N_("Privacy"), description=N_("What is kept of whom, how long, and who can be asked.")
    )


async def organization(request: Request) -> Response:
    """Both forms as they stand."""
    return await _page(request)


async def save_organization(request: Request) -> Response:
    """Another name, contact, or address."""
    app = house(request)
    form = await OrganizationForm.sent(request)
    new = Description(**{name: form[name].data or "" for name in Description.__slots__})

    def act(uow: UnitOfWork) -> None:
        changed = describe(uow, new)
        if changed:
            by = acting(uow, request).id
            write(uow, PROFILE, by_id=by, subject=", ".join(changed))

    try:
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, organization=form)
    request.app.state.site_name = ""  # read again for the next page
    return go(_PATH, "saved")


async def save_texts(request: Request) -> Response:
    """A new version of the rules, of the privacy text, or of both."""
    app = house(request)
    form = await TextsForm.sent(request)

    def act(uow: UnitOfWork) -> None:
        by, subject = acting(uow, request).id, _subject(uow.session)
        for text, deed in ((SiteText.GUIDELINES, RULES), (SiteText.PRIVACY, PRIVACY)):
            before = wordings.current(uow.session, subject, text)
            source = form[text.value].data or ""
            if before is None and not source.strip():
                continue
            now = wordings.write(uow, subject, text, source, by)
            if before is None or before.id != now.id:
                write(uow, deed, by_id=by)

    try:
        await app.act(act)
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, texts=form)
    return go(_PATH, "saved")


def _subject(session: Session) -> int:
    row = site(session)
    if row is None or row.actor_id is None:
        raise Conflict("This server is not set up yet. Run: fedcop init HOST")
    return row.actor_id


async def _page(
    request: Request,
    organization: OrganizationForm | None = None,
    texts: TextsForm | None = None,
) -> Response:
    app = house(request)

    def query(session: Session) -> tuple[dict[str, object], dict[str, object]]:
        row, subject = site(session), _subject(session)
        found = {
            text.value: wordings.current(session, subject, text)
            for text in (SiteText.GUIDELINES, SiteText.PRIVACY)
        }
        says = described(row) if row else None
        return (
            {name: getattr(says, name, "") for name in Description.__slots__},
            {name: wording.source if wording else "" for name, wording in found.items()},
        )

    fields, written = await app.read(query)
    context = {
        "organization": organization or OrganizationForm.blank(request, **fields),
        "texts": texts or TextsForm.blank(request, **written),
    }
    return show_admin(
        request, "organization", context, status=422 if organization or texts else 200
    )


ENDPOINTS = (
    Endpoint(_PATH, ("GET",), organization, "admin"),
    Endpoint(_PATH, ("POST",), save_organization, "admin", "60/10minutes"),
    Endpoint(f"{_PATH}/texts", ("POST",), save_texts, "admin", "60/10minutes"),
)

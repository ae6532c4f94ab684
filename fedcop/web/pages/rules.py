"""The rules and the privacy text of this server, as they stand and as they stood before."""

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.site import wordings
from fedcop.domain.site.found import site
from fedcop.domain.site.models import Text
from fedcop.errors import NotFound
from fedcop.text.sanitize import SafeHtml
from fedcop.web.auth.asking import house
from fedcop.web.locale import language_of
from fedcop.web.pages.addresses import NOWHERE, row_id
from fedcop.web.pages.notices import show
from fedcop.web.routing import Endpoint


async def rules(request: Request) -> Response:
    """What holds for everybody here."""
    _ = language_of(request).gettext
    return await _page(request, Text.GUIDELINES, _("Rules"))


async def privacy(request: Request) -> Response:
    """What is kept of whom, and who can be asked."""
    _ = language_of(request).gettext
    return await _page(request, Text.PRIVACY, _("Privacy"))


async def _page(request: Request, text: Text, title: str) -> Response:
    """The version in force, or the one that `?version=` names. Raises NotFound for none such."""
    wanted = request.query_params.get("version", "")

    def query(session: Session) -> dict[str, object]:
        row = site(session)
        subject = row.actor_id if row else None
        found = [it.wording for it in wordings.versions(session, subject or 0, text)]
        shown = found[0] if found else None
        if wanted:
            shown = next((it for it in found if it.id == row_id(wanted)), None)
            if shown is None:
                raise NotFound(NOWHERE)
        return {
            "title": title,
            "html": SafeHtml(shown.html if shown else ""),
            "shown": shown,
            "in_force": found[0].id if found else None,
            "versions": found,
            "contact": row.contact if row else "",
        }

    return show(request, "pages/rules.html", await house(request).read(query))


ENDPOINTS = (
    Endpoint("/rules", ("GET",), rules, name="site_rules"),
    Endpoint("/privacy", ("GET",), privacy, name="site_privacy"),
)

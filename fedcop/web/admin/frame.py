"""What every page of the administration has: its tabs, who acts, and how moments are said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.domain.people.models import Actor
from fedcop.text.moments import ago
from fedcop.web.auth.asking import member
from fedcop.web.locale import Language, language_of
from fedcop.web.pages.notices import show
from fedcop.work.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Speech:
    """The reader's language, as sentences about partner servers ask for it."""

    language: Language

    def gettext(self, message: str, /) -> str:
        return self.language.gettext(message)

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        return self.language.translations.ngettext(one, many, n)

    def ago(self, at: datetime, /) -> str:
        return ago(at, datetime.now(UTC), self.language.locale)


def speech(request: Request) -> Speech:
    """The reader's."""
    return Speech(language_of(request))


def show_admin(
    request: Request,
    tab: str,
    context: Mapping[str, object],
    *,
    template: str = "",
    status: int = 200,
) -> Response:
    """A page of the administration under the tab of this name; its template is named like it."""
    more = {"tab": tab, "tabs": tabs(language_of(request)), "section": "you"}
    return show(request, f"admin/{template or tab}.html", {**more, **context}, status)


def tabs(language: Language) -> Sequence[tuple[str, str, str]]:
    """Every part of the administration: name, words, address."""
    _ = language.gettext
    return (
        ("overview", _("Overview"), "/admin"),
        ("organization", _("Organization"), "/admin/organization"),
        ("people", _("People"), "/admin/people"),
        ("invitations", _("Invitations"), "/admin/invitations"),
        ("reports", _("Reports"), "/admin/reports"),
        ("partners", _("Partner servers"), "/admin/partners"),
        ("policies", _("Policies"), "/admin/policies"),
        ("log", _("Log"), "/admin/log"),
    )


def acting(uow: UnitOfWork, request: Request) -> Actor:
    """The admin who does this."""
    return uow.get(Actor, member(request).actor_id)

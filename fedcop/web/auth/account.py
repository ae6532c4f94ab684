"""How a member comes in: password, the devices on which they are signed in, language."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.access.passwords import hash_password, matches
from fedcop.domain.access.sessions import (
    begin,
    end_one,
    password_of,
    session_id,
    sessions_of,
    set_password,
)
from fedcop.domain.people.models import Actor
from fedcop.domain.people.profile import choose_language
from fedcop.domain.people.queries import account_of
from fedcop.errors import Invalid
from fedcop.ids import minted_at
from fedcop.web.auth.asking import house, member
from fedcop.web.auth.cookie import hand_out, token_of
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of, languages
from fedcop.web.pages.addresses import row_id
from fedcop.web.pages.fields import Choice, Required, Secret
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint
from fedcop.work.unit_of_work import UnitOfWork

PATH = "/settings/account"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class PasswordForm(PageForm):
    """Another password; who came by a link and never had one leaves the old one empty."""

    old = Secret(N_("Password until now"), description=N_("Leave it empty if you never had one."))
    password = Secret(
        N_("New password"),
        [Required()],
        description=N_("10 characters or more; a sentence is good."),
    )


class LanguageForm(PageForm):
    """In which language the pages are."""

    language = Choice(N_("Language of these pages"), choices=[])


@dataclass(frozen=True, slots=True)
class Device:
    """One place where the member is signed in."""

    id: int
    name: str
    since: datetime
    is_this: bool


async def account(request: Request) -> Response:
    """The forms as they stand."""
    return await _page(request)


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
        return await _page(request, form)
    try:
        hashed = await asyncio.to_thread(hash_password, form.password.data or "")
    except Invalid as error:
        fill_errors(form, error)
        return await _page(request, form)

    def act(uow: UnitOfWork) -> str:
        set_password(uow, viewer.actor_id, hashed)
        return begin(uow, viewer.actor_id, agent)

    token = await app.act(act)
    response = go(PATH, "password")
    hand_out(response, token, app.settings)
    return response


async def end_session(request: Request) -> Response:
    """Sign out on one device."""
    app, viewer = house(request), member(request)
    wanted = row_id(request.path_params["row_id"])
    await app.act(lambda uow: end_one(uow, viewer.actor_id, wanted))
    return go(PATH, "session-ended")


async def save_language(request: Request) -> Response:
    """Read the pages in another language, or in that of the browser."""
    app, viewer = house(request), member(request)
    form = await LanguageForm.sent(request)
    form.language.choices = _choices(request)
    if not form.validate():
        return await _page(request)
    code = form.language.data or ""
    await app.act(lambda uow: choose_language(uow, uow.get(Actor, viewer.actor_id), code))
    return go(PATH, "language")


def device_name(agent: str) -> str:
    """A browser and its system by the words in `User-Agent`; empty if it says neither."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part)


def _choices(request: Request) -> list[tuple[str, str]]:
    """Each language by its own name."""
    _ = language_of(request).gettext
    named = [
        (code, (language.locale.get_language_name() or code).capitalize())
        for code, language in languages().items()
    ]
    return [("", _("As my browser says")), *sorted(named)]


async def _page(request: Request, password: PasswordForm | None = None) -> Response:
    app, viewer = house(request), member(request)
    token = token_of(request, app.settings)

    def query(session: Session) -> tuple[list[Device], str]:
        current = session_id(session, token)
        found = account_of(session, viewer.actor_id)
        devices = [
            Device(it.id, device_name(it.agent), minted_at(it.id), it.id == current)
            for it in sessions_of(session, viewer.actor_id, datetime.now(UTC))
        ]
        return devices, (found.locale or "") if found else ""

    devices, code = await app.read(query)
    language = LanguageForm.blank(request, language=code)
    language.language.choices = _choices(request)
    language.language.flags.required = True  # one of them is always chosen
    context = {
        "password": password or PasswordForm.blank(request),
        "language_form": language,
        "devices": devices,
        "section": "you",
        "tab": "account",
    }
    return show(request, "settings/account.html", context, 422 if password else 200)


ENDPOINTS = (
    Endpoint(PATH, ("GET",), account, "member"),
    Endpoint("/settings/password", ("POST",), save_password, "member", "10/5minutes"),
    Endpoint("/settings/language", ("POST",), save_language, "member", "30/5minutes"),
    Endpoint("/settings/sessions/{row_id}/end", ("POST",), end_session, "member", "60/5minutes"),
)

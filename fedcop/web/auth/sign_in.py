"""Signing in with a password, and signing out."""

import asyncio
import hashlib
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcop.domain.access.passwords import matches
from fedcop.domain.access.sessions import begin, end, password_of
from fedcop.errors import TooMany
from fedcop.web.auth.asking import house, rates_of
from fedcop.web.auth.cookie import hand_out, take_back, token_of
from fedcop.web.forms import N_, PageForm
from fedcop.web.locale import language_of
from fedcop.web.pages.fields import Line, Required, Secret
from fedcop.web.pages.notices import go, show
from fedcop.web.rates import parse_rate
from fedcop.web.return_path import safe_path
from fedcop.web.routing import SIGN_IN, Endpoint
from fedcop.web.viewer import viewer_of

_TRIES = parse_rate("25/hour")


class SignInForm(PageForm):
    """Who it is, and what only they know."""

    name = Line(N_("Name or e-mail address"), [Required()])
    password = Secret(N_("Password"), [Required()])


async def show_sign_in(request: Request) -> Response:
    """The form; whoever is signed in already goes on at once."""
    next_path = safe_path(request.query_params.get("next", "/"))
    if viewer_of(request) is not None:
        return RedirectResponse(next_path, 303)
    return _page(request, SignInForm.blank(request), next_path)


async def send_sign_in(request: Request) -> Response:
    """Begin a session under a new token. A wrong name and a wrong password get the same answer.

    An account is tried 25 times in an hour, by whomever; sessions that stand go on meanwhile.
    """
    app = house(request)
    form = await SignInForm.sent(request)
    sent = (await request.form()).get("next")
    next_path = safe_path(sent if isinstance(sent, str) and sent else "/")
    if not form.validate():
        return _page(request, form, next_path)
    name, password = form.name.data or "", form.password.data or ""
    known = await app.read(lambda session: password_of(session, name))
    account_id, stored = known or (0, None)
    await _count_try(request, f"account {account_id}" if account_id else f"nobody {name.lower()}")
    if not await asyncio.to_thread(matches, stored, password):
        _ = language_of(request).gettext
        form.form_errors.append(
            _("Name or password is wrong. If you came by a link, ask for a new one.")
        )
        return _page(request, form, next_path)
    return await enter_as(request, account_id, next_path)


async def enter_as(request: Request, account_id: int, next_path: str, notice: str = "") -> Response:
    """Begin a session for this account, end the one that this browser had, and go on."""
    app = house(request)
    agent = request.headers.get("user-agent", "")
    former = token_of(request, app.settings)
    if former:
        await app.act(partial(end, token=former))
    token = await app.act(lambda uow: begin(uow, account_id, agent))
    response = go(next_path, notice)
    hand_out(response, token, app.settings)
    return response


async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    app = house(request)
    token = token_of(request, app.settings)
    if token:
        await app.act(partial(end, token=token))
    response = go("/", "signed-out")
    take_back(response, app.settings)
    return response


async def _count_try(request: Request, tried: str) -> None:
    """Raises TooMany. What is tried counts by its hash: it may be a name of any length."""
    digest = hashlib.blake2b(tried.encode(), digest_size=16).hexdigest()
    try:
        await rates_of(request).hit(_TRIES, SIGN_IN, digest)
    except TooMany as error:
        raise TooMany(
            "This account was tried too often. Wait, or ask an admin for a link to come in.",
            error.after,
        ) from error


def _page(request: Request, form: SignInForm, next_path: str) -> Response:
    context = {"form": form, "next": next_path, "section": "you"}
    return show(request, "auth/sign_in.html", context, 422 if form.errors else 200)


ENDPOINTS = (
    Endpoint(SIGN_IN, ("GET",), show_sign_in, name="sign_in"),
    Endpoint(SIGN_IN, ("POST",), send_sign_in, limit="25/5minutes"),
    Endpoint("/sign-out", ("POST",), sign_out),
)

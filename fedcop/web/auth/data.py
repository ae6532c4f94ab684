"""What belongs to a member: taken along as a file, or deleted with the account."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from fedcop.app import Session
from fedcop.domain.access.passwords import matches
from fedcop.domain.access.sessions import is_fresh, password_of
from fedcop.domain.people.admins import is_last
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.departure import count_posts, depart, last_steward_of
from fedcop.errors import Invalid
from fedcop.outbox.archive import write_archive
from fedcop.web.auth.asking import house, member
from fedcop.web.auth.cookie import take_back, token_of
from fedcop.web.forms import N_, PageForm, fill_errors
from fedcop.web.locale import language_of
from fedcop.web.pages import shown
from fedcop.web.pages.fields import Line, Required, Secret
from fedcop.web.pages.notices import go, show
from fedcop.web.routing import Endpoint

_PIECE = 1 << 16
_IN_MEMORY = 1 << 22


class DeleteForm(PageForm):
    """Both, so that nobody deletes an account by a slip, or with a telephone that was left open."""

    name = Line(N_("Your handle, to be sure"), [Required()])
    password = Secret(N_("Your password"))


async def data(request: Request) -> Response:
    """What can be taken along, and the way out."""
    return show(request, "settings/data.html", {"section": "you", "tab": "data"}, 200)


async def send_archive(request: Request) -> Response:
    """Everything that the member said and did, as one ZIP file."""
    app, viewer = house(request), member(request)
    with ExitStack() as open_files:
        file = open_files.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
        await write_archive(app, viewer.actor_id, file)
        file.seek(0)
        kept_open = open_files.pop_all()
    day = datetime.now(UTC).date().isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="{viewer.name}-{app.uris.host}-{day}.zip"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(_pieces(file, kept_open), 200, headers, "application/zip")


async def ask_first(request: Request) -> Response:
    """What goes, what cannot be recalled, and who must take over before."""
    return await _page(request)


async def send_delete(request: Request) -> Response:
    """Delete the account, if its owner has proved to be here."""
    app, viewer = house(request), member(request)
    form = await DeleteForm.sent(request)
    wrong = await _wrong(request, form)
    if wrong:
        fill_errors(form, Invalid(fields=wrong))
        return await _page(request, form)
    await app.act(lambda uow: depart(uow, uow.get(Actor, viewer.actor_id)))
    response = go("/", "departed")
    take_back(response, app.settings)
    return response


async def _wrong(request: Request, form: DeleteForm) -> dict[str, str]:
    """What does not fit: the name, or what proves that it is them."""
    app, viewer = house(request), member(request)
    _ = language_of(request).gettext
    if (form.name.data or "").lower().lstrip("@") != viewer.name:
        return {"name": _("This is not your handle.")}
    known = await app.read(lambda session: password_of(session, viewer.name))
    stored = known[1] if known else None
    if stored is not None:
        right = await asyncio.to_thread(matches, stored, form.password.data or "")
        return {} if right else {"password": _("This is not your password.")}
    token = token_of(request, app.settings)
    if await app.read(lambda session: is_fresh(session, token, datetime.now(UTC))):
        return {}
    words = _("You have no password. Sign in by a new link, and come here within 15 minutes.")
    return {"password": words}


async def _page(request: Request, form: DeleteForm | None = None) -> Response:
    app, viewer = house(request), member(request)

    def query(session: Session) -> dict[str, object]:
        known = password_of(session, viewer.name)
        last = last_steward_of(session, viewer.actor_id)
        return {
            "posts": count_posts(session, viewer.actor_id),
            "has_password": known is not None and known[1] is not None,
            "only_admin": is_last(session, viewer.actor_id),
            "last_steward_of": [shown.name(community) for community in last],
        }

    context = await app.read(query)
    filled = form or DeleteForm.blank(request)
    filled.password.flags.required = True  # where there is one: without, the field is not shown
    context |= {
        "form": filled,
        "section": "you",
        "tab": "data",
        "host": app.uris.host,
    }
    return show(request, "settings/delete.html", context, 422 if form else 200)


async def _pieces(file: IO[bytes], kept_open: ExitStack) -> AsyncIterator[bytes]:
    with kept_open:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


ENDPOINTS = (
    Endpoint("/settings/data", ("GET",), data, "member"),
    Endpoint("/settings/data/export", ("POST",), send_archive, "member", "6/hour"),
    Endpoint("/settings/delete", ("GET",), ask_first, "member", name="ask_delete_account"),
    Endpoint(
        "/settings/delete", ("POST",), send_delete, "member", "10/hour", name="delete_account"
    ),
)

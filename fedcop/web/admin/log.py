"""What admins have done to the whole server, for admins to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.moderation import log
from fedcop.web import shapes
from fedcop.web.admin.frame import show_admin
from fedcop.web.admin.words import deed_words
from fedcop.web.auth.asking import house
from fedcop.web.locale import language_of
from fedcop.web.pages import shown as rows
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log as it is shown; without `by` it came from the command line."""

    at: datetime
    words: str
    subject: str
    reason: str
    by: shapes.Name | None
    person: shapes.Name | None


async def admin_log(request: Request) -> Response:
    """One page of it, newest first."""
    app, cursor = house(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        found = log.of_server(session, cursor)
        return {"lines": shown(request, found.items), "turn": turn(request, found)}

    return show_admin(request, "log", await app.read(query))


def shown(request: Request, lines: Sequence[log.Line]) -> list[Entry]:
    """Lines of the log in the reader's language."""
    language = language_of(request)
    return [
        Entry(
            at=line.deed.done_at,
            words=deed_words(line.deed.deed, language),
            subject=line.deed.subject,
            reason=line.deed.reason,
            by=rows.name(line.by) if line.by else None,
            person=rows.name(line.actor) if line.actor else None,
        )
        for line in lines
    ]


ENDPOINTS = (Endpoint("/admin/log", ("GET",), admin_log, "admin"),)

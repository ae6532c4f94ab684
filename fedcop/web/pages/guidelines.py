"""What a community asks of its members, point by point, and how its texts have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.guidelines import points
from fedcop.domain.site.changes import Piece, changes
from fedcop.domain.site.models import Text
from fedcop.domain.site.wordings import Version, current, versions
from fedcop.errors import NotFound
from fedcop.web import shapes
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.locale import language_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.head import context_of, find, head_of
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import Turn
from fedcop.web.pages.tabs import tabs_of
from fedcop.web.routing import Endpoint

_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a text: who wrote it when, and what it changed."""

    number: int
    at: datetime
    by: shapes.Name | None
    pieces: Sequence[Piece]


async def rules(request: Request) -> Response:
    """The guidelines as numbered points, each with an address of its own."""
    app, reader = house(request), reader_id(request)
    home = app.uris.host

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        head = head_of(session, listed, home, reader)
        wording = current(session, listed.actor.id, Text.GUIDELINES)
        return context_of(head) | {
            "tabs": tabs_of(request, head),
            "tab": "rules",
            "points": points(wording.source) if wording else [],
            "written_at": wording.written_at if wording else None,
        }

    return show(request, "pages/community_rules.html", await app.read(query))


async def rules_history(request: Request) -> Response:
    """Every version of the guidelines, newest first, with what it changed."""
    _ = language_of(request).gettext
    return await _history(request, Text.GUIDELINES, _("Versions of the guidelines"), "rules")


async def charter_history(request: Request) -> Response:
    """Every version of the charter, newest first, with what it changed."""
    _ = language_of(request).gettext
    return await _history(request, Text.CHARTER, _("Versions of the charter"), "about")


async def _history(request: Request, text: Text, title: str, tab: str) -> Response:
    app, reader = house(request), reader_id(request)
    home, start = app.uris.host, _start(request)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        if not listed.community.local:
            raise NotFound(addresses.NOWHERE)
        head = head_of(session, listed, home, reader)
        found = versions(session, listed.actor.id, text)
        return context_of(head) | {
            "tabs": tabs_of(request, head),
            "tab": tab,
            "title": title,
            "back": f"{head.path}/{tab}",
            "changes": _changes(found, start),
            "turn": _turn(request, len(found), start),
        }

    return show(request, "pages/community_history.html", await app.read(query))


def _start(request: Request) -> int:
    wanted = request.query_params.get("from", "")
    return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 0


def _changes(found: Sequence[Version], start: int) -> list[Change]:
    """A page of versions, each compared with the one before it."""
    made: list[Change] = []
    for place in range(start, min(start + _AT_ONCE, len(found))):
        version = found[place]
        before = found[place + 1].wording.source if place + 1 < len(found) else ""
        change = Change(
            number=len(found) - place,
            at=version.wording.written_at,
            by=shown.name(version.by) if version.by else None,
            pieces=changes(before, version.wording.source),
        )
        made.append(change)
    return made


def _turn(request: Request, total: int, start: int) -> Turn:
    path = request.url.path
    newer = f"{path}?from={max(0, start - _AT_ONCE)}" if start else ""
    older = f"{path}?from={start + _AT_ONCE}" if start + _AT_ONCE < total else ""
    return Turn(newer, older)


ENDPOINTS = (
    Endpoint("/c/{name}/rules", ("GET",), rules, name="community_rules"),
    Endpoint("/c/{name}/rules/history", ("GET",), rules_history, limit="60/5minutes"),
    Endpoint("/c/{name}/about/history", ("GET",), charter_history, limit="60/5minutes"),
)

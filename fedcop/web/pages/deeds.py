"""The log of a community in words, for its members and its stewards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain.communities.models import Standing
from fedcop.domain.moderation import log
from fedcop.domain.moderation.log import Deeds, Line
from fedcop.domain.people.queries import handle
from fedcop.web.admin.words import deed_words
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.forms import N_
from fedcop.web.locale import Language, language_of
from fedcop.web.pages.head import find, head_of
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, turn
from fedcop.web.routing import Endpoint

WORDS: Mapping[str, str] = {
    Deeds.REMOVED: N_("%(by)s took out what %(who)s wrote."),
    Deeds.RESTORED: N_("%(by)s put back what %(who)s wrote."),
    Deeds.PINNED: N_("%(by)s pinned a discussion of %(who)s."),
    Deeds.UNPINNED: N_("%(by)s unpinned a discussion of %(who)s."),
    Deeds.LOCKED: N_("%(by)s locked what %(who)s wrote: nobody can reply to it."),
    Deeds.UNLOCKED: N_("%(by)s unlocked what %(who)s wrote."),
    Deeds.APPOINTED: N_("%(by)s made %(who)s a steward."),
    Deeds.DISMISSED: N_("%(by)s ended the stewardship of %(who)s."),
    Deeds.BANNED: N_("%(by)s banned %(who)s."),
    Deeds.LIFTED: N_("%(by)s lifted the ban of %(who)s."),
    Deeds.APPROVED: N_("%(by)s let %(who)s write here."),
    Deeds.REFUSED: N_("%(by)s did not take %(who)s as a member."),
    Deeds.CLOSED: N_("%(by)s closed the community."),
    Deeds.REOPENED: N_("%(by)s opened the community again."),
    Deeds.RESOLVED: N_("%(by)s answered a report about %(who)s."),
    Deeds.RESUMED: N_("%(by)s opened a report about %(who)s again."),
    Deeds.SUSPENDED: N_("%(by)s suspended %(who)s on this server."),
    Deeds.REINSTATED: N_("%(by)s let %(who)s take part on this server again."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log in the reader's language; `title` and `url` lead to its post."""

    words: str
    at: datetime
    reason: str
    until: datetime | None
    title: str
    url: str


async def community_log(request: Request) -> Response:
    """What stewards did, with their reasons. Only members read the names of others.

    Nothing of reports stands there; the stewards have a longer one.
    """
    app, reader, cursor = house(request), reader_id(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], app.uris.host, reader)
        head = head_of(session, listed, app.uris.host, reader)
        belongs = listed.membership is not None and listed.membership.standing == Standing.ACTIVE
        found = log.of_community(session, listed.actor.id, cursor, for_stewards=False)
        lines = entries(found.items, request, names=belongs, stewards=head.is_steward)
        return {"head": head, "lines": lines, "turn": turn(request, found), "belongs": belongs}

    context = await app.read(query)
    return show(request, "pages/community_log.html", context | {"section": "explore"})


def entries(
    lines: Sequence[Line], request: Request, *, names: bool = True, stewards: bool = True
) -> list[Entry]:
    """Lines of the log. Without `names`, whom something was done to is only “a member”.

    A post that is no longer shown has no title here, except for `stewards`.
    """
    return [_entry(line, request, names=names, stewards=stewards) for line in lines]


def _entry(line: Line, request: Request, *, names: bool, stewards: bool) -> Entry:
    _, home = language_of(request).gettext, house(request).uris.host
    deed, post, root = line.deed, line.post, line.root
    by = f"@{handle(line.by, home)}" if line.by else _nobody(line, _)
    who = f"@{handle(line.actor, home)}" if line.actor and names else _("a member")
    readable = root is not None and (stewards or root.is_visible)
    there = post is not None and post.is_visible
    return Entry(
        words=_words(deed.deed, language_of(request)) % {"by": by, "who": who},
        at=deed.done_at,
        reason=deed.reason,
        until=_moment(deed.subject) if deed.deed == Deeds.BANNED else None,
        title=root.title if root is not None and readable else "",
        url=f"/post/{post.root_id}#r{post.id}" if post is not None and there else "",
    )


def _words(deed: str, language: Language) -> str:
    """A sentence with gaps for `by` and `who`; what admins do besides is said as in their log."""
    if deed in WORDS:
        return language.gettext(WORDS[deed])
    return f"%(by)s: {deed_words(deed, language).replace('%', '%%')} %(who)s"


def _nobody(line: Line, _: Callable[[str], str]) -> str:
    """Who did what no actor is named for."""
    everywhere = line.deed.community_id is None
    return _("Command line") if everywhere else _("The community's own server")


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


ENDPOINTS = (Endpoint("/c/{name}/log", ("GET",), community_log, name="community_log"),)

"""The pages of a community: its discussions, its members, and what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from fedcop.app import Session
from fedcop.domain import timelines
from fedcop.domain.communities.approve import count_waiting
from fedcop.domain.communities.models import Role
from fedcop.domain.communities.roster import Member, others_of, stewards_of
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.tags import most_used
from fedcop.web import shapes
from fedcop.web.auth.asking import house, reader_id
from fedcop.web.locale import Language, language_of
from fedcop.web.pages import addresses, shown
from fedcop.web.pages.addresses import home_of
from fedcop.web.pages.fields import tidy
from fedcop.web.pages.head import Head, context_of, find, head_of
from fedcop.web.pages.notices import show
from fedcop.web.pages.paging import cursor_of, order_of, orders, turn
from fedcop.web.pages.tabs import tabs_of
from fedcop.web.routing import Endpoint

_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A member in the list, and what the reader may do about them."""

    name: shapes.Name
    handle: str
    since: datetime
    waits: bool
    acts: Sequence[shapes.Act]


async def community(request: Request) -> Response:
    """Its discussions, newest first, or in the order that was asked for."""
    app, reader = house(request), reader_id(request)
    home, order, cursor = app.uris.host, order_of(request), cursor_of(request)

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        found = timelines.community(session, listed.actor.id, cursor, order, reader)
        tags = most_used(session, listed.actor.id, datetime.now(UTC))
        head = head_of(session, listed, home, reader)
        rows = shown.rows(found.items, in_community=False)
        return {**context_of(head), "tabs": tabs_of(request, head), "tab": "discussions"} | {
            "rows": rows,
            "tags": [(f"#{it.shown}", addresses.tag_path(it.name)) for it in tags],
            "turn": turn(request, found),
        }

    context = await app.read(query)
    context |= {"order": order.value, "orders": orders(request)}
    return show(request, "pages/community.html", context)


async def about(request: Request) -> Response:
    """What it is for, who may take part, and how."""
    app, reader = house(request), reader_id(request)
    home = app.uris.host

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        head = head_of(session, listed, home, reader)
        return context_of(head) | {
            "tabs": tabs_of(request, head),
            "tab": "about",
            "founded_at": listed.community.founded_at,
            "last_post_at": listed.community.last_post_at,
        }

    return show(request, "pages/community_about.html", await app.read(query))


async def members(request: Request) -> Response:
    """Its stewards, and a page of all others; with `?q=` those with that in their names."""
    app, reader = house(request), reader_id(request)
    home, cursor, language = app.uris.host, cursor_of(request, 50), language_of(request)
    wanted = (tidy(request.query_params.get("q")) or "")[:_LONGEST_SEARCH]

    def query(session: Session) -> dict[str, object]:
        listed = find(session, request.path_params["name"], home, reader)
        head = head_of(session, listed, home, reader)
        place = listed.actor.id
        first = cursor.before is None and cursor.after is None
        found = others_of(session, place, cursor, wanted)

        def lines(people: Sequence[Member]) -> list[Line]:
            return [_line(one, head, reader, language) for one in people]

        return context_of(head) | {
            "tabs": tabs_of(request, head),
            "tab": "members",
            "stewards": lines(stewards_of(session, place, wanted)) if first else [],
            "people": lines(found.items),
            "turn": turn(request, found),
            "waiting": count_waiting(session, place) if head.is_steward and head.approval else 0,
        }

    context = await app.read(query) | {"q": wanted}
    return show(request, "pages/community_members.html", context)


def _line(one: Member, head: Head, reader: int | None, language: Language) -> Line:
    actor, membership = one.actor, one.membership
    steward_here = head.is_steward and not head.name.host
    is_steward = membership.role == Role.STEWARD
    return Line(
        name=shown.name(actor),
        handle=f"@{_plain(actor)}",
        since=membership.joined_at,
        waits=steward_here and head.approval and not membership.approved and not is_steward,
        acts=_acts(one, head, language) if steward_here and actor.id != reader else (),
    )


def _plain(actor: Actor) -> str:
    """`name`, or `name@host`, as people write it."""
    host = home_of(actor)
    return f"{actor.name}@{host}" if host else actor.name


def _acts(one: Member, head: Head, language: Language) -> list[shapes.Act]:
    """What a steward may do about them."""
    _ = language.gettext
    who = _plain(one.actor)
    if one.membership.role == Role.STEWARD:
        words, deed = _("No longer a steward"), "dismiss"
    else:
        words, deed = _("Make a steward"), "appoint"
    return [
        shapes.Act(words, f"{head.path}/stewards", "user", posts=True, name=deed, value=who),
        shapes.Act(
            _("Ban from the community"), f"{head.path}/stewardship/bans?who={quote(who)}", "lock"
        ),
    ]


ENDPOINTS = (
    Endpoint("/c/{name}", ("GET",), community),
    Endpoint("/c/{name}/about", ("GET",), about, name="community_about"),
    Endpoint("/c/{name}/members", ("GET",), members, name="community_members"),
)

"""What the line of a notice says, and where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fedcop.domain.notifications.queries import Notice
from fedcop.domain.notifications.reasons import STEWARDSHIP, Reason
from fedcop.ids import minted_at
from fedcop.text.plain import excerpt
from fedcop.web import shapes
from fedcop.web.forms import N_
from fedcop.web.locale import Language
from fedcop.web.pages import addresses, shown

_EXCERPT = 200

WORDS: Mapping[Reason, str] = {
    Reason.REPLY: N_("replied to you"),
    Reason.MENTION: N_("named you"),
    Reason.FOLLOWED: N_("follows you"),
    Reason.MOVED: N_("is the new account of somebody whom you follow"),
    Reason.REMOVED: N_("took out what you wrote"),
    Reason.RESTORED: N_("put back what you wrote"),
    Reason.LOCKED: N_("locked your discussion: nobody can reply any more"),
    Reason.UNLOCKED: N_("unlocked your discussion: replies are possible again"),
    Reason.APPROVED: N_("has let you in: you can write there now"),
    Reason.REFUSED: N_("did not take you as a member"),
    Reason.APPOINTED: N_("made you a steward"),
    Reason.DISMISSED: N_("has ended your time as a steward"),
    Reason.BANNED: N_("has banned you"),
    Reason.BAN_LIFTED: N_("has lifted your ban: you can join again"),
    Reason.CLOSED: N_("is closed: everything stays readable"),
    Reason.REOPENED: N_("is open again"),
    Reason.REPORT_ANSWERED: N_("answered what you had reported"),
    Reason.ASKS_APPROVAL: N_("asks to write in your community"),
    Reason.REPORTED: N_("was reported to you"),
}
"""After the name of who did it: a person, or a community, whose stewards decide as one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that concerns the reader; `mute` and `unmute` are addresses of forms, or empty."""

    id: int
    who: shapes.Name
    words: str
    title: str
    url: str
    community: shapes.Name | None
    at: datetime
    excerpt: str
    said: str
    """What somebody gave as their reason, or said about themselves."""
    until: datetime | None
    unread: bool
    mute: str
    unmute: str


def line(notice: Notice, language: Language) -> Line:
    """The line of a notice in the reader's language."""
    _ = language.gettext
    row, post = notice.notification, notice.post
    title, url = _target(notice, language)
    readable = post is not None and post.is_visible and not post.warning
    muting = _muting(notice)
    return Line(
        id=row.id,
        who=shown.name(notice.actor),
        words=_(WORDS[notice.reason]),
        title=title,
        url=url,
        community=_place(notice),
        at=minted_at(row.id),
        excerpt=excerpt(post.html, _EXCERPT) if post is not None and readable else "",
        said=row.words,
        until=notice.ban.until if notice.ban else None,
        unread=row.read_at is None,
        mute="" if notice.muted else muting,
        unmute=muting if notice.muted else "",
    )


def _place(notice: Notice) -> shapes.Name | None:
    """The community, where it must be named beside who did it."""
    place = notice.community
    return shown.name(place) if place is not None and place.id != notice.actor.id else None


def _muting(notice: Notice) -> str:
    if notice.root is None or notice.community is None:
        return ""
    if notice.reason not in {Reason.REPLY, Reason.MENTION}:
        return ""
    return f"{addresses.community_path(notice.community)}/p/{notice.root.id}"


def _target(notice: Notice, language: Language) -> tuple[str, str]:
    """What the line links to: the words and the address."""
    _ = language.gettext
    place, post, root = notice.community, notice.post, notice.root
    if notice.reason in STEWARDSHIP:
        return _desk(notice, language)
    if post is not None and root is not None and place is not None:
        is_gone = post is root and not post.is_visible
        title = root.title or _("A discussion that is gone")
        return title, addresses.community_path(place) if is_gone else addresses.post_path(
            place, root, post
        )
    if notice.reason is Reason.REFUSED and place is not None:
        return _("Its guidelines"), f"{addresses.community_path(place)}/rules"
    actor = notice.actor
    if actor.type != "Group":
        return f"@{actor.name}", addresses.actor_path(actor)
    return actor.title, addresses.actor_path(actor)


def _desk(notice: Notice, language: Language) -> tuple[str, str]:
    """Where a steward decides."""
    _ = language.gettext
    if notice.community is None:
        return _("Decide about it"), "/admin/reports"
    desk = "requests" if notice.reason is Reason.ASKS_APPROVAL else "reports"
    path = addresses.community_path(notice.community)
    return _("Decide about it"), f"{path}/stewardship/{desk}"

"""What a post of another server says beside its text, in words: a poll, an event, its pictures.

Nothing here has a language of its own: dates are written as ISO 8601 does, and the rest is the
sender's. So nobody misses what other software shows in a form that this one does not have.
"""

import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fedcop.activitypub.vocab import particulars
from fedcop.activitypub.vocab.base import Attachment, Object
from fedcop.text.markdown import render
from fedcop.text.plain import excerpt, first_sentence, words
from fedcop.text.sanitize import SafeHtml, clean

_WITH_WARNINGS = frozenset({"Note", "Question"})
_HASHTAGS = re.compile(r"(?:\s+#\w+)+\Z")
_DAY, _HOUR = "%Y-%m-%d", "%H:%M"


def text_of(wire: Object) -> SafeHtml:
    """The text, from Markdown where it is that (PeerTube); else a summary that stands alone.

    The summary of a Note or a Question is a content warning, and is never the text; nor is the one
    of Mbin, which says the title and the hashtags again.
    """
    written = wire.content or ""
    if not written.strip() and wire.type not in _WITH_WARNINGS:
        summary = clean(wire.summary or "")
        return summary if _HASHTAGS.sub("", words(summary)) != wire.name else clean("")
    return render(written) if wire.media_type == "text/markdown" else clean(written)


def warning_of(wire: Object) -> str | None:
    """The content warning: the summary of what is sensitive, and of each Note and Question.

    Source: Mastodon, which shows the summary of its own types as a warning whether or not
    `sensitive` is said.
    """
    warns = wire.sensitive or wire.type in _WITH_WARNINGS
    return words(wire.summary) or None if warns and wire.summary else None


def with_particulars(wire: Object, html: SafeHtml) -> SafeHtml:
    """The text with when and where an event is above it, and what a poll asks below it."""
    above, below = _event(wire), particulars.options(wire)
    if not above and not below:
        return html
    lines = "<br>".join(escape(line) for line in above)
    chosen = "".join(f"<li>{escape(one)}</li>" for one in below)
    parts = (f"<p>{lines}</p>" if lines else "", html, f"<ul>{chosen}</ul>" if chosen else "")
    return clean("".join(parts))


def named(name: str, html: SafeHtml) -> SafeHtml:
    """The text of a reply under its name, which has no place of its own."""
    return clean(f"<p><strong>{escape(name)}</strong></p>{html}") if name else html


def attachments_of(wire: Object) -> tuple[Attachment, ...]:
    """What is attached, with the picture or the file that stands elsewhere in the document."""
    return (*wire.attachments, *particulars.media(wire))


def title_of(wire: Object, html: SafeHtml, limit: int) -> str:
    """A title for a discussion without a name: its first sentence, else what its picture shows."""
    found = first_sentence(html, limit)
    if found:
        return found
    attached = attachments_of(wire)
    for said in (*(one.name for one in attached), warning_of(wire)):
        title = first_sentence(escape(said or ""), limit)
        if title:
            return title
    return excerpt(html, limit) or next((urlsplit(one.url).netloc for one in attached), "")


def _event(wire: Object) -> list[str]:
    lines = [_when(wire)] if wire.type == "Event" and wire.start_time else []
    return [*lines, *particulars.places(wire)] if wire.type == "Event" else []


def _when(wire: Object) -> str:
    """`2026-11-22 19:00–21:00 (Europe/London)`, or in UTC where no zone is said."""
    zone = particulars.time_zone(wire)
    start, end = _local(wire.start_time, zone), _local(wire.end_time, zone)
    if start is None:
        return ""
    said = f"{start:{_DAY} {_HOUR}}"
    if end is not None and end > start:
        same = end.date() == start.date()
        said += f"–{end:{_HOUR}}" if same else f" – {end:{_DAY} {_HOUR}}"
    return f"{said} ({zone.key})" if zone is not None else f"{said} UTC"


def _local(moment: datetime | None, zone: ZoneInfo | None) -> datetime | None:
    try:
        return moment.astimezone(zone or UTC) if moment is not None else None
    except OverflowError:  # at the very ends of the calendar
        return moment

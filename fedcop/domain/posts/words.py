"""`Words`: what is said, cleaned; `Origin`: where it was said first, if not here."""

from dataclasses import dataclass
from datetime import datetime

from fedcop.activitypub.vocab.base import Attachment
from fedcop.text.sanitize import SafeHtml

LONGEST_TITLE = 200
LONGEST_SOURCE = 50_000
LONGEST_SUMMARY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The content of a post. A reply has no title; `mentioned` are ids of actors."""

    html: SafeHtml
    title: str = ""
    source: str | None = None
    summary: str = ""
    language: str | None = None
    warning: str | None = None
    mentioned: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    hashtags: tuple[str, ...] = ()
    """As they are shown, without the `#` (`tags.distinct`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The id and times of a post of another server, and its ActivityStreams type."""

    uri: str
    type: str
    published_at: datetime | None = None
    edited_at: datetime | None = None
    url: str | None = None

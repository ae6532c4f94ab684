"""What a search has found, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.domain.search.find import Hit
from fedcop.domain.search.query import Asked
from fedcop.text.marking import mark
from fedcop.text.plain import words
from fedcop.text.sanitize import SafeHtml, escape
from fedcop.web import shapes
from fedcop.web.pages import addresses, shown


@dataclass(frozen=True, slots=True)
class Found:
    """A post that was found: its (or its discussion's) title, and an excerpt with the words."""

    title: SafeHtml
    url: str
    author: shapes.Name
    community: shapes.Name
    at: datetime
    excerpt: SafeHtml
    is_reply: bool
    replies: int
    lang: str


def posts(found: Sequence[Hit], asked: Asked) -> list[Found]:
    """Each with the words that were asked for marked; the text under a warning stays closed."""

    def marked(text: str, length: int) -> SafeHtml:
        return mark(text, asked.words, asked.beginnings, length)

    return [
        Found(
            title=marked(hit.root.title, 200),
            url=addresses.post_path(hit.community, hit.root, hit.post),
            author=shown.name(hit.author),
            community=shown.name(hit.community),
            at=hit.post.published_at,
            excerpt=escape(hit.post.warning)
            if hit.post.warning
            else marked(words(hit.post.html), 240),
            is_reply=not hit.post.is_starter,
            replies=hit.root.thread_count,
            lang=hit.post.language or "",
        )
        for hit in found
    ]


def people(found: Sequence[Actor], home: str) -> list[tuple[shapes.Name, str]]:
    """Names and handles."""
    return [(shown.name(actor), f"@{handle(actor, home)}") for actor in found]

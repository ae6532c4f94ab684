"""Rows of the database as the macros of the frame take them."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from html import unescape
from urllib.parse import urlsplit

from fedcop.domain.people.models import Actor
from fedcop.domain.posts import queries
from fedcop.domain.posts.lines import Author, Line
from fedcop.domain.posts.models import Attachment, Post
from fedcop.domain.posts.tags import tag_name
from fedcop.domain.posts.thread import Said
from fedcop.text.markdown import render
from fedcop.text.sanitize import SafeHtml, escape, is_web_address
from fedcop.web import shapes
from fedcop.web.locale import Language
from fedcop.web.pages import acts, addresses

# as the sanitiser writes it: double quotes, no free text in attributes
_HASHTAG = re.compile(
    r'<a (?P<attributes>(?=[^<>]*class="[^"<>]*\bhashtag\b)[^<>]*)>'
    r"(?P<text>#(?:<span[^<>]*>)?(?P<name>[^<>#\s]+)(?:</span>)?)</a>"
)
_HREF = re.compile(r'\bhref="[^"<>]*"')


def name(actor: Actor | Author) -> shapes.Name:
    """A person or a community by name."""
    url, host = addresses.actor_path(actor), addresses.home_of(actor)
    return _name(actor.title, url, host, actor.type == "Group")


@lru_cache(4_096)
def _name(text: str, url: str, host: str, is_place: bool) -> shapes.Name:  # noqa: FBT001
    return shapes.Name(text=text, url=url, host=host, is_place=is_place)


def original(actor: Actor) -> str:
    """Where somebody from elsewhere is at home; empty for those of this server."""
    address = actor.url or actor.uri
    return address if not actor.is_local and is_web_address(address) else ""


def bio(actor: Actor) -> SafeHtml:
    """What somebody says about themselves."""
    if actor.is_local:
        return render(actor.summary_source or "")
    return SafeHtml(actor.summary_html)


def rows(found: Sequence[queries.Row], *, in_community: bool = True) -> list[shapes.Row]:
    """Discussions for a list; `in_community` names the community of each."""
    return [
        shapes.Row(
            title=row.post.title,
            url=addresses.thread_path(row.community, row.post),
            author=name(row.author),
            at=row.post.published_at,
            replies=row.post.thread_count,
            excerpt="" if row.post.warning else row.post.summary,
            kind=row.post.kind,
            pinned=row.post.pinned_at is not None and not in_community,
            locked=row.post.locked_at is not None,
            community=name(row.community) if in_community else None,
            lang=row.post.language or "",
        )
        for row in found
    ]


def text_of(post: Post | Line, attachments: Sequence[Attachment] = ()) -> SafeHtml:
    """The whole of what a post says: its warning to open, its text, links to what is attached."""
    html = _tags_here(post.html) + _links(attachments)
    if not post.warning:
        return SafeHtml(html)
    return SafeHtml(f"<details><summary>{escape(post.warning)}</summary>{html}</details>")


def _tags_here(html: str) -> str:
    """Clean HTML whose hashtags lead to their pages here, not on the server they came from."""
    return _HASHTAG.sub(_tag_here, html) if "hashtag" in html else html


def _tag_here(link: re.Match[str]) -> str:
    name = tag_name(unescape(link["name"]))
    if not name:
        return link[0]
    attributes = _HREF.sub(f'href="{addresses.tag_path(name)}"', link["attributes"])
    return f"<a {attributes}>{link['text']}</a>"


def _links(attachments: Sequence[Attachment]) -> str:
    items = [
        f'<li><a href="{escape(it.url)}" rel="nofollow noopener noreferrer ugc">'
        f"{escape(it.name or urlsplit(it.url).hostname or it.url)}</a></li>"
        for it in attachments
        if is_web_address(it.url)
    ]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def missing(post: Post | Line, language: Language) -> str:
    """Words in place of a post that is not shown; empty for one that is."""
    _ = language.gettext
    if post.deleted_at is not None:
        return _("The author deleted this.")
    if post.removed_at is not None:
        return _("The stewards took this out of the community.")
    if post.confirmed:
        return ""
    return _("Here stands a reply that is not here yet. It appears when its server sends it.")


def _blocked(language: Language) -> str:
    _ = language.gettext
    return _("This comes from a server that is blocked here.")


def _folded(said: Said, language: Language) -> SafeHtml:
    """The text, closed where the reader blocks who wrote it."""
    text = text_of(said.post, said.attachments)
    if not said.folded:
        return text
    summary = escape(language.gettext("Written by somebody you block. Show it"))
    return SafeHtml(f"<details><summary>{summary}</summary>{text}</details>")


def post(
    said: Said,
    language: Language,
    *,
    reader_id: int | None,
    may_reply: bool,
    may_vote: bool = True,
    stewards: Collection[int],
    here: str,
) -> shapes.Post:
    """A post of a thread for this reader; `here` is the path of its discussion."""
    row = said.post
    gone = missing(row, language) or (_blocked(language) if said.hidden else "")
    own = row.author_id == reader_id
    steward = reader_id in stewards
    taken_out = row.removed_at is not None and row.deleted_at is None and row.confirmed
    keeps = taken_out and not said.hidden and (steward or own)
    may_vote = may_vote and reader_id is not None and not own and not gone
    answers = may_reply and not gone and row.locked_at is None
    return shapes.Post(
        id=row.id,
        author=name(said.author),
        at=row.published_at,
        html=SafeHtml("") if gone else _folded(said, language),
        url=f"#r{row.id}",
        parent_id=row.parent_id,
        edited_at=row.edited_at,
        helpful=0 if gone else row.likes + row.reported_likes,
        voted=said.my_vote > 0,
        vote_url=f"/p/{row.id}/helpful" if may_vote else "",
        reply_url=f"{here}?reply={row.id}#reply-form" if answers else "",
        acts=acts.of(row, language, reader_id, steward=steward, gone=bool(gone)),
        from_steward=row.author_id in stewards,
        lang=row.language or "",
        missing=gone,
        why=row.removal_reason if taken_out else "",
        kept=text_of(row, said.attachments) if keeps else None,
        pinned=row.pinned_at is not None and not gone,
        locked=row.locked_at is not None and not gone,
    )

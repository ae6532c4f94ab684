"""Discussions and replies on the wire: one id, a native view and a Note view."""

from html import escape
from typing import Any

from fedcop.activitypub.vocab.base import Object
from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.activitypub.vocab.write import attachment as write_attachment
from fedcop.activitypub.vocab.write import (
    exactly,
    hashtag,
    markdown_source,
    mention,
    timestamp,
    tombstone,
)
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.beside_text import (
    attachments_of,
    named,
    text_of,
    title_of,
    warning_of,
    with_particulars,
)
from fedcop.domain.posts.models import Kind, Post
from fedcop.domain.posts.tags import distinct, tag_name
from fedcop.domain.posts.view import PostView
from fedcop.domain.posts.words import LONGEST_SUMMARY, LONGEST_TITLE, Words
from fedcop.errors import Malformed
from fedcop.text.plain import excerpt, words
from fedcop.uris import PUBLIC

_NOTE_LIMIT = 5_000
_TITLE_FROM_TEXT = 120


class Discussion:
    """Thread starters and replies, whatever type other software gives them."""

    kinds: frozenset[str] = frozenset({Kind.DISCUSSION, Kind.REPLY})
    reads: frozenset[str] = frozenset(POST_TYPES)

    def words(self, wire: Object, mentioned: tuple[int, ...]) -> Words:
        """Read a Note, Page, Article …; a starter without a name gets its first sentence.

        What is said beside the text (a poll, an event, a picture) is said in words and links.
        """
        text, attachments = text_of(wire), attachments_of(wire)
        starter = wire.in_reply_to is None
        title = words(wire.name or "")[:LONGEST_TITLE]
        if not title and starter:
            title = title_of(wire, text, _TITLE_FROM_TEXT)
        html = with_particulars(wire, text if starter else named(title, text))
        if not title and not html and not attachments:
            raise Malformed("content: it says nothing")
        return Words(
            title=title if starter else "",
            html=html,
            source=wire.source_markdown,
            summary=excerpt(text or html, LONGEST_SUMMARY) or title if starter else "",
            language=wire.language,
            warning=warning_of(wire),
            mentioned=mentioned,
            attachments=attachments,
            hashtags=distinct(tag.name for tag in wire.tags if tag.type == "Hashtag"),
        )

    def native(self, view: PostView) -> dict[str, Any]:
        """An Article with its name, text, Markdown and a TL;DR; a reply is a Note for everyone."""
        post = view.post
        if post.parent_id is not None:
            return _note_base(view) | {"content": post.html} | _source(post)
        document = _common(view) | {
            "type": "Article",
            "name": post.title,
            "content": post.html,
            "mediaType": "text/html",
            "summary": post.summary,
            "preview": {"type": "Note", "content": f"<p>{escape(post.summary)}</p>"},
            "commentsEnabled": post.locked_at is None,
            "stickied": post.pinned_at is not None,
            "replies": f"{post.uri}/replies",
        }
        return document | _source(post)

    def note(self, view: PostView) -> dict[str, Any]:
        """A Note: the title in bold as its first paragraph, then the whole text.

        Mastodon shows an Article as title, summary and link only, and GoToSocial hides it behind a
        warning. Beyond 5,000 characters the beginning and a link stand for the text.
        """
        post = view.post
        if post.parent_id is not None:
            return self.native(view)
        document = _note_base(view)
        document["content"] = f"<p><strong>{escape(post.title)}</strong></p>{_fitting(post)}"
        if post.language:  # some read the text from here, and would lose its title
            document["contentMap"] = {post.language: document["content"]}
        if post.warning:
            document["summary"] = post.warning
            document["sensitive"] = True
        return document


def tombstone_of(post: Post) -> dict[str, Any]:
    """What stands in the place of a deleted post."""
    return tombstone(post.uri, post.type, post.published_at, post.deleted_at or post.removed_at)


def recipients(view: PostView) -> tuple[list[str], list[str]]:
    """`to` and `cc` of a post and of what is said about it: the community, the public, people."""
    cc = [view.community.followers_uri or f"{view.community.uri}/followers"]
    if view.parent_author is not None:
        cc.append(view.parent_author.uri)
    cc.extend(actor.uri for actor in view.mentioned)
    own = view.author.uri
    return [view.community.uri, PUBLIC], [uri for uri in dict.fromkeys(cc) if uri != own]


def _common(view: PostView) -> dict[str, Any]:
    """What both views share."""
    post = view.post
    to, cc = recipients(view)
    home = view.uris.host
    tags: list[Actor] = [view.community, *view.mentioned]
    if view.parent_author is not None:
        tags.append(view.parent_author)
    unique = {actor.uri: actor for actor in tags if actor.uri != view.author.uri}
    document: dict[str, Any] = {
        "id": post.uri,
        "attributedTo": view.author.uri,
        "to": to,
        "cc": cc,
        "audience": view.community.uri,
        "published": timestamp(post.published_at),
        "url": post.url or post.uri,
        "tag": [
            *(mention(actor.uri, f"@{handle(actor, home)}") for actor in unique.values()),
            *(hashtag(view.uris.tag_page(tag_name(it)), f"#{it}") for it in view.hashtags),
        ],
        "attachment": [
            write_attachment("Link", row.url, name=row.name, media_type=row.media_type)
            for row in view.attachments
        ],
        "sensitive": bool(post.warning),
    }
    if view.root.local:
        document["context"] = f"{view.root.uri}/context"
    if post.edited_at is not None:
        document["updated"] = exactly(post.edited_at)
    if post.language:
        document["contentMap"] = {post.language: post.html}
    return document


def _note_base(view: PostView) -> dict[str, Any]:
    document = _common(view) | {"type": "Note", "mediaType": "text/html"}
    if view.parent is not None:
        document["inReplyTo"] = view.parent.uri
    return document


def _source(post: Post) -> dict[str, Any]:
    return {"source": markdown_source(post.source)} if post.source else {}


def _fitting(post: Post) -> str:
    if len(words(post.html)) <= _NOTE_LIMIT:
        return post.html
    link = escape(post.url or post.uri, quote=True)
    beginning = escape(excerpt(post.html, _NOTE_LIMIT))
    return f'<p>{beginning}</p><p><a href="{link}">{link}</a></p>'

"""What of a post's words is in the tables, read from the document by a reader of its own."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Attachment, Mention, Post, PostTag, Tag
from fedcop.text.markdown import render
from fedcop.text.plain import words
from fedcop.text.sanitize import clean
from tests.replay.documents import Json, many

FORMER = "<p>Former words.</p>"
_MARKUP = re.compile(r"<[^>]*>")
_MOST = 16
_ATTACHED = {"Link", "Image", "Document", "Video", "Audio"}
_EVERYTHING = "everything"


def lost(session: Session, post: Post, wire: Json) -> list[str]:
    """What the document says, and somebody who reads it here would not learn."""
    found = [
        *(_text(post, wire)),
        *(_options_and_place(post, wire)),
        *(_pictures(session, post, wire)),
        *(_tags(session, post, wire)),
    ]
    return found + _about_it(post, wire)


def says_nothing(wire: Json) -> bool:
    """Whether nothing is left of a document that one could show."""
    spoken = ("name", "nameMap", "summary", "attachment", "image", "oneOf", "anyOf")
    if any(wire.get(key) for key in spoken):
        return False
    return not clean(wire.get("content") or "") and not (wire.get("contentMap") or {})


def _text(post: Post, wire: Json) -> list[str]:
    if post.html == FORMER:
        return [_EVERYTHING]
    sent = wire.get("content") or next(iter((wire.get("contentMap") or {}).values()), "") or ""
    markdown = wire.get("mediaType") == "text/markdown"
    text = render(sent) if markdown else clean(sent)
    missing = [] if text in post.html else ["its text"]
    name = words(wire.get("name") or "")[:200]
    if name and not (post.title == name if post.is_starter else name in words(post.html)):
        missing.append("its name")
    if post.is_starter and not post.title.strip():
        missing.append("a title")
    said = _flat(words(wire.get("summary") or ""))
    if said and said not in _flat(f"{post.html} {post.warning or ''}") and not _repeats(post, wire):
        missing.append("its summary")
    return missing


def _repeats(post: Post, wire: Json) -> bool:
    """Whether a summary is there for who does not show the text: below a long one, or the title."""
    beside = wire.get("type") not in {"Note", "Question"} and bool(post.html)
    return beside or _flat(wire.get("summary") or "").startswith(post.title or "\0")


def _options_and_place(post: Post, wire: Json) -> list[str]:
    shown = _flat(post.html)
    missing = [
        f"the choice {number}"
        for key in ("oneOf", "anyOf")
        for number, one in enumerate(many(wire.get(key)))
        if _flat(str(one.get("name", ""))) not in shown
    ]
    if wire.get("type") == "Event":
        if wire.get("startTime") and not re.search(r"\d{4}-\d\d-\d\d\d\d:\d\d", shown):
            missing.append("when it is")
        places = [one for one in many(wire.get("location")) if isinstance(one, dict)]
        if any(_flat(one.get("name") or "") not in shown for one in places):
            missing.append("where it is")
    return missing


def _pictures(session: Session, post: Post, wire: Json) -> list[str]:
    rows = select(Attachment.url).where(Attachment.post_id == post.id)
    there = {*session.scalars(rows), post.url}
    wanted: list[str] = []
    for thing in [one for one in many(wire.get("attachment")) if isinstance(one, dict)][:_MOST]:
        if thing.get("type") in _ATTACHED:
            wanted += [_href(thing.get("href") or thing.get("url"))]
    wanted += [_href(one) for one in many(wire.get("image"))[:1]]
    wanted = [url for url in wanted if url.startswith(("http://", "https://")) and " " not in url]
    missing = [f"the link of {number}" for number, url in enumerate(wanted) if url not in there]
    pages = [_href(one) for one in many(wire.get("url"))]
    if wire.get("type") in {"Video", "Audio"} and pages and there.isdisjoint(pages):
        missing.append("where it is seen")
    return missing


def _tags(session: Session, post: Post, wire: Json) -> list[str]:
    tags = [one for one in many(wire.get("tag")) if isinstance(one, dict)]
    here = select(Tag.name).join(PostTag, PostTag.tag_id == Tag.id)
    shown = set(session.scalars(here.where(PostTag.post_id == post.id)))
    place = session.get_one(Actor, post.community_id).name
    missing: list[str] = []
    for tag in tags:
        name = str(tag.get("name") or "").strip().lstrip("#").casefold()
        usable = name.isalnum() and not name.isdecimal()
        if tag.get("type") == "Hashtag" and usable and name not in shown | {place}:
            missing.append("a hashtag")
    named = [tag.get("href") for tag in tags if tag.get("type") == "Mention"]
    known = session.scalars(
        select(Actor.id).where(Actor.uri.in_([one for one in named if isinstance(one, str)]))
    )
    people = {one for one in known if session.get_one(Actor, one).type != "Group"}
    held = select(Mention.actor_id).where(Mention.post_id == post.id)
    return missing + ["a mention"] * bool(people - set(session.scalars(held)))


def _about_it(post: Post, wire: Json) -> list[str]:
    missing: list[str] = []
    says = wire.get("language") or wire.get("inLanguage")
    language = says.get("identifier") if isinstance(says, dict) else says
    if isinstance(language, str) and language not in {"und", post.language}:
        missing.append("its language")
    if wire.get("sensitive") is True and wire.get("summary") and not post.warning:
        missing.append("its warning")
    return missing


def _href(value: Any) -> str:
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict):
        value = value.get("href") or value.get("url")
    return value if isinstance(value, str) else ""


def _flat(html: str) -> str:
    return "".join(unescape(_MARKUP.sub("", html)).split())

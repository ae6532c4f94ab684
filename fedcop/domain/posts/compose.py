"""What a person here wrote, from Markdown to words that can be published."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.tags import distinct, tag_name
from fedcop.domain.posts.words import LONGEST_SOURCE, LONGEST_SUMMARY, LONGEST_TITLE, Words
from fedcop.errors import Invalid, Sentence
from fedcop.text import mentions
from fedcop.text.markdown import render
from fedcop.text.plain import excerpt
from fedcop.uris import Uris


def compose_starter(session: Session, uris: Uris, title: str, source: str) -> Words:
    """The words of a new discussion. Raises Invalid with fields `title` and `source`."""
    shown = " ".join(title.split())
    wrong = _wrong_source(source)
    if not shown:
        wrong["title"] = Sentence("Give it a title, so that others know whether they can help.")
    elif len(shown) > LONGEST_TITLE:
        wrong["title"] = Sentence(
            "At most {most} characters; the rest belongs into the text.", most=LONGEST_TITLE
        )
    if wrong:
        raise Invalid(fields=wrong)
    return _compose(session, uris, source, shown)


def compose_reply(session: Session, uris: Uris, source: str) -> Words:
    """The words of a reply. Raises Invalid with the field `source`."""
    wrong = _wrong_source(source)
    if wrong:
        raise Invalid(fields=wrong)
    return _compose(session, uris, source, "")


def _wrong_source(source: str) -> dict[str, str]:
    if not source.strip():
        return {"source": Sentence("Write something first.")}
    if len(source) > LONGEST_SOURCE:
        return {
            "source": Sentence(
                "At most {most} characters; yours has {count}.",
                most=LONGEST_SOURCE,
                count=len(source),
            )
        }
    return {}


def _compose(session: Session, uris: Uris, source: str, title: str) -> Words:
    text = source.replace("\r\n", "\n").strip()
    found = mentions.find(text)
    named = _named(session, uris, found)
    links = {at: actor.url or actor.uri for at, actor in named.items()}
    hashtags = distinct(found.hashtags)
    links |= {f"#{shown}": uris.tag_page(tag_name(shown)) for shown in hashtags}
    html = render(mentions.link(text, links))
    return Words(
        title=title,
        html=html,
        source=text,
        summary=(excerpt(html, LONGEST_SUMMARY) or title) if title else "",
        mentioned=tuple(dict.fromkeys(actor.id for actor in named.values())),
        hashtags=hashtags,
    )


def _named(session: Session, uris: Uris, found: mentions.Found) -> dict[str, Actor]:
    """The handles in a text that stand for somebody we know, and who that is."""
    wanted: dict[str, tuple[str, str | None]] = {}
    for handle in (*found.people, *found.communities):
        name, _, host = handle.lstrip("@!").lower().partition("@")
        wanted[handle] = (name, host if host and host != uris.host else None)
    if not wanted:
        return {}
    names = {name for name, _ in wanted.values()}
    query = (
        select(Actor, Host.name)
        .join(Host, Host.id == Actor.host_id, isouter=True)
        .where(Actor.name.in_(names), or_(Actor.host_id.is_(None), Host.name.is_not(None)))
        .where(Actor.deleted_at.is_(None))
    )
    rows = session.execute(query).all()
    known: dict[tuple[str, str | None], Actor] = {(row[0].name, row[1]): row[0] for row in rows}
    return {handle: known[key] for handle, key in wanted.items() if key in known}

"""What every ActivityStreams object has, and the table of those with more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar, cast

from fedcop.activitypub.vocab import values
from fedcop.errors import Malformed

MAX_TAGS = 100
MAX_ATTACHMENTS = 16
MAX_TAG_NAME = 256

_TAGS = frozenset({"Mention", "Hashtag", "Emoji"})
_ATTACHMENTS = frozenset({"Link", "Image", "Document", "Video", "Audio"})
_GROUPS = frozenset({"Group", "Organization", "Application", "Service"})
_SYNTAX = ("@graph", "@included", "@reverse")


@dataclass(frozen=True, slots=True)
class Tag:
    """A Mention (`href` is an actor), a Hashtag or an Emoji (`href` is its picture)."""

    type: str
    href: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A Link, Image, Document, Video or Audio with an address; `name` is its alt text."""

    type: str
    url: str
    name: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """Any object in one form.

    `content` and `summary` are as sent, not cleaned. `attributed_to` has a person before a group
    (PeerTube names both). `source_markdown` is there only if the sender says that it is Markdown.
    `url`, `context` and `replies` are hints; all other ids are strict. `raw` is the document.
    """

    type: str
    id: str | None
    raw: Mapping[str, Any]
    attributed_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    name: str | None = None
    summary: str | None = None
    content: str | None = None
    source_markdown: str | None = None
    media_type: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    in_reply_to: str | None = None
    url: str | None = None
    context: str | None = None
    replies: str | None = None
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sensitive: bool = False
    language: str | None = None
    comments_enabled: bool | None = None
    stickied: bool | None = None

    @property
    def author(self) -> str | None:
        """The one who wrote it: the first, a person before a group."""
        return self.attributed_to[0] if self.attributed_to else None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a document as this type; a strict field of the wrong kind raises Malformed."""
        return cls(**cls.fields(document))

    @classmethod
    def fields(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for this class; a subclass adds its own."""
        refuse_json_ld(document)
        language = _language(document)
        uri = document.get("id")
        fields: dict[str, Any] = {
            "type": type_of(document),
            "id": None if uri is None else values.identifier(uri, "id"),
            "raw": document,
            "language": language,
        }
        for key in document:  # most have a third of the fields: the others need no look
            reader = _READERS.get(key)
            if reader is not None:
                name, read_it = reader
                fields[name] = read_it(document, language)
        return fields


_CLASSES: dict[str, type[Object]] = {}
_Class = TypeVar("_Class", bound=type[Object])


def reads(*names: str) -> Callable[[_Class], _Class]:
    """Enter a class in the table of types."""

    def enter(cls: _Class) -> _Class:
        _CLASSES.update(dict.fromkeys(names, cls))
        return cls

    return enter


def class_for(type_name: str) -> type[Object] | None:
    """The class that reads this type, if there is one of its own."""
    return _CLASSES.get(type_name)


def read(document: Mapping[str, Any]) -> Object:
    """Read a document as what its type says; raises Malformed as `Object.read` does."""
    cls = _CLASSES.get(type_of(document))
    if cls is None:
        # a verb that we do not know (QuoteRequest, ChooseAnswer) still has a speaker
        unknown_verb = "actor" in document and "object" in document
        cls = _CLASSES.get("Activity", Object) if unknown_verb else Object
    return cls.read(document)


def embedded(value: object, field: str) -> Object | str | None:
    """What stands in `field`: an id, or an object; one that only names an id is that id."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return values.identifier(value, field)
    inner = cast("dict[str, Any]", value)
    if "type" not in inner and "id" in inner:
        refuse_json_ld(inner)
        return values.identifier(inner["id"], f"{field}.id")
    return read(inner)


def type_of(document: Mapping[str, Any]) -> str:
    """The type; of several the one that we know, none is "".

    Several types that we know mean different things to different readers: Malformed.
    """
    kind = document.get("type")
    if isinstance(kind, str):
        return kind
    names = values.many(kind)
    if not all(isinstance(one, str) for one in names):
        raise Malformed("“type” has to be a string.")
    known = [one for one in dict.fromkeys(names) if one in _CLASSES]
    if len(known) > 1:
        raise Malformed(f"“type” says several things at once: {', '.join(known)}.")
    return known[0] if known else names[0] if names else ""


def refuse_json_ld(document: Mapping[str, Any]) -> None:
    """Raise Malformed for JSON-LD syntax that means one thing to us and another to others."""
    for keyword in _SYNTAX:
        if keyword in document:
            raise Malformed(f"“{keyword}” is not read: send compacted ActivityStreams.")
    for plain in ("id", "type"):
        if plain in document and f"@{plain}" in document:
            raise Malformed(f"“{plain}” and “@{plain}” in one object: send only “{plain}”.")


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _language(document: Mapping[str, Any]) -> str | None:
    """As it is said, or as the key under which the text stands in its language map."""
    tag = values.language_tag(document.get("language"))
    if tag is None and "inLanguage" in document:  # schema.org, by Mobilizon
        tag = values.language_tag(document["inLanguage"])
    by_language = document.get("contentMap")
    if tag is None and isinstance(by_language, dict):
        content = document.get("content")
        words = cast("dict[str, Any]", by_language)
        keys = [key for key, text in words.items() if text == content] or list(words)
        tag = values.language_tag(keys[:1]) if len(keys) == 1 or content is None else None
    return tag


def _source(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    source = cast("dict[str, Any]", value)
    kind, content = source.get("mediaType"), source.get("content")
    is_markdown = isinstance(kind, str) and kind.partition(";")[0].strip() == "text/markdown"
    return content if is_markdown and isinstance(content, str) else None


def _attributed_to(value: object) -> tuple[str, ...]:
    people: list[str] = []
    groups: list[str] = []
    for one in values.many(value)[: values.MAX_RECIPIENTS]:
        if isinstance(one, dict):
            actor = cast("dict[str, Any]", one)
            if actor.get("id") is not None:
                uri = values.identifier(actor["id"], "attributedTo.id")
                (groups if actor.get("type") in _GROUPS else people).append(uri)
        else:
            people.append(values.identifier(one, "attributedTo"))
    return tuple(dict.fromkeys(people + groups))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [cast("dict[str, Any]", one) for one in values.many(value) if isinstance(one, dict)]


def _tags(value: object) -> tuple[Tag, ...]:
    found: list[Tag] = []
    for tag in _dicts(value):
        kind = tag.get("type")
        if kind not in _TAGS or len(found) >= MAX_TAGS:
            continue
        words = tag.get("name")
        name = words.strip()[:MAX_TAG_NAME] if isinstance(words, str) else ""
        address = tag.get("icon") if kind == "Emoji" else tag.get("href")
        href = values.link(address)
        if kind == "Mention" and not (href and values.is_id(href)):
            continue
        if href or name:
            found.append(Tag(kind, href, name))
    return tuple(found)


def _attachments(value: object) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for thing in _dicts(value):
        url = values.link(thing.get("href") or thing.get("url"))
        kind = thing.get("type")
        if kind not in _ATTACHMENTS or url is None or len(found) >= MAX_ATTACHMENTS:
            continue
        found.append(
            Attachment(
                kind,
                url,
                values.name(thing) or _string(thing.get("summary")),
                _string(thing.get("mediaType")),
                values.count(thing.get("width")),
                values.count(thing.get("height")),
            )
        )
    return tuple(found)


_Read = Callable[[Mapping[str, Any], str | None], Any]


def _whole(read_it: Callable[[Mapping[str, Any], str], Any], key: str) -> _Read:
    return lambda document, _: read_it(document, key)


def _one(read_it: Callable[[object], Any], key: str) -> _Read:
    return lambda document, _: read_it(document[key])


def _words(key: str) -> _Read:
    return lambda document, language: values.text(document, key, language)


def _is_true(value: object) -> bool:
    return value is True


_READERS: Mapping[str, tuple[str, _Read]] = {
    "attributedTo": ("attributed_to", _one(_attributed_to, "attributedTo")),
    "to": ("to", _whole(values.recipients, "to")),
    "cc": ("cc", _whole(values.recipients, "cc")),
    "audience": ("audience", _whole(values.recipients, "audience")),
    "name": ("name", lambda document, _: values.name(document)),
    "nameMap": ("name", lambda document, _: values.name(document)),
    "summary": ("summary", _words("summary")),
    "summaryMap": ("summary", _words("summary")),
    "content": ("content", _words("content")),
    "contentMap": ("content", _words("content")),
    "source": ("source_markdown", _one(_source, "source")),
    "mediaType": ("media_type", _one(_string, "mediaType")),
    "published": ("published", _one(values.moment, "published")),
    "updated": ("updated", _one(values.moment, "updated")),
    "startTime": ("start_time", _one(values.moment, "startTime")),
    "endTime": ("end_time", _one(values.moment, "endTime")),
    "inReplyTo": ("in_reply_to", _whole(values.reference, "inReplyTo")),
    "url": ("url", _one(values.link, "url")),
    "context": ("context", _whole(values.hint, "context")),
    "replies": ("replies", _whole(values.hint, "replies")),
    "tag": ("tags", _one(_tags, "tag")),
    "attachment": ("attachments", _one(_attachments, "attachment")),
    "sensitive": ("sensitive", _one(_is_true, "sensitive")),
    "commentsEnabled": ("comments_enabled", _one(values.flag, "commentsEnabled")),
    "stickied": ("stickied", _one(values.flag, "stickied")),
}
"""Which field a member of a document becomes, and how it is read."""

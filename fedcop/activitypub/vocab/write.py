"""Documents of our own, in the one form that every peer of the fediverse parses.

Arrays for `to`, `cc`, `tag` and `attachment`, both `to` and `cc` always there, attachments only
Link, Image and Document, times in whole seconds of UTC: Lemmy and Mbin refuse or lose the rest.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

_TERMS: Mapping[str, Any] = {
    "lemmy": "https://join-lemmy.org/ns#",
    "pt": "https://joinpeertube.org/ns#",
    "sc": "http://schema.org/",
    "toot": "http://joinmastodon.org/ns#",
    "litepub": "http://litepub.social/ns#",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "EmojiReact": "litepub:EmojiReact",
    "Lock": "lemmy:Lock",
    "commentsEnabled": "pt:commentsEnabled",
    "stickied": "lemmy:stickied",
    "distinguished": "lemmy:distinguished",
    "removeData": "lemmy:removeData",
    "moderators": {"@id": "lemmy:moderators", "@type": "@id"},
    "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "votersCount": "toot:votersCount",
    "language": "sc:inLanguage",
    "identifier": "sc:identifier",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
}

CONTEXT: Sequence[Any] = (ACTIVITYSTREAMS, SECURITY, _TERMS)
"""For objects and activities."""

ACTOR_CONTEXT: Sequence[Any] = (
    ACTIVITYSTREAMS,
    SECURITY,
    MULTIKEY,
    {**_TERMS, "assertionMethod": {"@id": "sec:assertionMethod", "@type": "@id"}},
)
"""For actors, whose `assertionMethod` is a Multikey (FEP-521a).

No context that all peers bundle defines the term itself, and Fedify, which expands what it reads,
finds no key where it is not defined.
"""

PROOF_CONTEXT: Sequence[Any] = (ACTIVITYSTREAMS, SECURITY, DATA_INTEGRITY, _TERMS)
"""For what carries a FEP-8b32 proof."""


def timestamp(when: datetime) -> str:
    """`2026-08-22T10:00:00Z`: whole seconds in UTC; `when` has to know its zone."""
    if when.tzinfo is None:
        raise ValueError("A time without a zone means another one on each server.")
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exactly(when: datetime) -> str:
    """As `timestamp`, to the millisecond: for `updated`, by which the later of two edits is known.

    Lemmy and Mbin write fractions of seconds, too, and everybody reads them.
    """
    if when.tzinfo is None:
        raise ValueError("A time without a zone means another one on each server.")
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def addressed(
    to: Sequence[str], cc: Sequence[str] = (), audience: str | None = None
) -> dict[str, Any]:
    """`to` and `cc` as arrays, even if empty, and `audience` as a string if there is one."""
    fields: dict[str, Any] = {"to": _ids(to), "cc": _ids(cc)}
    return fields if audience is None else fields | {"audience": audience}


def activity(
    type: str,
    *,
    id: str,
    actor: str,
    object: Mapping[str, Any] | str | Sequence[str],
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    audience: str | None = None,
    published: datetime | None = None,
    target: str | None = None,
    summary: str | None = None,
    tag: Sequence[Mapping[str, Any]] = (),
    context: bool = True,
    **extra: Any,
) -> dict[str, Any]:
    """An activity; `context=False` for one that is embedded. `extra` is added as it is."""
    document: dict[str, Any] = {"@context": list(CONTEXT)} if context else {}
    document |= {
        "id": id,
        "type": type,
        "actor": actor,
        "object": object if isinstance(object, str | Mapping) else list(object),
    }
    document |= addressed(to, cc, audience)
    if published is not None:
        document["published"] = timestamp(published)
    if target is not None:
        document["target"] = target
    if summary is not None:
        document["summary"] = summary
    if tag:
        document["tag"] = list(tag)
    return document | extra


def mention(href: str, name: str) -> dict[str, Any]:
    """A Mention; `name` is `@name@host` (a missing @ is added)."""
    return {"type": "Mention", "href": href, "name": name if name[:1] == "@" else f"@{name}"}


def hashtag(href: str, name: str) -> dict[str, Any]:
    """A Hashtag; `name` is `#word` (a missing # is added)."""
    return {"type": "Hashtag", "href": href, "name": name if name[:1] == "#" else f"#{name}"}


def attachment(
    type: Literal["Link", "Image", "Document"],
    address: str,
    *,
    name: str | None = None,
    media_type: str | None = None,
) -> dict[str, Any]:
    """A Link with `href`, or an Image or Document with `url`; `name` is the alt text.

    Nothing else: Lemmy refuses the whole object for an attachment that it does not know.
    """
    document: dict[str, Any] = {"type": type, "href" if type == "Link" else "url": address}
    if name:
        document["name"] = name
    if media_type:
        document["mediaType"] = media_type
    return document


def language(identifier: str, name: str) -> dict[str, str]:
    """A language as Lemmy reads it; a plain string fails its parse."""
    return {"identifier": identifier, "name": name}


def markdown_source(content: str) -> dict[str, str]:
    """What the author wrote, so that another server can show it for editing."""
    return {"content": content, "mediaType": "text/markdown"}


def tombstone(
    id: str,
    former_type: str | None = None,
    published: datetime | None = None,
    deleted: datetime | None = None,
    *,
    context: bool = True,
) -> dict[str, Any]:
    """What a deleted id answers with 410, and what a Delete has as its object."""
    document: dict[str, Any] = {"@context": ACTIVITYSTREAMS} if context else {}
    document |= {"id": id, "type": "Tombstone"}
    if former_type is not None:
        document["formerType"] = former_type
    if published is not None:
        document["published"] = timestamp(published)
    if deleted is not None:
        document["deleted"] = timestamp(deleted)
    return document


def ordered_collection(
    id: str,
    items: Sequence[Mapping[str, Any] | str] | None,
    total: int | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """A collection with its items inline; `items=None` says only how many there are.

    `total` is the number of items unless said otherwise; `extra` is added as it is.
    """
    document: dict[str, Any] = {"@context": list(CONTEXT), "id": id, "type": "OrderedCollection"}
    document["totalItems"] = len(items or ()) if total is None else total
    if items is not None:
        document["orderedItems"] = list(items)
    return document | extra


def ordered_page(
    id: str, part_of: str, items: Sequence[Mapping[str, Any] | str], next: str | None = None
) -> dict[str, Any]:
    """One page of a collection; without `next` it is the last."""
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": part_of,
        "orderedItems": list(items),
    }
    return document if next is None else document | {"next": next}


def _ids(uris: Sequence[str]) -> list[str]:
    if isinstance(uris, str):
        raise TypeError("Recipients are a list of ids, not one string.")
    return list(dict.fromkeys(uris))

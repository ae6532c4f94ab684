"""JSON that is not ActivityPub at its top: what else it is, or what it wraps."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from fedcop.activitypub import json
from fedcop.errors import FedcopError

_WORDS = frozenset(
    {
        *("attributedTo", "actor", "object", "to", "cc", "audience", "inReplyTo", "content"),
        *("contentMap", "summary", "name", "nameMap", "attachment", "tag", "published", "updated"),
        *("id", "url", "preferredUsername", "inbox", "publicKeyPem", "items", "orderedItems"),
    }
)
_MOST = 2_000
_LONGEST = 1 << 20


def has_type(document: Mapping[str, Any]) -> bool:
    """Whether it says what it is, in ActivityStreams or in expanded JSON-LD."""
    return "type" in document or "@type" in document


def known_as(document: Mapping[str, Any]) -> str | None:
    """What a document without a type is, if it is of another format; in words for a sentence."""
    links = document.get("links")
    if isinstance(links, list) and ("subject" in document or _is_index(cast("list[Any]", links))):
        return "a WebFinger or host-meta answer: it tells where an account or NodeInfo is"
    if "software" in document and "protocols" in document:
        return "a NodeInfo answer: it tells what software a server is"
    if "@context" in document and not document.keys() - {"@context", "@id"}:
        return "a JSON-LD context: it defines words, and says nothing"
    return None


def is_fragment(document: Mapping[str, Any]) -> bool:
    """Whether it speaks the words of ActivityStreams, though it does not say what it is."""
    return "@context" in document or not _WORDS.isdisjoint(document)


def wrapped(document: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The outermost documents inside a wrapper (the log of a request, a test's frame), with where
    each stands; JSON written as a string is opened.
    """
    level: list[tuple[str, Any]] = [("", document)]
    looked_at = 0
    while level:
        found: list[tuple[str, dict[str, Any]]] = []
        below: list[tuple[str, Any]] = []
        for at, value in level:
            for key, inner in _members(value):
                looked_at += 1
                if looked_at > _MOST:
                    return found
                where, thing = f"{at}.{key}" if at else key, _opened(inner)
                if isinstance(thing, dict) and _speaks(cast("dict[str, Any]", thing)):
                    found.append((where, cast("dict[str, Any]", thing)))
                elif isinstance(thing, dict | list):
                    below.append((where, cast("Any", thing)))
        if found:
            return found
        level = below
    return []


def _is_index(links: list[Any]) -> bool:
    return bool(links) and all(isinstance(one, dict) and "rel" in one for one in links)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from cast("dict[str, Any]", value).items()
    else:
        yield from ((str(number), one) for number, one in enumerate(cast("list[Any]", value)))


def _opened(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith("{") or len(value) > _LONGEST:
        return value
    try:
        return json.loads(value.strip().encode())
    except FedcopError:
        return value


def _speaks(value: dict[str, Any]) -> bool:
    kind = value.get("type", value.get("@type"))
    return isinstance(kind, str | list) and bool(
        {"id", "actor", "object", "@context"} & value.keys()
    )

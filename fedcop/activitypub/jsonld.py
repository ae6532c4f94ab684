"""Documents whose JSON-LD context is foreign, brought to the terms that we read.

Compacted ActivityStreams is plain JSON to us and never comes here. No context is ever loaded from
elsewhere: those that we know lie in the folder `contexts`, written from the published term tables.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

import orjson

from fedcop.activitypub.vocab.write import ACTIVITYSTREAMS
from fedcop.errors import Malformed

_PYLD = "fedcop.activitypub.compaction"
"""PyLD, and lxml with it, loaded for the first document that needs them: few servers meet one."""

# PyLD needs up to ten microseconds a byte of what is written to keep it busy
MAX_BYTES = 32 * 1024
MAX_MEMBERS = 1_500
MAX_DEPTH = 16
MAX_CONTEXTS = 8
MAX_TERMS = 150

_NAMESPACE = f"{ACTIVITYSTREAMS}#"
_TERMS = frozenset(
    {"actor", "object", "target", "attributedTo", "inReplyTo", "to", "cc", "audience", "content"}
)
_OURS: Mapping[str, frozenset[str]] = {
    "id": frozenset({"@id"}),
    "type": frozenset({"@type"}),
    **{term: frozenset({f"as:{term}", f"{_NAMESPACE}{term}"}) for term in _TERMS},
}
_MEANINGS = frozenset[str]().union(*_OURS.values())
_REFUSED = frozenset({"@graph", "@included", "@reverse", "@nest", "@import", "@propagate"})


def needs_compaction(document: Mapping[str, Any]) -> bool:
    """Whether plain reading would miss what this document says.

    So it is if it speaks with `@id` and `@type`, has prefixed or full names as types or terms, or
    has an inline context that renames, or gives another meaning to, what decides who says what to
    whom. A context that we do not know does not matter where the terms are ours: Mbin sends only
    one of its own.
    """
    kind = document.get("type")
    if kind is None and ("@type" in document or "@id" in document):
        return True
    if isinstance(kind, str) and ":" in kind:
        return True
    contexts: Any = document.get("@context")
    if contexts.__class__ is not list:
        contexts = [contexts]
    return any(one.__class__ is dict and _renames(one) for one in contexts)


def compact(document: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a document to our terms; what no context defines is left out.

    Raises Malformed for more than 32 KiB, 1,500 members, 16 levels, 8 contexts or 150 terms, for a
    context that is not bundled or stands inside a context, for JSON-LD that hides or turns around
    what is said (`@graph`, `@reverse`, …), and for what PyLD calls an error.
    """
    _refuse_large(document)
    found = import_module(_PYLD).compact(document)
    if not isinstance(found, dict) or "@graph" in found:
        raise Malformed("The JSON-LD has to be one object: send compacted ActivityStreams.")
    return _unwrapped(cast("dict[str, Any]", found))


def _renames(context: dict[str, Any]) -> bool:
    for term, meaning in context.items():
        iri = meaning.get("@id") if meaning.__class__ is dict else meaning
        ours = _OURS.get(term)
        if ours is not None:
            if iri.__class__ is not str or iri not in ours:
                return True
        elif iri.__class__ is str and iri in _MEANINGS:
            return True
    return False


def _refuse_large(document: Mapping[str, Any]) -> None:
    if len(orjson.dumps(dict(document))) > MAX_BYTES:
        raise Malformed(f"JSON-LD of more than {MAX_BYTES // 1024} KiB is not read.")
    contexts = terms = 0
    for count, (depth, key, value) in enumerate(_members(document)):
        if depth > MAX_DEPTH or count >= MAX_MEMBERS:
            raise Malformed("JSON-LD as deep or as long as this is not read.")
        if key in _REFUSED or (isinstance(value, str) and value in _REFUSED):
            raise Malformed("JSON-LD with @graph, @reverse and the like is not read.")
        if key == "@context":
            several = cast("list[Any]", value) if isinstance(value, list) else [value]
            inline = [cast("dict[str, Any]", one) for one in several if isinstance(one, dict)]
            contexts += len(several)
            terms += sum(len(context) for context in inline)
            _refuse_scoped(inline)
    if contexts > MAX_CONTEXTS or terms > MAX_TERMS:
        raise Malformed(f"JSON-LD of more than {MAX_CONTEXTS} contexts is not read.")


def _refuse_scoped(contexts: list[dict[str, Any]]) -> None:
    for context in contexts:
        for meaning in context.values():
            if isinstance(meaning, dict) and "@context" in meaning:
                raise Malformed("A context inside a context is not read.")


def _members(document: Mapping[str, Any]) -> Iterator[tuple[int, str, Any]]:
    """Each member and item with its depth and, for a member, its key."""
    level: list[Any] = [document]
    depth = 0
    while level:
        depth += 1
        below: list[Any] = []
        for container in level:
            if isinstance(container, Mapping):
                pairs = list(cast("Mapping[str, Any]", container).items())
            else:
                pairs = [("", item) for item in container]
            for key, value in pairs:
                yield depth, key, value
                if isinstance(value, dict | list):
                    below.append(value)
        level = below


def _unwrapped(value: Any) -> Any:
    """Typed and language-tagged values as the plain values that they hold."""
    if isinstance(value, list):
        return [_unwrapped(one) for one in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    pairs = cast("dict[str, Any]", value)
    if "@value" in pairs:
        return pairs["@value"]
    return {key: _unwrapped(one) if key != "@context" else one for key, one in pairs.items()}

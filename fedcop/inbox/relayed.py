"""What of an activity is kept and passed on: what its author says, and nothing of others."""

from typing import Any

import orjson

_FOR_NOBODY = ("bto", "bcc")
_COLLECTIONS = ("replies", "likes", "shares")
_SIGNS = tuple(f'"{name}"'.encode() for name in (*_FOR_NOBODY, *_COLLECTIONS))
_DEEPEST = 8


def relayable(body: bytes) -> bytes:
    """The JSON of an activity without `bto`, `bcc` and without what others are said to have said.

    Blind recipients go to nobody (ActivityPub, section 6). Objects that stand whole in `replies`,
    `likes` or `shares` are somebody else's words, for which the sender is no witness: of such a
    collection its id stays. Nearly all bodies have neither, and are answered byte for byte.
    """
    if not any(sign in body for sign in _SIGNS):
        return body
    document: Any = orjson.loads(body)
    return orjson.dumps(document) if _cleanse(document, 0) else body


def _cleanse(fields: Any, depth: int) -> bool:
    """Take out of an object, and of its own objects, what is not to go on; whether any was."""
    if fields.__class__ is not dict or depth > _DEEPEST:
        return False
    changed = False
    for name in _FOR_NOBODY:
        changed = fields.pop(name, None) is not None or changed
    for name in _COLLECTIONS:
        if _quotes(fields.get(name)):
            _reduce(fields, name)
            changed = True
    for one in _listed(fields.get("object")):
        changed = _cleanse(one, depth + 1) or changed
    return changed


def _quotes(collection: Any) -> bool:
    """Whether a collection, or its first page, has whole objects among its items."""
    if collection.__class__ is not dict:
        return collection.__class__ is list
    for name in ("items", "orderedItems"):
        if any(one.__class__ is dict for one in _listed(collection.get(name))):
            return True
    first = collection.get("first")
    return first.__class__ is dict and _quotes(first)


def _reduce(fields: dict[str, Any], name: str) -> None:
    """Leave the id of a collection, if it has one."""
    value = fields.pop(name)
    uri: Any = value.get("id") if value.__class__ is dict else None
    if uri.__class__ is str:
        fields[name] = uri


def _listed(value: Any) -> list[Any]:
    return value if value.__class__ is list else [value]

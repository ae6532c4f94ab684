"""The documents in a file: one, or each item of an array, or each line of a log."""

from collections.abc import Iterator
from typing import Any, cast

import orjson

from fedcop.domain.posts.objects import ObjectTypes
from fedcop.inbox.explain.documents import explain
from fedcop.inbox.explain.outcomes import Explanation, Outcome

LARGEST_FILE = 64 << 20


def explain_file(body: bytes, objects: ObjectTypes) -> Iterator[Explanation]:
    """What becomes of each document in these bytes, at least one answer. Never raises."""
    if len(body) > LARGEST_FILE:
        yield _refused(f"The file has more than {LARGEST_FILE >> 20} MiB.")
        return
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield _refused("This is UTF-16: JSON is sent in UTF-8.")
        return
    items = _array(body)
    if items is None:
        lines = _lines(body)
        items = lines or [body]
    elif not items:
        yield Explanation("", Outcome.IGNORED, "An empty array: there is no document in it.")
        return
    for number, item in enumerate(items, 1):
        found = explain(item, objects) if isinstance(item, bytes) else _refused(item)
        where = f"Item {number} of {len(items)}: " if len(items) > 1 else ""
        yield Explanation(found.type, found.outcome, where + found.reason)


def _array(body: bytes) -> list[bytes | str] | None:
    """The items of an array, each as a document or as words why it is none; None for no array."""
    if body.lstrip()[:1] != b"[":
        return None
    try:
        items: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return [_item(one) for one in cast("list[Any]", items)]


def _item(value: Any) -> bytes | str:
    if not isinstance(value, dict):
        return "An item of the array is no object: a document is one."
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        return f"An item of the array cannot be read: {error}."


def _lines(body: bytes) -> list[bytes | str] | None:
    """The lines of a log in which each is an object; None for anything else."""
    lines: list[bytes | str] = [line for line in body.splitlines() if line.strip()]
    if len(lines) < 2 or any(not _is_object(line) for line in lines):
        return None
    return lines


def _is_object(line: bytes | str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _refused(reason: str) -> Explanation:
    return Explanation("", Outcome.REFUSED, reason)

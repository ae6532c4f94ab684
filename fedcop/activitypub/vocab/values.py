"""Single values of a document, brought to one form.

Two manners. What decides who speaks about what (ids) is strict: the wrong kind of value raises
Malformed and names the field (security: an array where one id is expected is not "its first
element"). Everything else is lenient: what cannot be read is absent.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from fedcop.errors import Malformed
from fedcop.uris import PUBLIC

MAX_ID = 2_048
MAX_NAME = 2_048
MAX_RECIPIENTS = 1_000

_ID = re.compile(
    r"https?://(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#][^\s\x00-\x20\x7f<>\"\\^`{|}]*)?"
)
_PUBLIC_NAMES = frozenset({PUBLIC, "as:Public", "Public"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


@lru_cache(4_096)  # the same few ids stand all over a document, and in the next one
def is_id(value: str) -> bool:
    """Whether `value` can be an id: http(s), a lower-case host, no user, at most 2,048 bytes."""
    if len(value) > MAX_ID or _ID.fullmatch(value) is None:
        return False
    return value.isascii() or len(value.encode(errors="replace")) <= MAX_ID


def identifier(value: object, field: str) -> str:
    """`value` as an id; anything but a usable URL string raises Malformed."""
    if not isinstance(value, str):
        raise Malformed(f"“{field}” has to be one id, written as a string.")
    if not is_id(value):
        raise Malformed(f"“{field}” has to be an http(s) URL of at most {MAX_ID:,} bytes.")
    return value


def reference(document: Mapping[str, Any], field: str) -> str | None:
    """The id in `field`: a string, or an embedded object's id; an array raises Malformed.

    Absent, null, an empty array and an embedded object without an id are None.
    """
    value = document.get(field)
    if value is None or value == []:
        return None
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value).get("id")
        return None if inner is None else identifier(inner, f"{field}.id")
    return identifier(value, field)


def hint(document: Mapping[str, Any], field: str) -> str | None:
    """Like `reference`, for what nothing hangs on: None instead of Malformed."""
    value = document.get(field)
    if isinstance(value, dict):
        value = cast("dict[str, Any]", value).get("id")
    return value if isinstance(value, str) and is_id(value) else None


def many(value: object) -> list[Any]:
    """A list of what is one or many; null is none."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def recipients(document: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """The ids in `to`, `cc` or `audience`, at most 1,000; the three names of Public become one.

    Strings that are no http(s) URL address nobody that we could reach and are left out; a value
    that is neither string nor object raises Malformed.
    """
    found: dict[str, None] = {}
    for value in many(document.get(field))[:MAX_RECIPIENTS]:
        one = cast("dict[str, Any]", value).get("id") if isinstance(value, dict) else value
        if not isinstance(one, str):
            raise Malformed(f"“{field}” has to be ids, written as strings.")
        if one in _PUBLIC_NAMES:
            found[PUBLIC] = None
        elif is_id(one):
            found[one] = None
    return tuple(found)


def text(document: Mapping[str, Any], field: str, language: str | None = None) -> str | None:
    """The string in `field`, else the one of its language map (`fieldMap`)."""
    value = document.get(field)
    if isinstance(value, str):
        return value
    by_language = document.get(f"{field}Map")
    if not isinstance(by_language, dict):
        return None
    words = cast("dict[str, Any]", by_language)
    value = words.get(language or "")
    if not isinstance(value, str):
        value = next((word for word in words.values() if isinstance(word, str)), None)
    return value


def name(document: Mapping[str, Any]) -> str | None:
    """`name`, one line of at most 2,048 characters; empty is None."""
    value = text(document, "name")
    return (" ".join(value.split())[:MAX_NAME] or None) if value else None


def moment(value: object) -> datetime | None:
    """An ISO 8601 time in UTC (no zone is UTC); nonsense is None."""
    if not isinstance(value, str):
        return None
    try:
        when = datetime.fromisoformat(value.strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def flag(value: object) -> bool | None:
    """True and False; everything else is None."""
    return value if isinstance(value, bool) else None


def count(value: object) -> int | None:
    """A number of things; what is negative or no whole number is None."""
    return value if type(value) is int and value >= 0 else None


def language_tag(value: object) -> str | None:
    """A BCP 47 tag from a string, an {identifier} or the first of a list; "und" is None."""
    for one in many(value)[:1]:
        tag = cast("dict[str, Any]", one).get("identifier") if isinstance(one, dict) else one
        if isinstance(tag, str) and _LANGUAGE.fullmatch(tag) and tag != "und":
            return tag
    return None


def _links(value: object) -> Iterator[tuple[str, str]]:
    for one in many(value):
        if isinstance(one, str):
            yield one, ""
        elif isinstance(one, dict):
            link = cast("dict[str, Any]", one)
            href = link.get("href") or link.get("url")
            kind = link.get("mediaType")
            if isinstance(href, str):
                yield href, kind if isinstance(kind, str) else ""


def link(value: object) -> str | None:
    """The address in a string, a Link, or a list of them: text/html first, else the first."""
    usable = [(href, kind) for href, kind in _links(value) if is_link(href)]
    pages = [href for href, kind in usable if kind.startswith("text/html")]
    return pages[0] if pages else usable[0][0] if usable else None


def is_link(value: str) -> bool:
    """Whether `value` may stand in an href: http(s), no blanks, at most 2,048 characters."""
    scheme, colon, rest = value.partition("://")
    return (
        bool(colon)
        and scheme.lower() in {"http", "https"}
        and 0 < len(rest) <= MAX_ID
        and rest[0] not in "/\\?#"
        and value.isprintable()
        and " " not in value
    )

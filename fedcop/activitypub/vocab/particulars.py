"""What some types say beside their text: the options of a poll, where an event is, pictures, files.

It is read from the document only when a post is made of it, so that whatever passes by costs
nothing. Everything here is lenient: what cannot be read is absent.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.base import Attachment, Object

MAX_OPTIONS = 50
MAX_PLACES = 5
_FILES = ("video/", "audio/", "image/")
_ADDRESS = ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry")


def options(wire: Object) -> tuple[str, ...]:
    """What one can choose in a Question, at most 50 (`oneOf`, `anyOf`)."""
    found = (_label(one) for key in ("oneOf", "anyOf") for one in values.many(wire.raw.get(key)))
    return tuple(islice((one for one in found if one), MAX_OPTIONS))


def places(wire: Object) -> tuple[str, ...]:
    """Where it is, a line for each `location`: name and address, or the link of one online."""
    found = (_place(one) for one in values.many(wire.raw.get("location"))[:MAX_PLACES])
    return tuple(one for one in found if one)


def time_zone(wire: Object) -> ZoneInfo | None:
    """The zone in which an event is, if it says one that is known here (`timezone`, Mobilizon)."""
    name = wire.raw.get("timezone")
    if not isinstance(name, str) or len(name) > 64:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def media(wire: Object) -> tuple[Attachment, ...]:
    """The picture of a post (`image`), and the file that a Video, an Audio or an Image is.

    Of a video in several sizes it is the first; the page on which it is seen is `wire.url`.
    """
    found = [*_pictures(wire), *_files(wire)]
    known = {one.url for one in wire.attachments} | {wire.url}
    return tuple(one for one in found if one.url not in known)


def _label(value: object) -> str:
    if isinstance(value, dict):
        option = cast("dict[str, Any]", value)
        return values.name(option) or values.text(option, "content") or ""
    return value if isinstance(value, str) else ""


def _place(value: object) -> str:
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    place = cast("dict[str, Any]", value)
    address = place.get("address")
    if isinstance(address, dict):
        lines = cast("dict[str, Any]", address)
        parts = [lines.get(key) for key in _ADDRESS]
    else:
        parts = [address]
    parts = [values.name(place), *parts, values.link(place.get("url"))]
    return ", ".join(dict.fromkeys(one.strip() for one in parts if isinstance(one, str) and one))


def _pictures(wire: Object) -> Iterator[Attachment]:
    for one in values.many(wire.raw.get("image"))[:1]:
        url = values.link(one)
        if url is not None:
            words = values.name(cast("dict[str, Any]", one)) if isinstance(one, dict) else None
            yield Attachment("Image", url, words)


def _files(wire: Object) -> Iterator[Attachment]:
    for one in values.many(wire.raw.get("url")):
        link: Mapping[str, Any] = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        kind, url = link.get("mediaType"), values.link(link) if link else None
        if url is not None and isinstance(kind, str) and kind.startswith(_FILES):
            yield Attachment(kind.partition("/")[0].capitalize(), url, wire.name, kind)
            return

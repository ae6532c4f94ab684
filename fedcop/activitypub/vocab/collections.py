"""Collections and their pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.base import Object, embedded, reads
from fedcop.errors import Malformed

COLLECTION_TYPES = frozenset(
    {"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"}
)
MAX_ITEMS = 500


@reads(*COLLECTION_TYPES)
@dataclass(frozen=True, slots=True, kw_only=True)
class Collection(Object):
    """A collection or a page of one, ordered or not.

    `items` are the first 500, embedded or as ids, without those that cannot be read: a member is
    a hint where to look. `first` is the page itself if it is embedded (Mastodon's `replies`).
    """

    total_items: int | None = None
    items: tuple[Object | str, ...] = ()
    first: "Collection | str | None" = None
    next: str | None = None
    prev: str | None = None
    part_of: str | None = None

    @classmethod
    def fields(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = Object.fields(document)
        items = document.get("orderedItems", document.get("items"))
        first = _readable(document.get("first"))
        fields |= {
            "total_items": values.count(document.get("totalItems")),
            "items": tuple(
                item for one in values.many(items)[:MAX_ITEMS] if (item := _readable(one))
            ),
            "first": first if isinstance(first, str | Collection) else None,
            "next": values.hint(document, "next"),
            "prev": values.hint(document, "prev"),
            "part_of": values.hint(document, "partOf"),
        }
        return fields


def _readable(value: object) -> Object | str | None:
    try:
        return embedded(value, "items")
    except Malformed:
        return None

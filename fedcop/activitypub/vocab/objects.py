"""What is posted, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fedcop.activitypub.vocab import values
from fedcop.activitypub.vocab.base import Object, reads

THREAD_TYPES = frozenset(
    {"Article", "Page", "Question", "Event", "Video", "Audio", "Image", "Document", "Link"}
)
"""Types that other software starts a discussion with."""

POST_TYPES = THREAD_TYPES | {"Note"}
"""Types that are readable as a post."""

KNOWN_TYPES = POST_TYPES | {"ChatMessage", "Place", "Profile", "Relationship", "Object"}
reads(*KNOWN_TYPES)(Object)


@reads("Tombstone")
@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone(Object):
    """What stands where a post was; `former_type` and `deleted` are often not said."""

    former_type: str | None = None
    deleted: datetime | None = None

    @classmethod
    def fields(cls, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = Object.fields(document)
        former = document.get("formerType")
        fields |= {
            "former_type": former if isinstance(former, str) else None,
            "deleted": values.moment(document.get("deleted")),
        }
        return fields

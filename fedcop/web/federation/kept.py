"""The documents of our actors, kept as bytes until something that they say has changed.

Every server that hears of somebody asks for their document first. What this process changes counts
at once; what another process of the same server changes, after two seconds, as everywhere (and a
document may be fifteen seconds old by its own `Cache-Control`).
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from fedcop.db.changes import Changes, Version
from fedcop.outbox.documents import Answer
from fedcop.uris import Local

FRESH_SECONDS = 2.0
MOST = 2_000
RESTS_ON = ("actors", "keys", "communities", "wordings")
"""The tables that a document of an actor is made of."""


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    version: Version
    until: float


class KeptActors:
    """The documents that were asked for last."""

    def __init__(self, changes: Changes, most: int = MOST) -> None:
        self._changes, self._most = changes, most
        self._kept: OrderedDict[Local, _Kept] = OrderedDict()

    def version(self) -> Version:
        """To be noted before the document is read."""
        return self._changes.version(RESTS_ON)

    def find(self, local: Local) -> Answer | None:
        """The document as it was read, if nothing has changed since."""
        kept = self._kept.get(local)
        if kept is None or kept.until < time.monotonic() or kept.version != self.version():
            return None
        self._kept.move_to_end(local)
        return kept.answer

    def keep(self, local: Local, answer: Answer, version: Version) -> None:
        """Keep what was read when this was the version."""
        self._kept[local] = _Kept(answer, version, time.monotonic() + FRESH_SECONDS)
        self._kept.move_to_end(local)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


def tagged(answer: Answer) -> Answer:
    """The same with the entity tag of its content; a Tombstone has none."""
    if answer.status != 200:
        return answer
    tag = hashlib.blake2b(answer.body, digest_size=12).hexdigest()
    return replace(answer, etag=tag)

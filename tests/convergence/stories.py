"""Related activities about one post, of which any few may arrive in any order and more than once.

Left out is what contradicts itself without a word of its order: an Add and a Remove of the same,
a Like and a Dislike of one person. There the last to arrive holds, as it must.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doors.peers import Peer

Document = dict[str, Any]
CREATED, EDITED, AGAIN = (f"2026-11-0{day}T10:00:00Z" for day in (1, 2, 3))


@dataclass
class Cast:
    """Who speaks in one telling: everybody is elsewhere, and the post belongs to `place`."""

    place: str
    """The URI of the community."""
    featured: str
    starter: str
    """The discussion that the post answers, if it is a reply."""
    author: Peer
    liker: Peer
    doubter: Peer
    answerer: Peer
    steward: Peer
    is_reply: bool
    said: dict[str, tuple[Peer, Document]] = field(default_factory=dict)
    note: Document = field(default_factory=dict)

    def __post_init__(self) -> None:
        kind: Document = {"inReplyTo": self.starter}
        if not self.is_reply:
            kind = {"type": "Page", "name": "How to begin?", "audience": self.place}
        self.note = self.author.note(served=False, cc=[self.place], **kind)

    @property
    def uri(self) -> str:
        return self.note["id"]

    def version(self, names: set[str]) -> Document:
        """The post as its author's host has it when all of these were said."""
        if "delete" in names:
            return {"id": self.uri, "type": "Tombstone"}
        edits = [self.tell(name)[1]["object"] for name in ("edit", "again") if name in names]
        return edits[-1] if edits else self.note

    def tell(self, name: str) -> tuple[Peer, Document]:
        """Who says it, and what: the same each time."""
        if name not in self.said:
            self.said[name] = _WAYS[name](self)
        return self.said[name]

    def edited(self, words: str, at: str) -> Document:
        return self.note | {"content": f"<p>{words}</p>", "updated": at}

    def decides(self, verb: str, thing: Any, **more: Any) -> tuple[Peer, Document]:
        return self.steward, self.steward.says(verb, thing, cc=[self.place], **more)

    def takes_back(self, name: str) -> tuple[Peer, Document]:
        speaker, undone = self.tell(name)
        return speaker, speaker.says("Undo", undone, cc=[self.place])


def _create(cast: Cast) -> tuple[Peer, Document]:
    return cast.author, cast.author.creates(cast.note, cc=[cast.place])


def _update(words: str, at: str) -> Callable[[Cast], tuple[Peer, Document]]:
    return lambda cast: (cast.author, cast.author.says("Update", cast.edited(words, at)))


def _reply(cast: Cast) -> tuple[Peer, Document]:
    said = cast.answerer.note(inReplyTo=cast.uri, cc=[cast.place], content="<p>Indeed.</p>")
    return cast.answerer, cast.answerer.creates(said)


def _pin(cast: Cast) -> tuple[Peer, Document]:
    return cast.decides("Add", cast.uri, target=cast.featured)


_WAYS: dict[str, Callable[[Cast], tuple[Peer, Document]]] = {
    "create": _create,
    "edit": _update("Better.", EDITED),
    "again": _update("Best.", AGAIN),
    "delete": lambda cast: (cast.author, cast.author.says("Delete", cast.uri)),
    "like": lambda cast: (cast.liker, cast.liker.says("Like", cast.uri)),
    "unlike": lambda cast: cast.takes_back("like"),
    "dislike": lambda cast: (cast.doubter, cast.doubter.says("Dislike", cast.uri)),
    "undislike": lambda cast: cast.takes_back("dislike"),
    "reply": _reply,
    "boost": lambda cast: (cast.liker, cast.liker.says("Announce", cast.uri)),
    "lock": lambda cast: cast.decides("Lock", cast.uri),
    "unlock": lambda cast: cast.takes_back("lock"),
    "remove": lambda cast: cast.decides("Delete", cast.uri, summary="Off topic"),
    "restore": lambda cast: cast.takes_back("remove"),
    "pin": _pin,
    "unpin": lambda cast: cast.takes_back("pin"),
    "follow": lambda cast: (cast.author, cast.author.says("Follow", cast.place)),
    "unfollow": lambda cast: cast.takes_back("follow"),
}
NAMES = tuple(_WAYS)
"""In the order in which they are said."""

FOR_STARTERS = {"pin", "unpin"}
TO_OURS = {"follow", "unfollow", "boost"}
"""Said to a community of ours only; one elsewhere does not tell us."""


VOTES = {"like", "unlike", "dislike", "undislike"}
EXCLUDED = {"reply": {"lock", "remove"}}
"""A reply that comes to a community after the lock, or after what it answers was taken out, is
refused, and one that was there before stays."""


def possible(*, is_reply: bool, elsewhere: bool) -> list[str]:
    """What may be said about such a post in such a community."""
    left_out = (TO_OURS if elsewhere else set()) | (FOR_STARTERS if is_reply else set())
    return [name for name in NAMES if name not in left_out]


def completed(names: set[str], *, served: bool, elsewhere: bool) -> list[str]:
    """These in the order in which they are said, without what excludes each other, and with the
    Create where nothing goes without it."""
    for name, others in EXCLUDED.items():
        if name in names:
            names = names - others
    needed = set[str]()
    if not served or (names & VOTES if elsewhere else "restore" in names):
        needed = {"create"}
    return sorted(names | needed, key=NAMES.index)


def arranged(names: list[str], order: list[int], *, elsewhere: bool) -> list[int]:
    """The order, but the Create before what needs it.

    The votes that a community elsewhere announces are counts without names: on a post that was
    never seen here they are not kept. And to a community of ours nobody can bring what its stewards
    took out before it came, so that nothing is left to restore.
    """
    late = VOTES if elsewhere else {"remove"} if "restore" in names else set[str]()
    needing = {index for index, name in enumerate(names) if name in late}
    if not needing:
        return order
    create = names.index("create")
    first, other = order.index(create), min(map(order.index, needing))
    if first > other:
        order = order.copy()
        order[first], order[other] = order[other], order[first]
    return order

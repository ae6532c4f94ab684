"""What must be so in the end if every acknowledged line of the ledger counts exactly once."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import ACKNOWLEDGED, REFUSED, UNKNOWN, Entry, Read
from tests.faults.member import Written


@dataclass(slots=True)
class Post:
    """A post of somebody elsewhere."""

    author: str
    community: str
    parent: str | None
    mark: str
    edits: int = 0
    deleted: bool = False


@dataclass
class World:
    """Rows by their URIs, as they have to be."""

    posts: dict[str, Post] = field(default_factory=dict[str, Post])
    votes: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """(post, voter): the Like."""
    members: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """(community, member): the Follow."""
    notices: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """(reason, by whom, post): how often Ada was told."""
    said: dict[str, Entry] = field(default_factory=dict[str, Entry])
    """Everything that took effect, in its order."""
    maybe: dict[str, Entry] = field(default_factory=dict[str, Entry])
    """What nobody answered, and was not sent again: it may have taken effect, once."""
    written: list[Written] = field(default_factory=list[Written])
    """What a member wrote by the forms of the pages."""

    def deleted(self, uri: str) -> bool:
        return uri in self.posts and self.posts[uri].deleted


def of(ledger: Read) -> tuple[World, list[str]]:
    """The world of a ledger, and what is wrong with the answers themselves."""
    world, wrong = World(), list[str]()
    for entry in ledger.values():
        forged = bool(entry.what.get("forged"))
        kind = entry.kind
        if entry.contradicts_itself:
            wrong.append(f"{entry.id} was taken and refused: {entry.answers}")
        if entry.without_wait:
            wrong.append(f"{entry.id} was put off without Retry-After: {entry.answers}")
        if forged != (kind == REFUSED):
            wrong.append(f"{entry.id} ({entry.what['verb']}, forged: {forged}) was {kind}")
        if kind == ACKNOWLEDGED:
            world.said[entry.id] = entry
            _HAPPENS[entry.what["verb"]](world, entry.id, entry.what)
        elif kind == UNKNOWN and not forged:
            world.maybe[entry.id] = entry
    return world, wrong


def _follow(world: World, uri: str, what: Mapping[str, Any]) -> None:
    world.members[what["thing"], what["actor"]] = uri


def _create(world: World, _: str, what: Mapping[str, Any]) -> None:
    post = Post(what["actor"], what["community"], what["parent"], what["mark"])
    world.posts[what["thing"]] = post
    if what["notifies"]:
        world.notices[what["notifies"], what["actor"], what["thing"]] += 1


def _update(world: World, _: str, what: Mapping[str, Any]) -> None:
    post = world.posts[what["thing"]]
    post.mark = what["mark"]
    post.edits += 1


def _delete(world: World, _: str, what: Mapping[str, Any]) -> None:
    world.posts[what["thing"]].deleted = True


def _like(world: World, uri: str, what: Mapping[str, Any]) -> None:
    world.votes[what["thing"], what["actor"]] = uri


def _undo(world: World, _: str, what: Mapping[str, Any]) -> None:
    undone = what["of"]
    held = world.members if undone["verb"] == "Follow" else world.votes
    held.pop((undone["thing"], undone["actor"]), None)


_HAPPENS: Mapping[str, Callable[[World, str, Mapping[str, Any]], None]] = {
    "Follow": _follow,
    "Create": _create,
    "Update": _update,
    "Delete": _delete,
    "Like": _like,
    "Undo": _undo,
}

"""Reads the prose of the demo into typed values.

The words themselves are TOML files in this folder, written by hand: who lives on the two servers,
what they say to each other, what arrives while one looks on. Everything in them is invented, and
times are given in days before the start of the demo. `load_story()` is the only way in; what it
returns is frozen and already checked for its shape, so whoever seeds the demo need not look for
missing fields.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, TypeAlias, cast

Home: TypeAlias = Literal["rivers", "delta"]
"""The key of one of the two demo servers."""

_COMMUNITIES = ("watershed", "restoration", "fieldteaching")
_HANDLE = re.compile(r"[a-z]{3,12}\Z")
_ABSENT = object()


class BadStory(ValueError):
    """A file of the prose cannot be read; the message names the file and what to mend in it.

    Not a FedcopError: the prose comes with the program, so this is a fault of ours and never
    something that a visitor of the demo could put right.
    """


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the demo; `home` is the server on which it lives."""

    handle: str
    name: str
    home: Home
    bio: str


@dataclass(frozen=True, slots=True)
class ReplyStory:
    """A reply; `to` is the index of an earlier reply in the same discussion, None the starter."""

    author: str
    body: str
    days_ago: float
    to: int | None
    helpful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportStory:
    """Somebody asks the stewards to look at a discussion, which waits for the visitor."""

    by: str
    words: str


@dataclass(frozen=True, slots=True)
class DiscussionStory:
    """A discussion with its replies, which stand in order of time, the oldest first."""

    author: str
    title: str
    body: str
    days_ago: float
    pinned: bool
    helpful: tuple[str, ...]
    replies: tuple[ReplyStory, ...]
    reports: tuple[ReportStory, ...]


@dataclass(frozen=True, slots=True)
class CommunityStory:
    """A community with all that is said in it; `members` does not repeat the `stewards`."""

    name: str
    home: Home
    title: str
    purpose: str
    charter: str
    stewards: tuple[str, ...]
    members: tuple[str, ...]
    discussions: tuple[DiscussionStory, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """The handles of all who belong to it, the stewards first."""
        return self.stewards + self.members


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes in live from the other server while the visitor looks on.

    Either `title` is set and it opens a discussion, or `reply_to` is set and holds the exact
    title of a discussion of the same community.
    """

    community: str
    author: str
    body: str
    title: str | None
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the demo is seeded with, in the order of the files."""

    people: tuple[Person, ...]
    communities: tuple[CommunityStory, ...]
    arrivals: tuple[Arrival, ...]


def load_story() -> Story:
    """Read all prose of the demo from the package.

    Raises BadStory if a field is missing, of a wrong type, or not known here.
    """
    people = _Table.read("people.toml")
    arrivals = _Table.read("arrivals.toml")
    story = Story(
        people=tuple(_person(t) for t in people.tables("person")),
        communities=tuple(_community(name) for name in _COMMUNITIES),
        arrivals=tuple(_arrival(t) for t in arrivals.tables("arrival")),
    )
    people.done()
    arrivals.done()
    return story


class _Table:
    """A TOML table that hands out each field once, with its type, and knows what is left."""

    def __init__(self, where: str, fields: Mapping[str, object]) -> None:
        self.where = where
        self._fields = dict(fields)

    @classmethod
    def read(cls, name: str) -> "_Table":
        text = files(__name__).joinpath(name).read_text(encoding="utf-8")
        try:
            return cls(name, cast("dict[str, object]", tomllib.loads(text)))
        except tomllib.TOMLDecodeError as error:
            raise BadStory(f"{name}: not TOML: {error}") from error

    def _take(self, key: str, default: object = _ABSENT) -> object:
        value = self._fields.pop(key, default)
        if value is _ABSENT:
            raise BadStory(f"{self.where}: add the missing field {key!r}")
        return value

    def _wrong(self, key: str, kind: str) -> BadStory:
        return BadStory(f"{self.where}: make {key!r} {kind}")

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, "a text that is not empty")
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if key in self._fields else None

    def number(self, key: str) -> float:
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number")
        return float(value)

    def index_or_none(self, key: str) -> int | None:
        value = self._take(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._wrong(key, "a whole number from 0 up")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, default=False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def handle(self, key: str) -> str:
        value = self.text(key)
        if not _HANDLE.match(value):
            raise self._wrong(key, "a handle of 3 to 12 letters a-z")
        return value

    def handles(self, key: str) -> tuple[str, ...]:
        names: list[str] = []
        for value in self._list(key):
            if not isinstance(value, str) or not _HANDLE.match(value):
                raise self._wrong(key, "a list of handles of 3 to 12 letters a-z")
            names.append(value)
        return tuple(names)

    def home(self, key: str) -> Home:
        value = self._take(key)
        if value == "rivers":
            return "rivers"
        if value == "delta":
            return "delta"
        raise self._wrong(key, "'rivers' or 'delta'")

    def tables(self, key: str) -> list["_Table"]:
        found: list[_Table] = []
        for number, value in enumerate(self._list(key)):
            if not isinstance(value, dict):
                raise self._wrong(key, "a list of tables")
            fields = cast("dict[str, object]", value)
            found.append(_Table(f"{self.where}, {key} {number}", fields))
        return found

    def _list(self, key: str) -> Sequence[object]:
        value = self._take(key, ())
        if not isinstance(value, list | tuple):
            raise self._wrong(key, "a list")
        return cast("Sequence[object]", value)

    def done(self) -> None:
        if self._fields:
            raise BadStory(f"{self.where}: remove the unknown fields {sorted(self._fields)}")


def _person(table: _Table) -> Person:
    person = Person(
        handle=table.handle("handle"),
        name=table.text("name"),
        home=table.home("home"),
        bio=table.text("bio"),
    )
    table.done()
    return person


def _community(name: str) -> CommunityStory:
    first, more = _Table.read(f"{name}.toml"), _Table.read(f"{name}_more.toml")
    for table in (first, more):
        if table.text("name") != name:
            raise BadStory(f"{table.where}: make 'name' {name!r}, as the file is called")
    told = first.tables("discussion") + more.tables("discussion")
    community = CommunityStory(
        name=name,
        home=first.home("home"),
        title=first.text("title"),
        purpose=first.text("purpose"),
        charter=first.text("charter"),
        stewards=first.handles("stewards"),
        members=first.handles("members"),
        discussions=tuple(_discussion(t) for t in told),
    )
    first.done()
    more.done()
    return community


def _discussion(table: _Table) -> DiscussionStory:
    discussion = DiscussionStory(
        author=table.handle("author"),
        title=table.text("title"),
        body=table.text("body"),
        days_ago=table.number("days_ago"),
        pinned=table.flag("pinned"),
        helpful=table.handles("helpful"),
        replies=tuple(_reply(t) for t in table.tables("reply")),
        reports=tuple(_report(t) for t in table.tables("report")),
    )
    table.done()
    return discussion


def _reply(table: _Table) -> ReplyStory:
    reply = ReplyStory(
        author=table.handle("author"),
        body=table.text("body"),
        days_ago=table.number("days_ago"),
        to=table.index_or_none("to"),
        helpful=table.handles("helpful"),
    )
    table.done()
    return reply


def _report(table: _Table) -> ReportStory:
    report = ReportStory(by=table.handle("by"), words=table.text("words"))
    table.done()
    return report


def _arrival(table: _Table) -> Arrival:
    arrival = Arrival(
        community=table.text("community"),
        author=table.handle("author"),
        body=table.text("body"),
        title=table.text_or_none("title"),
        reply_to=table.text_or_none("reply_to"),
    )
    table.done()
    if (arrival.title is None) == (arrival.reply_to is None):
        raise BadStory(f"{table.where}: give either 'title' or 'reply_to'")
    return arrival

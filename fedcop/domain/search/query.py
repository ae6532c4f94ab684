"""What somebody typed into the search, taken apart; nothing that can be typed is an error."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fedcop.domain.posts.tags import tag_name
from fedcop.text.folding import fold

LONGEST = 500
_MOST_PARTS = 24
_MOST_WORDS = 12
_SHORTEST_BEGINNING = 2

_PART = re.compile(
    r"(?P<no>-?)(?:(?P<field>from|in|type):(?P<value>[^\s\"]+)|#(?P<tag>[^\s\"]+)"
    r'|"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_TYPES = {"discussion", "discussions", "reply", "replies"}


class Field(StrEnum):
    """By what a search can be narrowed."""

    FROM = "from"
    IN = "in"
    TYPE = "type"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; with `begins` the last one may go on."""

    words: tuple[str, ...]
    begins: bool = False
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Only what is (not) from, in, of a type, or tagged so. A handle has no sign before it."""

    field: Field
    value: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole query. It asks for nothing if it is empty."""

    phrases: tuple[Phrase, ...] = ()
    narrowed: tuple[Narrowing, ...] = ()

    @property
    def wanted(self) -> tuple[Phrase, ...]:
        return tuple(phrase for phrase in self.phrases if phrase.wanted)

    @property
    def unwanted(self) -> tuple[Phrase, ...]:
        return tuple(phrase for phrase in self.phrases if not phrase.wanted)

    @property
    def words(self) -> frozenset[str]:
        """Every word that is wanted."""
        return frozenset(word for phrase in self.wanted for word in phrase.words)

    @property
    def beginnings(self) -> frozenset[str]:
        """Those of them that may go on."""
        return frozenset(phrase.words[-1] for phrase in self.wanted if phrase.begins)

    @property
    def as_name(self) -> "Asked":
        """The words that are wanted as parts of a name, each of which may go on."""
        words = (word for phrase in self.wanted for word in phrase.words)
        return Asked(tuple(Phrase((word,), begins=True) for word in dict.fromkeys(words)))

    @property
    def is_empty(self) -> bool:
        """Whether it asks for everything less something: that finds nothing."""
        return not (self.wanted or self.is_held_by_person_or_tag or self._holds(Field.IN))

    @property
    def is_held_by_person_or_tag(self) -> bool:
        """Whether it asks for what one person said, or what carries a tag."""
        return self._holds(Field.FROM) or self._holds(Field.TAG)

    def _holds(self, field: Field) -> bool:
        return any(one.wanted and one.field is field for one in self.narrowed)


def parse(text: str) -> Asked:
    """Read words, "phrases", -not, from:@ana, in:community, type:reply, #tag.

    All of them have to hold. The last word may be the beginning of one, since people search while
    they type. At most 24 parts of 12 words each are read.
    """
    matches = [match for match in _PART.finditer(text[:LONGEST]) if match[0] != "-"]
    phrases: list[Phrase] = []
    narrowed: list[Narrowing] = []
    for match in matches[:_MOST_PARTS]:
        wanted = not match["no"]
        narrowing = _narrowing(match, wanted=wanted)
        if narrowing is not None:
            narrowed.append(narrowing)
            continue
        last = match is matches[-1] and match["phrase"] is None and wanted
        phrase = _phrase(match[0], begins=last, wanted=wanted)
        if phrase is not None:
            phrases.append(phrase)
    return Asked(tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(narrowed)))


def _narrowing(match: re.Match[str], *, wanted: bool) -> Narrowing | None:
    if match["tag"]:
        name = tag_name(match["tag"])
        return Narrowing(Field.TAG, name, wanted) if name else None
    field, value = (match["field"] or "").lower(), (match["value"] or "").lower()
    if field == Field.TYPE:
        kind = "reply" if value.startswith("repl") else "discussion"
        return Narrowing(Field.TYPE, kind, wanted) if value in _TYPES else None
    if field:
        handle = value.lstrip("@!")
        return Narrowing(Field(field), handle, wanted) if handle else None
    return None


def _phrase(text: str, *, begins: bool, wanted: bool) -> Phrase | None:
    words = tuple(fold(text)[:_MOST_WORDS])
    if not words:
        return None
    begins = begins and len(words[-1]) >= _SHORTEST_BEGINNING and words[-1].isascii()
    return Phrase(words, begins, wanted)


def as_fts5(asked: Asked) -> str:
    """The words in SQLite's query language. Folded words are letters and digits: none needs care.

    Source: SQLite's FTS5 documentation, section 3. Empty if no words are wanted.
    """
    wanted = " AND ".join(_fts5(phrase) for phrase in asked.wanted)
    unwanted = _fts5_any(asked.unwanted)
    return f"({wanted}) NOT ({unwanted})" if wanted and unwanted else wanted


def unwanted_as_fts5(asked: Asked) -> str:
    """What must not be found, as a query that finds it."""
    return _fts5_any(asked.unwanted)


def as_tsquery(asked: Asked) -> str:
    """The words in PostgreSQL's query language, as the text form of a tsquery."""
    wanted = [_tsquery(phrase) for phrase in asked.wanted]
    return " & ".join([*wanted, *(f"!{_tsquery(phrase)}" for phrase in asked.unwanted)])


def unwanted_as_tsquery(asked: Asked) -> str:
    """The same for PostgreSQL."""
    return " | ".join(_tsquery(phrase) for phrase in asked.unwanted)


def _fts5_any(phrases: Iterable[Phrase]) -> str:
    return " OR ".join(_fts5(phrase) for phrase in phrases)


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{"*" if phrase.begins else ""}'


def _tsquery(phrase: Phrase) -> str:
    words = [f"'{word}'" for word in phrase.words]
    if phrase.begins:
        words[-1] += ":*"
    return f"({' <-> '.join(words)})"

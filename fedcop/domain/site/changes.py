"""What changed between two versions of a text, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"\S+[^\S\n]*|[^\S\n]+|\n+")
_LINE = re.compile(r"[^\n]*\n+|[^\n]+")


class How(StrEnum):
    """What became of a piece of a text."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row that share their fate."""

    how: How
    text: str


def changes(before: str, after: str) -> Sequence[Piece]:
    """Both texts as one: joined, the kept and the added pieces are `after`, and the kept and the
    removed ones `before`. Lines are compared first, then the words of those that differ."""
    pieces: list[Piece] = []
    for how, old, new in _compare(_LINE.findall(before), _LINE.findall(after)):
        if how is How.KEPT:
            _put(pieces, How.KEPT, old)
            continue
        for kind, gone, come in _compare(_WORD.findall(old), _WORD.findall(new)):
            if kind is How.KEPT:
                _put(pieces, How.KEPT, gone)
            else:
                _put(pieces, How.REMOVED, gone)
                _put(pieces, How.ADDED, come)
    return pieces


def _compare(old: list[str], new: list[str]) -> list[tuple[How, str, str]]:
    """Stretches of both: KEPT with the same text twice, or ADDED with what stood and stands."""
    matcher = SequenceMatcher(None, old, new)
    return [
        (How.KEPT if tag == "equal" else How.ADDED, "".join(old[a:b]), "".join(new[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
    ]


def _put(pieces: list[Piece], how: How, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1].how is how:
        pieces[-1] = Piece(how, pieces[-1].text + text)
    else:
        pieces.append(Piece(how, text))

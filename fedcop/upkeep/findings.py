"""What was found when one thing about a server was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong; it is good to know."""
    WARNING = "warning"
    """It works, and will not for ever."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `words` say how it is, `mend` what to do about it."""

    check: str
    state: State
    words: str
    mend: str = ""


def ok(check: str, words: str) -> Finding:
    """It is as it should be."""
    return Finding(check, State.OK, words)


def note(check: str, words: str) -> Finding:
    """It could not be looked at, or there is nothing to look at."""
    return Finding(check, State.NOTE, words)


def warning(check: str, words: str, mend: str) -> Finding:
    """It works, and needs to be looked after."""
    return Finding(check, State.WARNING, words, mend)


def broken(check: str, words: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(check, State.BROKEN, words, mend)


def is_broken(findings: Sequence[Finding]) -> bool:
    """Whether anything at all is broken."""
    return any(finding.state is State.BROKEN for finding in findings)

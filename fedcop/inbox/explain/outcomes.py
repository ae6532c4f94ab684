"""What can become of a document of another server."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a document is to FedCoP, if those whom it names are known here.

    `Announce` and `Create` count as what they carry, `Undo` and `Delete` as what they take back.
    """

    ACTOR = "actor"
    POST = "post"
    REPLY = "reply"
    VOTE = "vote"
    MEMBERSHIP = "membership"
    MODERATION = "moderation"
    COLLECTION = "collection"
    DELIVERY_ONLY = "delivery-only"
    """Understood, accepted, and without an effect of its own."""
    IGNORED = "ignored"
    """Nothing here knows what it is."""
    REFUSED = "refused"
    """Something in it is wrong: the reason names the field, or the byte."""


Verdict = tuple[Outcome, str]
"""An outcome, and a plain sentence that names the rule."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A document's types from the outside in (`Announce/Create/Note`), and what becomes of it."""

    type: str
    outcome: Outcome
    reason: str


def a(kind: str) -> str:
    """The type with its article: `a Note`, `an Article`."""
    if not kind:
        return "a thing without a type"
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def one(kind: str) -> str:
    """The same at the beginning of a sentence."""
    return a(kind)[0].upper() + a(kind)[1:]

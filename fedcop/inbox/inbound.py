"""One activity as a handler gets it: what was said, by whom, and how we know."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar

from fedcop.activitypub.vocab.activities import Activity
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.errors import Gone, NotAllowed, Temporary, Unproved

A_co = TypeVar("A_co", bound=Activity, covariant=True)


class Proof(Enum):
    """On what it rests that this actor has said this."""

    SIGNED = "signed"
    """The request was signed by the actor, or by a community on the actor's own host."""
    FETCHED = "fetched"
    """The actor's own host serves it (or, for a Delete, no longer serves it)."""
    PROVED = "proved"
    """The document carries a valid proof made with a key of the actor (FEP-8b32)."""
    RELAYED = "relayed"
    """Only the community says so, and is believed where the matter is its own."""


class Awaiting(Temporary):
    """It is about something that has not arrived; the message waits for `uri`."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        super().__init__(f"{uri} has not arrived yet.")


@dataclass(frozen=True, slots=True)
class Means:
    """What handlers use besides the unit of work: the nouns, and the secret for keyed hashes."""

    objects: ObjectTypes
    secret: bytes


@dataclass(frozen=True, slots=True)
class Inbound(Generic[A_co]):
    """An activity that may be applied.

    `actor` is None only where a community alone reports an actor whom we do not know. `via` is the
    community that announced it. `raw` is the exact JSON of the activity itself.
    """

    activity: A_co
    actor: Actor | None
    proof: Proof
    via: Actor | None
    raw: bytes
    received_at: datetime
    orphan: bool = False
    """What it answers was asked for, and cannot be had."""

    @property
    def speaker(self) -> Actor:
        """The row of the actor.

        Raises Unproved if nobody has vouched for one, Gone if it left, and NotAllowed if an admin
        of this server stopped listening to it: what it takes back asks `withdrawer`.
        """
        speaker = self.withdrawer
        if speaker.suspended_at is not None:
            raise NotAllowed(f"{speaker.uri} is suspended here.")
        return speaker

    @property
    def withdrawer(self) -> Actor:
        """The row of the actor, for what they take back: also of one who is suspended.

        Raises Unproved if nobody has vouched for one, Gone if it left.
        """
        if self.actor is None or self.proof is Proof.RELAYED:
            raise Unproved(f"Nothing proves that {self.activity.actor} has said this.")
        if self.actor.deleted_at is not None:
            raise Gone(f"{self.actor.uri} has been deleted.")
        return self.actor

"""What the network said about one message, and what is still to be asked."""

from dataclasses import dataclass, field
from enum import Enum

from fedcop.activitypub.vocab.base import Object
from fedcop.errors import FedcopError
from fedcop.inbox.unwrap import Said


class Want(Enum):
    """For what a URI is asked."""

    ACTOR = "actor"
    """Its row, if we have none."""
    PROFILE = "profile"
    """Its row, as its host describes it now."""
    POST = "post"
    """Its row, with everything that it answers."""
    COPY = "copy"
    """What its own host says that it is, not stored."""
    GONE = "gone"
    """Whether its own host has it no longer."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to ask the network. A POST was announced by `via`, if that is given."""

    want: Want
    uri: str
    via: str | None = None


@dataclass(slots=True)
class Evidence:
    """The answers for one message, gathered in one or more rounds."""

    tried: set[Need] = field(default_factory=set[Need])
    copies: dict[str, Object] = field(default_factory=dict[str, Object])
    gone: set[str] = field(default_factory=set[str])
    """What its own host says was there and is no more (410)."""
    missing: set[str] = field(default_factory=set[str])
    """What its own host does not have or does not show us (404)."""
    troubles: dict[Need, FedcopError] = field(default_factory=dict[Need, FedcopError])
    fetches_left: int = 100

    def substitute(self, said: Said) -> Said:
        """The activity about the object as its own host served it, if that was asked."""
        copy = self.copies.get(said.activity.object_id or "")
        return said if copy is None or said.fetched else said.with_copy(copy)

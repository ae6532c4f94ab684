"""What can happen to people."""

from dataclasses import dataclass

from fedcop.work.facts import Fact


@dataclass(frozen=True, slots=True)
class PersonRegistered(Fact):
    """A person has an account here."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ProfileChanged(Fact):
    """A local person's name or description is another."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorDescribed(Fact):
    """What another server says about an actor of its own was read: first, anew, or that it is
    gone."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class InboxMoved(Fact):
    """An actor of another server is told things at another address than before."""

    actor_id: int
    from_inbox_id: int


@dataclass(frozen=True, slots=True)
class FollowAsked(Fact):
    """A person here would follow a person elsewhere; their server must be asked."""

    follower_id: int
    target_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Followed(Fact):
    """A person follows a person now; `again` if they did already and asked once more."""

    follower_id: int
    target_id: int
    uri: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Unfollowed(Fact):
    """A person no longer follows another, or took back their wish to."""

    follower_id: int
    target_id: int
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class FollowerDropped(Fact):
    """A person here no longer lets another follow them."""

    follower_id: int
    target_id: int
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class PersonMoved(Fact):
    """A person elsewhere has another account now."""

    actor_id: int
    to_id: int


@dataclass(frozen=True, slots=True)
class PersonLeft(Fact):
    """A person here deletes their account; the row stays, emptied, until the last word is told."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class DepartureGoesOn(Fact):
    """Some of what a person who left had said is deleted, and there is more."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class PersonCleared(Fact):
    """All that a person who left had said is deleted: the last word can be told."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class PersonSuspended(Fact):
    """An admin stopped a person, here or elsewhere."""

    actor_id: int
    by_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PersonReinstated(Fact):
    """An admin lets a person take part again."""

    actor_id: int
    by_id: int | None = None

"""What can happen to a community and its members."""

from dataclasses import dataclass

from fedcop.work.facts import Fact


@dataclass(frozen=True, slots=True)
class CommunityFounded(Fact):
    """There is a new community here."""

    community_id: int


@dataclass(frozen=True, slots=True)
class CommunityChanged(Fact):
    """A community of ours has another title, purpose or charter."""

    community_id: int


@dataclass(frozen=True, slots=True)
class JoinAsked(Fact):
    """A person here would join a community elsewhere; its server must be asked."""

    community_id: int
    actor_id: int
    follow_uri: str


@dataclass(frozen=True, slots=True)
class MemberJoined(Fact):
    """Somebody belongs to a community now; `again` if they did already and asked once more."""

    community_id: int
    actor_id: int
    follow_uri: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class MembershipGranted(Fact):
    """A community elsewhere has let a person from here in."""

    community_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class MemberLeft(Fact):
    """Somebody no longer belongs to a community, or took back their wish to."""

    community_id: int
    actor_id: int
    follow_uri: str | None = None

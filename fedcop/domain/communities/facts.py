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


@dataclass(frozen=True, slots=True)
class ApprovalAsked(Fact):
    """Somebody asks the stewards of a community of ours to let them write."""

    community_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class MemberApproved(Fact):
    """The stewards let a member of a community of ours write."""

    community_id: int
    actor_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class MemberRefused(Fact):
    """The stewards of a community of ours do not take somebody, or no longer."""

    community_id: int
    actor_id: int
    by_id: int
    follow_uri: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StewardAppointed(Fact):
    """Somebody looks after a community from now on."""

    community_id: int
    actor_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class StewardDismissed(Fact):
    """Somebody no longer looks after a community."""

    community_id: int
    actor_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class MemberBanned(Fact):
    """Somebody may not take part in a community; `with_posts`: what they wrote goes, too.

    `follow_uri` is the Follow by which they had belonged to it.
    """

    ban_id: int
    community_id: int
    actor_id: int
    by_id: int | None = None
    with_posts: bool = False
    follow_uri: str | None = None


@dataclass(frozen=True, slots=True)
class JoinRefused(Fact):
    """Somebody elsewhere who is banned would join a community of ours."""

    community_id: int
    actor_id: int
    follow_uri: str


@dataclass(frozen=True, slots=True)
class BanLifted(Fact):
    """Somebody may take part again."""

    ban_id: int
    community_id: int
    actor_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CommunityClosed(Fact):
    """A community of ours is only read from now on."""

    community_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class CommunityReopened(Fact):
    """A community of ours goes on."""

    community_id: int
    by_id: int | None = None

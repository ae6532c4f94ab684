"""What can happen to a post."""

from dataclasses import dataclass

from fedcop.work.facts import Fact


@dataclass(frozen=True, slots=True)
class PostPublished(Fact):
    """Something was said; `mentioned` are the ids of actors whom it names."""

    post_id: int
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostEdited(Fact):
    """The author has changed the words."""

    post_id: int
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostDeleted(Fact):
    """The author has taken it back."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PostRemoved(Fact):
    """The community has taken it out."""

    post_id: int
    by_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PostVoted(Fact):
    """A vote stands at `value` (0: taken back) after `before`; the uris name the activities."""

    post_id: int
    actor_id: int
    value: int
    before: int
    uri: str | None = None
    before_uri: str | None = None


@dataclass(frozen=True, slots=True)
class PostCopied(Fact):
    """The server of a remote actor has shown that it holds a post: it boosted or fetched it."""

    post_id: int
    actor_id: int


@dataclass(frozen=True, slots=True)
class PostRestored(Fact):
    """What the community had taken out stands again."""

    post_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class PostPinned(Fact):
    """A discussion stands first in its community."""

    post_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class PostUnpinned(Fact):
    """A discussion no longer stands first."""

    post_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class PostLocked(Fact):
    """Nobody can reply to it any more."""

    post_id: int
    by_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PostUnlocked(Fact):
    """It can be replied to again."""

    post_id: int
    by_id: int | None = None

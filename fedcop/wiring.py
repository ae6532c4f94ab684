"""The switchboard: which fact is answered by whom, which nouns we know, what is done nightly."""

from datetime import timedelta

from fedcop.domain.access.sweep import sweep_access
from fedcop.domain.communities.facts import (
    ApprovalAsked,
    BanLifted,
    CommunityChanged,
    CommunityClosed,
    CommunityFounded,
    CommunityReopened,
    JoinAsked,
    MemberApproved,
    MemberBanned,
    MemberJoined,
    MemberLeft,
    MemberRefused,
    MembershipGranted,
    StewardAppointed,
    StewardDismissed,
)
from fedcop.domain.moderation.facts import (
    Reported,
    ReportReopened,
    ReportResolved,
    ReportWithdrawn,
)
from fedcop.domain.notifications.notify import notify_published
from fedcop.domain.people.facts import (
    FollowAsked,
    Followed,
    FollowerDropped,
    PersonLeft,
    PersonMoved,
    PersonRegistered,
    PersonReinstated,
    PersonSuspended,
    ProfileChanged,
    Unfollowed,
)
from fedcop.domain.people.keys import KeyRing
from fedcop.domain.posts.facts import (
    PostCopied,
    PostDeleted,
    PostEdited,
    PostLocked,
    PostPinned,
    PostPublished,
    PostRemoved,
    PostRestored,
    PostUnlocked,
    PostUnpinned,
    PostVoted,
)
from fedcop.domain.posts.federation import Discussion
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.outbox.reactions import Tell
from fedcop.work.reactions import Reactions
from fedcop.work.schedule import Schedule

CATCH_UP_COMMUNITY = "catch_up_community"
"""The job that fetches what a community said before we listened to it."""

OBJECT_TYPES = ObjectTypes([Discussion()])

SILENT = frozenset(
    {
        PersonRegistered,
        PersonMoved,
        PersonLeft,
        PersonSuspended,
        PersonReinstated,
        CommunityFounded,
        ApprovalAsked,
        MemberApproved,
        MemberRefused,
        StewardAppointed,
        StewardDismissed,
        MemberBanned,
        BanLifted,
        CommunityClosed,
        CommunityReopened,
        PostRestored,
        PostPinned,
        PostUnpinned,
        PostLocked,
        PostUnlocked,
        Reported,
        ReportResolved,
        ReportReopened,
        ReportWithdrawn,
    }
)
"""Facts that nobody answers yet."""

SCHEDULE = Schedule({"sweep_access": (timedelta(days=1), sweep_access)})


def reactions(keys: KeyRing) -> Reactions:
    """Which fact is answered by whom. `keys` proves what we say."""
    tell = Tell(keys, OBJECT_TYPES)
    return (
        Reactions()
        .now(PostPublished, tell.tell_published, notify_published)
        .now(PostEdited, tell.tell_edited)
        .now(PostDeleted, tell.tell_deleted)
        .now(PostRemoved, tell.tell_removed)
        .now(PostVoted, tell.tell_voted)
        .now(PostCopied, tell.tell_copied)
        .now(JoinAsked, tell.tell_join_asked)
        .now(MemberJoined, tell.tell_joined)
        .later(MembershipGranted, CATCH_UP_COMMUNITY)
        .now(MemberLeft, tell.tell_left)
        .now(CommunityChanged, tell.tell_community_changed)
        .now(ProfileChanged, tell.tell_profile_changed)
        .now(FollowAsked, tell.tell_follow_asked)
        .now(Followed, tell.tell_followed)
        .now(FollowerDropped, tell.tell_follower_dropped)
        .now(Unfollowed, tell.tell_unfollowed)
    )

"""The switchboard: which fact is answered by whom, which nouns we know, what is done nightly."""

from datetime import timedelta
from functools import partial

from fedcop.domain.access.shut_out import shut_out_departed, shut_out_suspended
from fedcop.domain.access.sweep import sweep_access
from fedcop.domain.communities.facts import (
    ApprovalAsked,
    BanLifted,
    CommunityChanged,
    CommunityClosed,
    CommunityFounded,
    CommunityReopened,
    JoinAsked,
    JoinRefused,
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
from fedcop.domain.moderation.forget import forget_reporter
from fedcop.domain.moderation.record import (
    record_about_post,
    record_answer,
    record_ban,
    record_closing,
    record_lift,
    record_report,
    record_steward,
    record_suspension,
)
from fedcop.domain.network.sweep import sweep_journal
from fedcop.domain.notifications.forget import forget_notices
from fedcop.domain.notifications.notify import (
    notify_locked,
    notify_published,
    notify_removed,
    notify_restored,
    notify_unlocked,
)
from fedcop.domain.notifications.notify_members import (
    notify_appointed,
    notify_approval_asked,
    notify_approved,
    notify_ban_lifted,
    notify_banned,
    notify_closed,
    notify_dismissed,
    notify_refused,
    notify_reopened,
)
from fedcop.domain.notifications.notify_people import notify_followed, notify_moved
from fedcop.domain.notifications.notify_reports import notify_report_resolved, notify_reported
from fedcop.domain.notifications.sweep import sweep_notifications
from fedcop.domain.people.close import close_account
from fedcop.domain.people.facts import (
    ActorDescribed,
    DepartureGoesOn,
    FollowAsked,
    Followed,
    FollowerDropped,
    InboxMoved,
    PersonCleared,
    PersonLeft,
    PersonMoved,
    PersonRegistered,
    PersonReinstated,
    PersonSuspended,
    ProfileChanged,
    Unfollowed,
)
from fedcop.domain.people.keys import KeyRing
from fedcop.domain.posts.clear_out import clear_out
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
from fedcop.domain.posts.sweep import sweep_tags
from fedcop.domain.search.index import forget_person, forget_post, index_actor, index_post
from fedcop.inbox.sweep import sweep_messages
from fedcop.outbox.last_keys import forget_last_keys
from fedcop.outbox.look import follow_inbox
from fedcop.outbox.reactions import Tell
from fedcop.settings import Settings
from fedcop.work.facts import Fact
from fedcop.work.reactions import Reactions
from fedcop.work.schedule import Schedule
from fedcop.work.sweep import sweep_jobs

CATCH_UP_COMMUNITY = "catch_up_community"
"""The job that fetches what a community said before we listened to it."""

GO_ON_DEPARTING = "go_on_departing"
"""The job that deletes the next posts of somebody who deleted their account."""

OBJECT_TYPES = ObjectTypes([Discussion()])

SILENT: frozenset[type[Fact]] = frozenset()
"""Facts that nobody answers yet."""

FILL_SEARCH = "fill_search"
"""The job that indexes what was here before the index was."""

_NIGHTLY = timedelta(days=1)


def schedule(settings: Settings) -> Schedule:
    """What is done every night: what nobody needs any more is forgotten."""
    said = timedelta(days=settings.retention_days)
    read = timedelta(days=settings.notifications_days)
    return Schedule(
        {
            "sweep_access": (_NIGHTLY, sweep_access),
            "sweep_messages": (_NIGHTLY, partial(sweep_messages, keep=said)),
            "sweep_journal": (_NIGHTLY, partial(sweep_journal, keep=said)),
            "sweep_jobs": (_NIGHTLY, partial(sweep_jobs, keep=said)),
            "sweep_notifications": (_NIGHTLY, partial(sweep_notifications, keep=read)),
            "sweep_tags": (_NIGHTLY, sweep_tags),
            "forget_last_keys": (_NIGHTLY, forget_last_keys),
        }
    )


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
        .now(PostPublished, index_post)
        .now(PostEdited, index_post)
        .now(PostDeleted, forget_post)
        .now(PersonRegistered, index_actor)
        .now(ProfileChanged, index_actor)
        .now(ActorDescribed, index_actor)
        .now(InboxMoved, follow_inbox)
        .now(CommunityFounded, index_actor)
        .now(CommunityChanged, index_actor)
        .now(PersonLeft, forget_person)
        .now(PersonSuspended, shut_out_suspended)
        .now(PersonLeft, shut_out_departed, forget_notices, forget_reporter, close_account)
        .later(DepartureGoesOn, GO_ON_DEPARTING)
        .now(PersonCleared, tell.tell_departed)
        .now(MemberRefused, tell.tell_refused)
        .now(CommunityClosed, tell.tell_community_changed)
        .now(CommunityReopened, tell.tell_community_changed)
        # whom here it concerns
        .now(PostRemoved, notify_removed)
        .now(PostRestored, notify_restored)
        .now(PostLocked, notify_locked)
        .now(PostUnlocked, notify_unlocked)
        .now(Followed, notify_followed)
        .now(PersonMoved, notify_moved)
        .now(ApprovalAsked, notify_approval_asked)
        .now(MemberApproved, notify_approved)
        .now(MemberRefused, notify_refused)
        .now(StewardAppointed, notify_appointed)
        .now(StewardDismissed, notify_dismissed)
        .now(MemberBanned, notify_banned)
        .now(BanLifted, notify_ban_lifted)
        .now(CommunityClosed, notify_closed)
        .now(CommunityReopened, notify_reopened)
        .now(Reported, notify_reported)
        .now(ReportResolved, notify_report_resolved)
        # what stewards decide, as other servers hear it
        .now(PostRestored, tell.tell_restored)
        .now(PostPinned, tell.tell_pinned)
        .now(PostUnpinned, tell.tell_unpinned)
        .now(PostLocked, tell.tell_locked)
        .now(PostUnlocked, tell.tell_unlocked)
        .now(StewardAppointed, tell.tell_appointed)
        .now(StewardDismissed, tell.tell_dismissed)
        # bans and reports, and the log of what stewards and admins did
        .now(MemberBanned, tell.tell_banned, clear_out, record_ban)
        .now(BanLifted, tell.tell_lifted, record_lift)
        .now(JoinRefused, tell.tell_join_refused)
        .now(Reported, tell.tell_reported)
        .now(ReportWithdrawn, tell.tell_withdrawn)
        .now(ReportResolved, record_report)
        .now(ReportReopened, record_report)
        .now(PostRemoved, record_about_post)
        .now(PostRestored, record_about_post)
        .now(PostPinned, record_about_post)
        .now(PostUnpinned, record_about_post)
        .now(PostLocked, record_about_post)
        .now(PostUnlocked, record_about_post)
        .now(StewardAppointed, record_steward)
        .now(StewardDismissed, record_steward)
        .now(MemberApproved, record_answer)
        .now(MemberRefused, record_answer)
        .now(CommunityClosed, record_closing)
        .now(CommunityReopened, record_closing)
        .now(PersonSuspended, record_suspension)
        .now(PersonReinstated, record_suspension)
    )

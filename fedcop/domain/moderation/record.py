"""What stewards and admins did goes into the log: a reaction to each such fact."""

from fedcop.domain.communities.facts import (
    BanLifted,
    CommunityClosed,
    CommunityReopened,
    MemberApproved,
    MemberBanned,
    MemberRefused,
    StewardAppointed,
    StewardDismissed,
)
from fedcop.domain.communities.models import Ban, Community
from fedcop.domain.moderation.facts import ReportReopened, ReportResolved
from fedcop.domain.moderation.log import Deeds, write
from fedcop.domain.moderation.models import Deed, Report
from fedcop.domain.people.facts import PersonReinstated, PersonSuspended
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import (
    PostLocked,
    PostPinned,
    PostRemoved,
    PostRestored,
    PostUnlocked,
    PostUnpinned,
)
from fedcop.domain.posts.models import Post
from fedcop.work.unit_of_work import UnitOfWork

_ON_POSTS = {
    PostRemoved: Deeds.REMOVED,
    PostRestored: Deeds.RESTORED,
    PostPinned: Deeds.PINNED,
    PostUnpinned: Deeds.UNPINNED,
    PostLocked: Deeds.LOCKED,
    PostUnlocked: Deeds.UNLOCKED,
}
_ON_STEWARDS = {StewardAppointed: Deeds.APPOINTED, StewardDismissed: Deeds.DISMISSED}

OnPost = PostRemoved | PostRestored | PostPinned | PostUnpinned | PostLocked | PostUnlocked


def record_about_post(uow: UnitOfWork, fact: OnPost) -> None:
    """A steward did something with a post in a community that is logged here."""
    post = uow.get(Post, fact.post_id)
    if not _is_logged(uow, post.community_id, fact.by_id):
        return
    reason = fact.reason if isinstance(fact, PostRemoved | PostLocked) else ""
    write(
        uow,
        _ON_POSTS[type(fact)],
        community_id=post.community_id,
        by_id=fact.by_id,
        actor_id=post.author_id,
        post_id=post.id,
        reason=reason,
    )


def record_steward(uow: UnitOfWork, fact: StewardAppointed | StewardDismissed) -> None:
    """Somebody became a steward, or is one no longer."""
    if _is_logged(uow, fact.community_id, fact.by_id):
        _write_about(uow, _ON_STEWARDS[type(fact)], fact.community_id, fact.by_id, fact.actor_id)


def record_ban(uow: UnitOfWork, fact: MemberBanned) -> None:
    """Somebody was banned; until when stands in the subject."""
    if not _is_logged(uow, fact.community_id, fact.by_id):
        return
    ban = uow.get(Ban, fact.ban_id)
    write(
        uow,
        Deeds.BANNED,
        community_id=fact.community_id,
        by_id=fact.by_id,
        actor_id=fact.actor_id,
        subject=ban.until.isoformat(timespec="minutes") if ban.until else "",
        reason=ban.reason,
    )


def record_lift(uow: UnitOfWork, fact: BanLifted) -> None:
    """Somebody may take part again."""
    if _is_logged(uow, fact.community_id, fact.by_id):
        _write_about(uow, Deeds.LIFTED, fact.community_id, fact.by_id, fact.actor_id)


def record_answer(uow: UnitOfWork, fact: MemberApproved | MemberRefused) -> None:
    """Stewards let somebody write, or sent them away."""
    if isinstance(fact, MemberApproved):
        _write_about(uow, Deeds.APPROVED, fact.community_id, fact.by_id, fact.actor_id)
        return
    place, by, who = fact.community_id, fact.by_id, fact.actor_id
    _write_about(uow, Deeds.REFUSED, place, by, who, fact.reason)


def record_closing(uow: UnitOfWork, fact: CommunityClosed | CommunityReopened) -> None:
    """A community was closed, or goes on."""
    is_closed = isinstance(fact, CommunityClosed)
    notice = uow.get(Community, fact.community_id).closing_notice if is_closed else ""
    deed = Deeds.CLOSED if is_closed else Deeds.REOPENED
    write(uow, deed, community_id=fact.community_id, by_id=fact.by_id, reason=notice)


def record_suspension(uow: UnitOfWork, fact: PersonSuspended | PersonReinstated) -> None:
    """An admin stopped a person on this server, or lets them take part again."""
    if isinstance(fact, PersonSuspended):
        _write_about(uow, Deeds.SUSPENDED, None, fact.by_id, fact.actor_id, fact.reason)
    else:
        _write_about(uow, Deeds.REINSTATED, None, fact.by_id, fact.actor_id)


def record_report(uow: UnitOfWork, fact: ReportResolved | ReportReopened) -> None:
    """A report was answered, or is open again. Who reported stands nowhere here.

    Several reports of the same thing that are answered together are one line.
    """
    report = uow.get(Report, fact.report_id)
    resolved = isinstance(fact, ReportResolved)
    deed = Deeds.RESOLVED if resolved else Deeds.RESUMED
    key = (deed, report.community_id, report.target_id, report.post_id)
    if uow.recall(Deed, key) is not None:
        return
    row = write(
        uow,
        deed,
        community_id=report.community_id,
        by_id=fact.by_id,
        actor_id=report.target_id,
        post_id=report.post_id,
        reason=report.resolution if resolved else "",
    )
    uow.remember(key, row)


def _write_about(
    uow: UnitOfWork,
    deed: Deeds,
    community_id: int | None,
    by_id: int | None,
    actor_id: int,
    *reason: str,
) -> None:
    write(
        uow,
        deed,
        community_id=community_id,
        by_id=by_id,
        actor_id=actor_id,
        reason="".join(reason),
    )


def _is_logged(uow: UnitOfWork, community_id: int, by_id: int | None) -> bool:
    """Everything in our communities, and elsewhere what stewards of this server did."""
    if uow.get(Community, community_id).local:
        return True
    return by_id is not None and uow.get(Actor, by_id).is_local

"""What happens to reports, and whom it concerns."""

from collections.abc import Sequence

from sqlalchemy import select

from fedcop.domain.communities.queries import stewards
from fedcop.domain.moderation.facts import Reported, ReportResolved
from fedcop.domain.moderation.models import Report
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.notifications.send import send
from fedcop.domain.people.models import Account, Actor
from fedcop.work.unit_of_work import UnitOfWork


def notify_reported(uow: UnitOfWork, fact: Reported) -> None:
    """The stewards who are here, of whichever community; where there is none, the admins.

    The admins hear, too, of what is reported of a steward of ours, who may be the only one.
    """
    report = uow.get(Report, fact.report_id)
    place = report.community_id
    found: Sequence[Actor] = stewards(uow.session, place) if place is not None else ()
    _tell(uow, report, [actor.id for actor in found if actor.is_local], place)
    is_ours = place is not None and uow.get(Actor, place).is_local
    if place is None or (is_ours and report.target_id in {actor.id for actor in found}):
        admins = uow.session.scalars(select(Account.actor_id).where(Account.role == "admin"))
        _tell(uow, report, [one for one in admins if one not in {a.id for a in found}], None)


def _tell(uow: UnitOfWork, report: Report, people: list[int], place: int | None) -> None:
    send(
        uow,
        [one for one in people if one not in {report.reporter_id, report.target_id}],
        Reason.REPORTED,
        report.target_id,
        post_id=report.post_id,
        community_id=place,
        words=report.words,
        always=True,
    )


def notify_report_resolved(uow: UnitOfWork, fact: ReportResolved) -> None:
    """Whoever reported from here, with what was decided."""
    report = uow.get(Report, fact.report_id)
    if report.reporter_id is None or report.reporter_id == fact.by_id:
        return
    send(
        uow,
        [report.reporter_id],
        Reason.REPORT_ANSWERED,
        report.community_id or report.target_id,
        post_id=report.post_id,
        community_id=report.community_id,
        words=report.resolution,
        always=True,
    )

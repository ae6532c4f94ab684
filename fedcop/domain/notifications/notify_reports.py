"""What happens to reports, and whom it concerns."""

from sqlalchemy import select

from fedcop.domain.communities.queries import stewards
from fedcop.domain.moderation.facts import Reported, ReportResolved
from fedcop.domain.moderation.models import Report
from fedcop.domain.notifications.reasons import Reason
from fedcop.domain.notifications.send import send
from fedcop.domain.people.models import Account
from fedcop.work.unit_of_work import UnitOfWork


def notify_reported(uow: UnitOfWork, fact: Reported) -> None:
    """The stewards who are here, of whichever community; where there is none, the admins."""
    report = uow.get(Report, fact.report_id)
    if report.community_id is None:
        query = select(Account.actor_id).where(Account.role == "admin")
        people = list(uow.session.scalars(query))
    else:
        found = stewards(uow.session, report.community_id)
        people = [actor.id for actor in found if actor.is_local]
    send(
        uow,
        [one for one in people if one not in {report.reporter_id, report.target_id}],
        Reason.REPORTED,
        report.target_id,
        post_id=report.post_id,
        community_id=report.community_id,
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

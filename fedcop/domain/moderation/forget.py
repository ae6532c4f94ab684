"""Who reported something is forgotten with their account."""

from sqlalchemy import update

from fedcop.domain.moderation.models import Report, ReportState
from fedcop.domain.people.facts import PersonLeft
from fedcop.work.unit_of_work import UnitOfWork


def forget_reporter(uow: UnitOfWork, fact: PersonLeft) -> None:
    """What waits for an answer is still answered, without a name; of the rest the words go, too."""
    theirs = update(Report).where(Report.reporter_id == fact.actor_id)
    settled = theirs.where(Report.state != ReportState.OPEN).values(words="")
    uow.write()
    for statement in (settled, theirs.values(reporter_id=None)):
        uow.session.execute(statement, execution_options={"synchronize_session": False})

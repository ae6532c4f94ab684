"""Written texts with their versions: charters, guidelines, and the server's rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor
from fedcop.domain.site.models import Text, Wording
from fedcop.errors import Invalid, Sentence
from fedcop.text.markdown import render
from fedcop.work.unit_of_work import UnitOfWork

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a text and who wrote it; None: from the command line, or long gone."""

    wording: Wording
    by: Actor | None


def write(
    uow: UnitOfWork, subject_id: int, text: Text, source: str, by_id: int | None = None
) -> Wording:
    """Put a new version of a text in force. `source` is Markdown; an empty one ends the text.

    The same words again change nothing, and answer the version that stands. Nobody is asked for
    leave here. Raises Invalid, under the name of the text, beyond 20,000 characters.
    """
    words = source.replace("\r\n", "\n").strip()
    if len(words) > LONGEST:
        raise Invalid(fields={text.value: Sentence("At most {most} characters.", most=LONGEST)})
    standing = _newest(uow, subject_id, text)
    if standing is not None and standing.source == words:
        return standing
    wording = Wording(
        subject_id=subject_id,
        text=text,
        written_at=uow.now,
        source=words,
        html=render(words),
        by_id=by_id,
    )
    uow.add(wording)
    uow.remember((subject_id, text), wording)
    return wording


def current(session: Session, subject_id: int, text: Text) -> Wording | None:
    """The version in force; None if nobody ever wrote this text."""
    query = select(Wording).where(Wording.subject_id == subject_id, Wording.text == text)
    return session.scalar(query.order_by(Wording.id.desc()).limit(1))


def versions(session: Session, subject_id: int, text: Text) -> Sequence[Version]:
    """Every version, newest first."""
    query = (
        select(Wording, Actor)
        .join(Actor, Actor.id == Wording.by_id, isouter=True)
        .where(Wording.subject_id == subject_id, Wording.text == text)
        .order_by(Wording.id.desc())
    )
    return [Version(wording, by) for wording, by in session.execute(query)]


def _newest(uow: UnitOfWork, subject_id: int, text: Text) -> Wording | None:
    made_now = uow.recall(Wording, (subject_id, text))
    return made_now or current(uow.session, subject_id, text)

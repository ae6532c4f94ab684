"""Who answers which fact: now, in the same transaction, or later, as a job of its own."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Self, TypeVar

from fedcop.work.facts import Fact
from fedcop.work.jobs import Job
from fedcop.work.unit_of_work import UnitOfWork

F = TypeVar("F", bound=Fact)


class Reactions:
    """A table: a kind of fact, and the plain functions that answer it."""

    def __init__(self) -> None:
        self._now: defaultdict[type[Fact], list[Callable[[UnitOfWork, Any], None]]]
        self._now = defaultdict(list)
        self._later: defaultdict[type[Fact], list[str]] = defaultdict(list)

    def now(self, fact: type[F], *reactions: Callable[[UnitOfWork, F], None]) -> Self:
        """These answer in the transaction of the cause, and only write rows."""
        self._now[fact].extend(reactions)
        return self

    def later(self, fact: type[F], *jobs: str) -> Self:
        """For each of these names a job is written, with the fact's fields as its payload."""
        self._later[fact].extend(jobs)
        return self

    def __call__(self, uow: UnitOfWork, fact: Fact) -> None:
        for reaction in self._now[type(fact)]:
            reaction(uow, fact)
        for name in self._later[type(fact)]:
            uow.add(Job(name=name, payload=asdict(fact), due_at=uow.now))

    @property
    def facts(self) -> frozenset[type[Fact]]:
        """Every kind of fact that has an answer."""
        return frozenset(self._now) | frozenset(self._later)

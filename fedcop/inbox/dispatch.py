"""The table of verbs: which handler applies an activity of which class."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

from fedcop.activitypub.vocab.activities import Activity
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Activity)


class Handlers:
    """A handler answers True if the activity did something; one that did not leaves no trace."""

    def __init__(self) -> None:
        self._table: dict[type[Activity], Callable[[UnitOfWork, Inbound[Any], Means], bool]] = {}

    def on(self, verb: type[A], handler: Callable[[UnitOfWork, Inbound[A], Means], bool]) -> Self:
        """Let `handler` apply activities of this class."""
        self._table[verb] = handler
        return self

    def __call__(self, uow: UnitOfWork, inbound: Inbound[Activity], means: Means) -> bool:
        """Apply one activity; False for a verb that nobody handles."""
        handler = self._table.get(type(inbound.activity))
        return handler is not None and handler(uow, inbound, means)

    @property
    def verbs(self) -> frozenset[type[Activity]]:
        """Every verb with a handler."""
        return frozenset(self._table)

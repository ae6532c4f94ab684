"""What can happen to people."""

from dataclasses import dataclass

from fedcop.work.facts import Fact


@dataclass(frozen=True, slots=True)
class PersonRegistered(Fact):
    """A person has an account here."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ProfileChanged(Fact):
    """A local person's name or description is another."""

    actor_id: int

"""`Fact`: something that has happened, in the past tense. (An *event* is a meeting here.)"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """What has happened. Carries row ids and small values only, so that it can wait in a queue."""

"""What became of a document."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`outcome`, and why it is `nothing` or `refused`."""

    outcome: str
    why: str = ""

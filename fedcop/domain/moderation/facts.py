"""What can happen to a report, and to another server."""

from dataclasses import dataclass

from fedcop.work.facts import Fact


@dataclass(frozen=True, slots=True)
class Reported(Fact):
    """Somebody asks stewards, here or elsewhere, to look at something.

    `tell_home`: the server of who is reported shall hear, too, but not who reports.
    """

    report_id: int
    tell_home: bool = False


@dataclass(frozen=True, slots=True)
class ReportResolved(Fact):
    """The stewards have answered a report."""

    report_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportReopened(Fact):
    """The answer to a report is taken back."""

    report_id: int
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportWithdrawn(Fact):
    """Whoever reported has taken it back."""

    report_id: int

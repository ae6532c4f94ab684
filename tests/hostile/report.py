"""What all verdicts say together: for a person, for a program, for the page of quality."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.hostile.cases import SERIOUS
from tests.hostile.judge import Verdict
from tests.quality.record import Section

_RESULTS = ("passed", "failed", "not evaluated", "not yet applicable")
_SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many there were of each; `missing` names features, with the cases that wait for them."""

    cases: int
    passed: int
    failed: int
    unknown: int
    serious_failures: list[str]
    other_failures: list[str]
    not_evaluated: list[str]
    missing: dict[str, list[str]]
    seconds: float

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def as_text(self) -> str:
        waiting = sum(map(len, self.missing.values()))
        lines = [
            (
                f"{self.cases} cases: {self.passed} passed, {self.failed} failed, "
                f"{self.unknown} not evaluated, {waiting} not yet applicable, "
                f"in {self.seconds:.0f} s"
            ),
            f"sentences not evaluated: {len(self.not_evaluated)}",
            *(f"  {words}" for words in self.not_evaluated),
            *(f"not yet applicable ({f}): {', '.join(ids)}" for f, ids in self.missing.items()),
            f"failed, critical or high: {', '.join(self.serious_failures) or 'none'}",
            f"failed, medium or low: {', '.join(self.other_failures) or 'none'}",
        ]
        return "\n".join(lines) + "\n"


def summary(verdicts: Sequence[Verdict], seconds: float) -> Summary:
    missing: defaultdict[str, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.missing:
            missing[verdict.missing].append(verdict.case.id)
    failed = [verdict for verdict in verdicts if verdict.result == "failed"]
    return Summary(
        cases=len(verdicts),
        passed=sum(verdict.result == "passed" for verdict in verdicts),
        failed=len(failed),
        unknown=sum(verdict.result == "not evaluated" for verdict in verdicts),
        serious_failures=[one.case.id for one in failed if _serious(one)],
        other_failures=[one.case.id for one in failed if not _serious(one)],
        not_evaluated=[f"{v.case.id}: {words}" for v in verdicts for words in v.not_evaluated],
        missing=dict(missing),
        seconds=round(seconds, 1),
    )


def _serious(verdict: Verdict) -> bool:
    return verdict.case.severity in SERIOUS


def exit_status(verdicts: Sequence[Verdict]) -> int:
    """1 if a critical or high case, or a control, failed."""
    return int(any(v.result == "failed" and v.case.serious for v in verdicts))


def section(verdicts: Sequence[Verdict]) -> Section:
    """The section of docs/quality.md."""
    counts = Counter((v.case.area, v.case.severity, v.result) for v in verdicts)
    areas = list(dict.fromkeys(verdict.case.area for verdict in verdicts))
    rows: list[list[str]] = []
    for area in areas:
        row = [area]
        for severity in _SEVERITIES:
            passed = counts[area, severity, "passed"]
            every = sum(counts[area, severity, result] for result in _RESULTS)
            row.append(f"{passed} of {every}" if every else "")
        waiting = sum(counts[area, severity, "not yet applicable"] for severity in _SEVERITIES)
        rows.append([*row, str(waiting)])
    found = summary(verdicts, 0)
    notes = [
        f"Not yet applicable, for want of {feature}: {len(ids)}."
        for feature, ids in found.missing.items()
    ]
    notes += [f"Failed: {v.case.title} ({v.failures[0]})" for v in verdicts if v.failures]
    notes.append(f"Sentences that could not be evaluated: {len(found.not_evaluated)}.")
    return Section(
        title="Hostile requests",
        words=(
            "`python -m tests.hostile` plays a catalogue of attacks, and of honest requests that "
            "must not be mistaken for them, against a real server process: passed of all, by "
            "area and severity."
        ),
        headings=["area", *_SEVERITIES, "not yet applicable"],
        rows=rows,
        notes=notes,
    )

"""Lists of blocked hosts as other servers write and read them: CSV.

The columns are those of Mastodon's export: `#domain,#severity,#public_comment` and more, which are
passed over. A list without a head is one name a line.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from fedcop.domain.network.models import Attitude, HostPolicy
from fedcop.domain.network.policies import LONGEST_REASON, canonical
from fedcop.errors import Invalid

_BLOCKS = frozenset({"suspend", "block", ""})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = ("#domain", "#severity", "#public_comment")


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a list: the canonical name, whether it blocks, and why."""

    name: str
    attitude: Attitude
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a list says, and its lines that say nothing that we can do."""

    entries: tuple[Entry, ...]
    passed_over: tuple[str, ...]


def read(text: str) -> Read:
    """The decisions of a list. `suspend` and `block` block, `allow` allows, the rest is passed."""
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if any(row)]
    if rows and rows[0][0].strip().lower().lstrip("#") == "domain":
        head = [cell.strip().lower().lstrip("#") for cell in rows.pop(0)]
    else:
        head = ["domain"]
    found: dict[str, Entry] = {}
    passed: list[str] = []
    for row in rows:
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        entry = _entry(cells)
        if entry is None:
            passed.append(",".join(row))
        else:
            found[entry.name] = entry
    return Read(tuple(found.values()), tuple(passed))


def written(policies: Iterable[HostPolicy]) -> str:
    """These decisions as a list that `read` and other servers read."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEAD)
    for policy in policies:
        severity = "suspend" if policy.attitude == Attitude.BLOCK else "allow"
        writer.writerow([_plain(cell) for cell in (policy.name, severity, policy.reason)])
    return out.getvalue()


def _entry(cells: dict[str, str]) -> Entry | None:
    severity = cells.get("severity", "").lower()
    if severity not in {*_BLOCKS, "allow"}:
        return None
    try:
        name = canonical(cells.get("domain", ""))
    except Invalid:
        return None
    reason = cells.get("public_comment", "") or cells.get("reason", "")
    attitude = Attitude.ALLOW if severity == "allow" else Attitude.BLOCK
    return Entry(name, attitude, reason[:LONGEST_REASON])


def _plain(cell: str) -> str:
    """What a spreadsheet would take for a formula is told apart by a quote."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

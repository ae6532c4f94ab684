"""Profiles as tables: for a person, and beside those of an earlier version in docs/quality.md."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.table import Table

from tests.bench.profile import DEAREST, Profile, Share
from tests.quality.record import Section, keep

_HEADINGS = ["figure", "before", "share", "after", "share"]
_TITLE = "Where the time goes"
_WORDS = (
    "The ten functions that took most CPU time by themselves, before the speed was worked at and "
    "now: their share of what the measured part of a bench used; in brackets, with all that they "
    "called. The shares of two columns are of different wholes: a function that is as dear as "
    "before has a larger share of less."
)
_NOTES = [
    """The program is looked at now and then, and what it uses counts for the function where it
    stands; one that is followed call by call looks the dearer the more it calls. What is below 2 %
    is uncertain.""",
    """C code counts for the Python function that called it: RSA for who signs and verifies, SQLite
    for who executes a statement. `asyncio.runners.Runner.run` is the event loop itself (uvloop:
    sockets, TLS, timers), a part of which counts for what it calls next.""",
    "What the bench itself uses is left out, and so are the processes of PostgreSQL.",
]


def shown_profiles(profiles: Sequence[Profile]) -> list[Table]:
    """A table for each figure, for a person."""
    tables: list[Table] = []
    for it in profiles:
        table = Table(title=f"{it.title}{_took(it, None)}")
        for heading in ("", "itself", "with calls"):
            table.add_column(heading, justify="right" if heading else "left")
        for share in it.functions[:DEAREST]:
            table.add_row(share.name, f"{share.own:.1%}", f"{share.whole:.1%}")
        tables.append(table)
    return tables


def sections(after: Sequence[Profile], before: Sequence[Profile]) -> Iterator[tuple[str, Section]]:
    """The sections of the page by their names: one of words, then one for each bench."""
    yield "profiles", Section(_TITLE, _WORDS, notes=[" ".join(it.split()) for it in _NOTES])
    earlier = {(it.figure, it.on): it for it in before}
    for bench in dict.fromkeys(it.bench for it in after):
        rows: list[list[str]] = []
        for it in after:
            if it.bench == bench:
                rows += _rows(it, earlier.get((it.figure, it.on)))
        words = f"What `scripts/bench --only {bench}` measures."
        yield f"profiles-{bench}", Section(f"{_TITLE}: {bench}", words, _HEADINGS, rows)


def keep_profiles(after: Sequence[Profile], before: Sequence[Profile]) -> None:
    """Write the sections of all that was profiled."""
    for name, section in sections(after, before):
        keep(name, section)


def _rows(after: Profile, before: Profile | None) -> list[list[str]]:
    """Ten rows; the first says which figure it is, and what a unit of it took."""
    label = f"**{after.title}**{_took(after, before)}"
    earlier = [] if before is None else before.functions[:DEAREST]
    rows: list[list[str]] = []
    for was, now in zip_longest(earlier, after.functions[:DEAREST]):
        rows.append([label if not rows else "", *_cells(was), *_cells(now)])
    return rows


def _took(after: Profile, before: Profile | None) -> str:
    if not after.unit:
        return ""
    earlier = "" if before is None else f"{before.us:,.0f} → "
    return f": {earlier}{after.us:,.0f} CPU µs / {after.unit}"


def _cells(share: Share | None) -> list[str]:
    if share is None:
        return ["", ""]
    return [f"`{share.name}`", f"{share.own:.1%} ({share.whole:.0%})"]

"""The figures of the bench as sections of the page of quality."""

from collections.abc import Sequence

from tests.bench.growth import SIZES, Curve
from tests.bench.measure import Figure
from tests.quality.record import Section, keep

_SECTIONS = {
    "inbox": (
        "What comes in",
        "What it costs to take an activity in, and all that follows from it.",
    ),
    "outbox": ("What goes out", "What it costs to tell others: one announcement, many servers."),
    "pages": ("What is read", "Pages and documents, alone and while much else is being done."),
}
_GROUPS = {"inbox": "inbox", "fanout": "outbox", "flight": "outbox"}
_RATIO = (
    "A ratio is what the machine needs at least, divided by what FedCoP needs: 1 would be perfect, "
    "and both were measured in the same run."
)
_WHY = {
    "inbox-accept": "the limit reads, verifies and answers; the door also reads the JSON without "
    "surprises, checks who says what, the digest, the date and what was signed, asks whether "
    "signer and host are suspended or new, takes one from the host's rate, and counts. Called "
    "again and again by itself all of that takes some 30 µs; between a hundred connections, with "
    "nothing of it in the caches of the processor, two to three times as long. Tried: no routing "
    "and no middleware before the inbox, one look at the JSON, keys and counters kept, huge pages",
    "inbox-forged": "as inbox-accept, up to the signature, and a refusal in words",
    "inbox-durable": "a row of the inbox through SQLAlchemy and the driver, and the note that its "
    "host was heard; hundreds share one commit already",
    "inbox-processed good": "the objects of SQLAlchemy, some thirty statements for a batch, and "
    "cleaning the HTML twice: for the page and for the search",
    "inbox-processed spoilt": "the batch is undone and done again without the one that is refused",
    "fanout-told": "one row for the audience, through SQLAlchemy",
    "fanout-spread": "the database itself reads, joins and writes the rows by one statement: two "
    "thirds of the time on SQLite, nine tenths on PostgreSQL. Half of that or more is writing. "
    "Tried: the order of the table, one statement for each thing, conditions by lists",
    "fanout-warm http": "the signature is a third; the rest is aiohttp's request and answer, and a "
    "log line for each delivery; statements are a twentieth. Tried: one header block a body, "
    "sessions without cookies, settling a hundred hosts together",
    "fanout-warm https": "as http, and the encryption of each request by Python's ssl",
    "fanout-two-workers": "as http, and one more connection to each host; a round brings half as "
    "much, so that its statements, a twentieth of the whole, are twice as many for a delivery",
    "fanout-arrival": "three hundred new connections are opened at once, by one process",
    "flight-cpu": "more open sockets, and their timers",
    "flight-bad-hosts": "each bad host costs its tries, and the timers of what hangs. Other runs "
    "on the same machine had 0.94 to 1.04: its speed changes by as much from one minute to the "
    "next",
    "thread-page-cold": "more than half is the template; a fifth is reading 200 rows, the rest is "
    "shaping them for it. The template by itself finds all it needs in the caches of the "
    "processor. Tried: one statement for posts and who wrote them, statements put together once, "
    "objects that are not frozen",
    "actor-document": "what every request passes: the log line, the metrics, the headers, the "
    "host check and the table of routes",
    "idle-memory": "SQLAlchemy, our own modules, pydantic and the library of cryptography are more "
    "than half of it",
    "start": "importing 1,430 modules is nine tenths of it: SQLAlchemy and our models a third, "
    "dataclasses an eighth, pydantic a tenth. Tried: see decision record 0023",
    "while-processing: page": "one event loop, whose longest pieces have 2 to 4 ms; the same load "
    "without anything queued takes about as long, on two cores that the load, the server and the "
    "database share. Tried: see decision record 0022",
    "while-processing: POST /inbox": "one writer on SQLite: an activity waits for the batch that "
    "is written, and then for the disk. Tried: see decision record 0022",
}
"""What limits a figure that misses its aim, by its name."""


def keep_figures(figures: Sequence[Figure]) -> None:
    """Write a section for each group of figures that were measured."""
    for group, (title, words) in _SECTIONS.items():
        found = [it for it in figures if _GROUPS.get(it.name.partition("-")[0], "pages") == group]
        if found:
            rows = [_row(it) for it in found]
            headings = ["figure", "on", "value", "limit", "ratio", "must", "aim", "reached"]
            notes = [f"{it.name} ({it.on}): {it.note}." for it in found if it.note]
            notes += [f"{name} misses its aim: {_why(name)}." for name in _missed(found)]
            section = Section(f"Speed: {title.lower()}", f"{words} {_RATIO}", headings, rows, notes)
            keep(f"bench-{group}", section)


def keep_curves(curves: Sequence[Curve]) -> None:
    """Write the section of how the figures grow."""
    headings = ["CPU ms", "on", *(f"{size:,} posts" for size in SIZES), "growth"]
    rows = [
        [it.name, it.on, *(f"{value / 1_000:.2f}" for value in it.values), f"{it.growth:.1f} ×"]
        for it in curves
    ]
    words = (
        "The same questions to a server with ten and a hundred times as many posts and followers. "
        "Nothing kept in memory was used."
    )
    keep("growth", Section("How it grows", words, headings, rows))


def _missed(figures: Sequence[Figure]) -> list[str]:
    return list(dict.fromkeys(it.name for it in figures if it.reached is False))


def _why(name: str) -> str:
    return _WHY.get(name, "see the note of the figure")


def _row(it: Figure) -> list[str]:
    sign = "≤" if it.limit is None else "≥"
    return [
        it.name,
        it.on,
        f"{it.value:,.1f} {it.of} / {it.unit}",
        "" if it.limit is None else f"{it.limit:,.1f} ({it.limit_name})",
        "" if it.ratio is None else f"{it.ratio:.2f}",
        "" if it.must is None else f"{sign} {_plain(it.must)}",
        "" if it.aim is None else f"{sign} {_plain(it.aim)}",
        "aim" if it.reached else {True: "must", False: "no", None: ""}[it.holds],
    ]


def _plain(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")

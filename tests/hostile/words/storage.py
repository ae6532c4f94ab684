"""Sentences about what is stored: words that must not be there, and limits of what is kept."""

from collections.abc import Iterator

from tests.hostile.states import ARRIVED
from tests.hostile.trial import Trial
from tests.hostile.words.table import says

_RECEIVED = frozenset({ARRIVED})
_KEPT_ATTACHMENTS, _KEPT_TAGS = 16, 50


@says(r"no row contains (\w+)")
def no_row_contains(trial: Trial, words: str) -> Iterator[str]:
    """Apart from the record of what arrived, which nobody reads but the inbox itself."""
    for table, text in trial.after.texts():
        if table not in _RECEIVED and words in text:
            yield f"{table} has {text[:200]!r}"


@says("no third-party signature trusted")
def no_other_speaks(trial: Trial) -> Iterator[str]:
    for row in trial.new("posts"):
        if trial.uri_of(row["author_id"]) not in trial.signers:
            yield f"{row['uri']} by {trial.uri_of(row['author_id'])}"
    for row in trial.new("activities"):
        if not row["local"] and row["actor_uri"] not in trial.signers:
            yield f"{row['uri']} by {row['actor_uri']}"


@says("no inbox row, no actor row, no job")
def no_trace(trial: Trial) -> Iterator[str]:
    for table in (ARRIVED, "actors", "jobs"):
        for row in trial.new(table):
            yield f"{table} has {row}"


@says("known terms read as plain JSON")
def read_plainly(trial: Trial) -> Iterator[str]:
    if not trial.refused and not trial.new("posts"):
        yield "it was accepted, and nothing was made of it"


@says("400, or stored with U\\+FFFD")
def storable(trial: Trial) -> Iterator[str]:
    for table, text in trial.after.texts():
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            yield f"{table} has a lone surrogate"


@says("same behaviour on both databases")
def no_nul(trial: Trial) -> Iterator[str]:
    """What PostgreSQL cannot store is stored nowhere; then both behave alike."""
    for table, text in trial.after.texts():
        if "\0" in text:
            yield f"{table} has a NUL"


@says(r"<= (\d+) attachments and <= (\d+) hashtags kept")
def few_kept(trial: Trial, attachments: str, tags: str) -> Iterator[str]:
    if len(trial.new("attachments")) > int(attachments):
        yield f"{len(trial.new('attachments'))} attachments"
    if len(trial.new("post_tags")) > int(tags):
        yield f"{len(trial.new('post_tags'))} hashtags"


@says(r"ids > ([\d,]+) bytes refused; names truncated to ([\d,]+)")
def short_enough(trial: Trial, ids: str, names: str) -> Iterator[str]:
    longest = int(ids.replace(",", "")), int(names.replace(",", ""))
    for table, name, most in (
        ("posts", "uri", longest[0]),
        ("actors", "uri", longest[0]),
        ("posts", "title", longest[1]),
        ("actors", "display_name", longest[1]),
    ):
        for row in trial.after.rows(table):
            if len(row[name]) > most:
                yield f"{name} of {table} has {len(row[name])} letters"


@says(r"stored HTML <= (\d+) KiB and nesting <= (\d+)")
def little_html(trial: Trial, size: str, depth: str) -> Iterator[str]:
    for row in trial.new("posts"):
        html = row["html"]
        if len(html.encode()) > int(size) << 10:
            yield f"{len(html)} letters"
        deepest = level = 0
        for part in html.split("<")[1:]:
            level += -1 if part.startswith("/") else 0 if part.startswith("br") else 1
            deepest = max(deepest, level)
        if deepest > int(depth):
            yield f"nested {deepest} deep"

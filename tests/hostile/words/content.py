"""Sentences about what pages, documents, feeds and logs show of what came in."""

from collections.abc import Iterator

from tests.hostile.people import KIND
from tests.hostile.trial import Trial
from tests.hostile.words.table import says
from tests.hostile.world import MARKERS

_PAGES = ("/", "/explore", "/explore/discussions", "/c/public", "/c/public/outbox", "/u/lara")


@says("no PRIV marker in any (?:public )?page", "no marker(?: disclosed)?")
async def nothing_disclosed(trial: Trial) -> list[str]:
    """Nothing that anybody can open, no answer and no line of the log has a marker."""
    wrong = [
        f"{marker} is in an answer"
        for reply in trial.all_replies
        for marker in MARKERS
        if marker in reply.text
    ]
    for target in _PAGES:
        for accept in ("text/html", KIND):
            reply = await trial.stage.get(target, accept)
            wrong += [f"{target} has {marker}" for marker in MARKERS if marker in reply.text]
    log = trial.stage.log()
    return wrong + [f"the log has {marker}" for marker in MARKERS if marker in log]


def disclosed(trial: Trial) -> Iterator[str]:
    """The markers in what was answered and brought to others (state S4)."""
    for reply in trial.all_replies:
        yield from (f"an answer has {marker}" for marker in MARKERS if marker in reply.text)
    for one in trial.deliveries:
        for marker in MARKERS:
            if marker.encode() in one.body:
                yield f"{one.url} got {marker}"

"""Sentences about time, memory and floods."""

from collections.abc import Iterator

from tests.hostile.trial import Trial
from tests.hostile.words.table import says

_UNITS = {"ms": 1e-3, "s": 1.0}


@says(r"< (\d+) (ms|s) CPU(?: for the request)?")
def little_cpu(trial: Trial, most: str, unit: str) -> Iterator[str]:
    if trial.cpu > int(most) * _UNITS[unit]:
        yield f"{trial.cpu * 1000:.0f} ms"


@says(
    r"p95 of others < 1 s",
    r"other requests(?: served meanwhile)? \(?p95 < 1 s\)?",
    r"normal requests p95 < 1 s meanwhile",
)
def others_are_served(trial: Trial) -> Iterator[str]:
    if not trial.others:
        yield "no other request was answered"
    if trial.p95() > 1.0:
        yield f"{trial.p95():.1f} s"


@says(r"RSS growth < (\d+) MiB", "never inflated")
def little_memory(trial: Trial, most: str = "8") -> Iterator[str]:
    grown = trial.growth / 2**20
    if grown > int(most):
        yield f"{grown:.1f} MiB"


@says("connection closed early")
def refused_early(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        if reply.seconds > 5.0:
            yield f"answered only after {reply.seconds:.1f} s"


@says("no 5xx", r"no 5xx, no worker death")
def no_failure(trial: Trial) -> Iterator[str]:
    for reply in trial.all_replies:
        if reply.status >= 500:
            yield f"answered {reply.status}"
    if not trial.stage.alive():
        yield "the process died"


@says("job never retried forever")
def no_poison(trial: Trial) -> Iterator[str]:
    """Nothing waits that was tried and failed, and nothing was met that nobody had foreseen."""
    for row in trial.new("inbox_messages"):
        if row["state"] == "waiting" and row["attempts"]:
            yield f"{row['key']} waits: {row['error']}"


@says(r"alice: 100 % accepted, p95 < 2 s", r"(\w+): 100 % accepted, p95 < 2 s")
def honest_is_served(trial: Trial, who: str = "alice") -> Iterator[str]:
    if not trial.beside:
        yield f"{who} sent nothing"
    for reply in trial.beside:
        if reply.status != 202:
            yield f"{who} was answered {reply.status}"
    times = sorted(reply.seconds for reply in trial.beside)
    if times and times[int(len(times) * 0.95)] > 2.0:
        yield f"{who} waited {times[-1]:.1f} s"


@says(r"evil gets 429 \+ Retry-After")
def flood_is_stopped(trial: Trial) -> Iterator[str]:
    refused = [reply for reply in trial.all_replies if reply.status == 429]
    if not refused:
        yield "no request was answered 429"
    if any(not reply.header("retry-after") for reply in refused):
        yield "no Retry-After"


@says(
    r"per registrable-domain limit: <= (\d+) new subdomains per day, "
    r"<= (\d+) new actors per hour"
)
def few_strangers(trial: Trial, domains: str, actors: str) -> Iterator[str]:
    hosts = [row["name"] for row in trial.new("hosts")]
    if len(hosts) > int(domains):
        yield f"{len(hosts)} new hosts"
    known = len(trial.new("actors"))
    if known > int(actors):
        yield f"{known} new actors"


@says("page renders")
async def page_renders(trial: Trial) -> list[str]:
    wrong: list[str] = []
    for target in ("/", "/c/public"):
        reply = await trial.stage.get(target)
        if reply.status != 200:
            wrong.append(f"{target} answers {reply.status}")
    return wrong

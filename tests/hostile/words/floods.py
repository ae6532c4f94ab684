"""Sentences about who says the same, or too much, again and again."""

from collections import Counter
from collections.abc import Iterator

from tests.hostile.trial import Trial
from tests.hostile.words.table import says


@says(r"<= (\d+) Accepts sent per hour")
def few_accepts(trial: Trial, most: str) -> Iterator[str]:
    accepts = [one for one in trial.deliveries if one.json.get("type") == "Accept"]
    if len(accepts) > int(most):
        yield f"{len(accepts)} Accepts"


@says("one notification")
def one_notice(trial: Trial) -> Iterator[str]:
    """For each who is told, about each who did it."""
    told = Counter((row["account_id"], row["actor_id"]) for row in trial.new("notifications"))
    yield from (f"{number} for one reader" for number in told.values() if number > 1)


@says("no notifications")
def no_notices(trial: Trial) -> Iterator[str]:
    if trial.new("notifications"):
        yield f"{len(trial.new('notifications'))} notices"


@says("not at the top")
async def not_first(trial: Trial) -> list[str]:
    """What was said long ago stands behind what was said since."""
    new = {f"/p/{row['id']}/" for row in trial.new("posts")}
    page = (await trial.stage.get("/c/public")).text
    known = trial.stage.world.uris["public"].rpartition("/")[2]
    first = min((page.find(path) for path in new if path in page), default=-1)
    return ["it stands first"] if 0 <= first < page.find(f"/p/{known}/") else []


@says("rate limited")
def is_limited(trial: Trial) -> Iterator[str]:
    if not any(reply.status == 429 for reply in trial.all_replies):
        yield f"all of {len(trial.all_replies)} were taken"


@says("1 open case, reporters listed, no automatic removal")
def one_case(trial: Trial) -> Iterator[str]:
    reports = [row for row in trial.new("reports") if row["state"] == "open"]
    if len(reports) != 1 or reports[0]["reporter_id"] is None:
        yield f"{len(reports)} open reports"
    for change in trial.touched("posts"):
        if change.row["removed_at"] or change.row["deleted_at"]:
            yield f"{change.row['uri']} is gone"

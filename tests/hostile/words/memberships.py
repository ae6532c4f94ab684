"""Sentences about who belongs where, as what, and who is banned."""

from collections.abc import Iterator

from tests.hostile.paths import NotApplicable
from tests.hostile.people import REMOTE
from tests.hostile.snapshot import Row, Snapshot
from tests.hostile.trial import Trial
from tests.hostile.words.table import says
from tests.hostile.world import local

_TABLES = ("memberships", "bans", "follows", "host_policies")


def _member(trial: Trial, who: str, place: str, when: Snapshot | None = None) -> list[Row]:
    when = when or trial.after
    actor, group = trial.id_of(trial.who(who), when), trial.id_of(trial.who(place), when)
    return when.rows("memberships", actor_id=actor, community_id=group)


def _stewards(trial: Trial, when: Snapshot) -> set[tuple[int, int]]:
    rows = when.rows("memberships", role="steward")
    return {(row["community_id"], row["actor_id"]) for row in rows}


@says(r"(\w+) not a member", r"(\w+) is not a member")
def no_member(trial: Trial, who: str) -> Iterator[str]:
    """Whoever was one before, by another Follow, may still be one."""
    now = _member(trial, who, "public")
    if now and not _member(trial, who, "public", trial.before):
        yield f"{who} is a member"
    yield from _same_members_but(trial)


def _same_members_but(trial: Trial) -> Iterator[str]:
    ids = {trial.id_of(uri) for uri in trial.doers}
    for change in trial.touched("memberships"):
        if change.row["actor_id"] not in ids:
            yield str(change)


@says(r"(\w+) still a member")
def still_member(trial: Trial, who: str) -> Iterator[str]:
    if not _member(trial, who, "public"):
        yield f"{who} is none any more"
    yield from trial.unchanged(trial.who(who))


@says(r"(\w+)'s follow of (\w+) still pending", r"(\w+) still follows (\w+)")
def same_follow(trial: Trial, who: str, place: str) -> Iterator[str]:
    before = _member(trial, who, place, trial.before)
    if not before:
        yield "there was none"
    if before != _member(trial, who, place):
        yield f"it is {_member(trial, who, place)}"


@says(
    r"(\w+) is a member \(or pending\) once; exactly one Accept delivered to \1",
)
def member_once(trial: Trial, who: str) -> Iterator[str]:
    if len(_member(trial, who, "public")) != 1:
        yield f"{len(_member(trial, who, 'public'))} memberships"
    accepts = [one for one in trial.deliveries if one.json.get("type") == "Accept"]
    if len(accepts) != 1:
        yield f"{len(accepts)} Accepts"


@says("ban stays", "no follow, no ban", "no effect unless the group itself announces it")
def nothing_about_belonging(trial: Trial) -> Iterator[str]:
    for table in _TABLES:
        for change in trial.touched(table):
            yield str(change)


@says(
    "moderators unchanged",
    "moderator list unchanged until a local moderator confirms",
)
def same_stewards(trial: Trial) -> Iterator[str]:
    before, after = _stewards(trial, trial.before), _stewards(trial, trial.after)
    for place, who in before ^ after:
        yield f"{trial.uri_of(who)} in {trial.uri_of(place)}"


@says("lara's collection and the restricted category unchanged")
def no_other_place(trial: Trial) -> Iterator[str]:
    """What is said names a place that is not its author's to fill: it is not there."""
    yield from trial.unchanged(trial.who("lara"), local("/c/announcements"))
    for row in trial.new("posts"):
        if trial.uri_of(row["community_id"]) != local("/c/public"):
            yield f"{row['uri']} is in {trial.uri_of(row['community_id'])}"


@says("public/featured has no private post")
def not_featured(trial: Trial) -> Iterator[str]:
    for row in trial.after.rows("posts"):
        if row["pinned_at"]:
            yield f"{row['uri']} is pinned"


@says(
    "no like row; reply does not reveal that the post exists",
    "PRIV9 not shown to non-members, not in public outbox, no PRIV marker in any public page",
)
def private_like(trial: Trial) -> Iterator[str]:
    raise NotApplicable("private communities")


@says("not visible, no Announce sent", "text unchanged; post not redistributed")
def not_spread(trial: Trial) -> Iterator[str]:
    for row in trial.new("posts"):
        yield f"{row['uri']} is there"
    for change in trial.touched("posts"):
        if change.before is not None and change.columns & {"html", "title", "source"}:
            yield f"{change.row['uri']} reads otherwise"
    for one in trial.announces():
        yield f"announced to {one.url}"


@says("held or rejected with Reject")
def held(trial: Trial) -> Iterator[str]:
    """It is not shown, and who is no member has not become one by it."""
    who = next(iter(trial.signers), REMOTE["bob"].uri)
    actor = trial.id_of(who)
    if trial.after.rows("memberships", actor_id=actor) != trial.before.rows(
        "memberships", actor_id=actor
    ):
        yield f"{who} has become a member"

"""What becomes of what keeps order: stewards, pins, locks, bans, reports, accounts that move."""

from fedcop.activitypub.vocab.activities import Add
from fedcop.errors import Malformed, NotTheirs
from fedcop.inbox.explain.case import Case
from fedcop.inbox.explain.outcomes import Outcome, Verdict, a

_STEWARDS, _PINNED = ("moderators",), ("featured", "pinned")


def change_list(case: Case) -> Verdict:
    """Add and Remove: only the stewards and the pinned posts of a community are lists to us."""
    uri, target, activity = case.uri(), case.activity.target, case.activity
    if not target:
        raise Malformed(f"“target” is missing: {a(case.type)} has to name a collection.")
    last = target.rstrip("/").rpartition("/")[2]
    if last not in _STEWARDS + _PINNED:
        return Outcome.DELIVERY_ONLY, (
            f"“target” is {target}: only the stewards and the pinned posts of a community count."
        )
    if case.via is None and target.startswith(f"{activity.actor}/"):
        return Outcome.DELIVERY_ONLY, f"“target” is {target}, on the profile of who says it."
    into = "into" if isinstance(activity, Add) else "out of"
    what = "the stewards" if last in _STEWARDS else "what is pinned"
    return Outcome.MODERATION, f"{uri} comes {into} {what} of a community ({target})."


def lock(case: Case) -> Verdict:
    """Lock."""
    return Outcome.MODERATION, f"No more replies to {case.uri()}, if its community says so."


def block(case: Case) -> Verdict:
    """Block: with a target a ban, without one between two people."""
    target = case.activity.target
    if target is None:
        return Outcome.MODERATION, f"Somebody keeps {case.uri()} away, if that is a person here."
    until = case.activity.end_time
    over = f" until {until:%Y-%m-%d}: one that is over changes nothing" if until else ""
    return Outcome.MODERATION, f"{case.uri()} is banned from {target}{over}."


def flag(case: Case) -> Verdict:
    """Flag."""
    return Outcome.MODERATION, "A report: it is kept for stewards if it is about something here."


def move(case: Case) -> Verdict:
    """Move of an account. Raises Malformed, NotTheirs for one that leads nowhere."""
    activity = case.activity
    if case.uri() != activity.actor:
        return Outcome.DELIVERY_ONLY, "A Move of something other than who says it."
    if activity.target is None:
        raise Malformed("“target” is missing: a Move has to name the new account.")
    if activity.target == activity.actor:
        raise NotTheirs("“target” is “actor”: nobody moves to where they are.")
    return Outcome.ACTOR, (
        f"An account that goes on as {activity.target}: followers go along if the new account's "
        "own host names the old one (alsoKnownAs)."
    )

"""Which activities rightly do nothing here, or are refused, and why: rules, never file names."""

from collections.abc import Callable

from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.objects import POST_TYPES
from tests.replay.documents import host, id_of, is_public
from tests.replay.origin import Origin
from tests.replay.scenes import Case

NOTHING, REFUSED = "nothing", "refused"
Rule = Callable[[Case, Origin], bool]


def reason(case: Case, origin: Origin) -> tuple[str, str] | None:
    """How it ends and why, if it should do nothing: the first rule that fits."""
    return next(((how, why) for rule, how, why in RULES if rule(case, origin)), None)


def _several_objects(case: Case, origin: Origin) -> bool:
    return isinstance(case.thing, list) and case.verb != "Announce"


def _of_another_host(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and bool(case.inner) and host(case.object_id) != host(case.actor)


def _by_somebody_else(case: Case, origin: Origin) -> bool:
    return case.verb == "Undo" and id_of(case.inner.get("actor", case.actor)) != case.actor


def _only_named(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and not case.inner


def _not_public(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and not is_public(case.said, case.inner)


def _no_post(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and case.inner.get("type") not in POST_TYPES


def _in_no_community(case: Case, origin: Origin) -> bool:
    starts = case.verb == "Create" and not case.inner.get("inReplyTo")
    return starts and not case.via and not case.community


def _approves(case: Case, origin: Origin) -> bool:
    return case.verb in {"Accept", "Reject"} and case.is_approval


def _answers_for_another(case: Case, origin: Origin) -> bool:
    if case.verb not in {"Accept", "Reject"}:
        return False
    return bool(case.inner) and id_of(case.inner.get("object")) != case.actor


def _deletes_no_post(case: Case, origin: Origin) -> bool:
    return case.verb == "Delete" and case.object_id != case.actor and not case.is_of_a_post


def _boosts(case: Case, origin: Origin) -> bool:
    return case.verb == "Announce" and not origin.is_group(case.actor)


def _takes_back_a_boost(case: Case, origin: Origin) -> bool:
    return case.verb == "Undo" and case.inner.get("type") == "Announce"


def _takes_back_a_deletion(case: Case, origin: Origin) -> bool:
    return case.verb == "Undo" and case.inner.get("type") == "Delete"


def _edits_what_is_ours(case: Case, origin: Origin) -> bool:
    of_actor = case.verb == "Update" and case.inner.get("type") in ACTOR_TYPES
    return of_actor and host(case.object_id) != host(case.actor)


RULES: tuple[tuple[Rule, str, str], ...] = (
    (_several_objects, REFUSED, "a Create of several things (votes in a poll)"),
    (_of_another_host, REFUSED, "what it creates lies on another host than its actor"),
    (_by_somebody_else, REFUSED, "it undoes what another did"),
    (_only_named, NOTHING, "a Create of an id, in no community"),
    (_not_public, NOTHING, "not public: a private message, a vote in a poll, for followers"),
    (_no_post, NOTHING, "no type of post"),
    (_in_no_community, NOTHING, "a post in no community"),
    (_approves, NOTHING, "an approval of a reply, like or boost, not of a Follow"),
    (_answers_for_another, NOTHING, "an answer to a Follow of somebody else"),
    (_deletes_no_post, NOTHING, "a deletion of what is never held here"),
    (_boosts, NOTHING, "a boost by a person"),
    (_takes_back_a_boost, NOTHING, "a boost taken back"),
    (_takes_back_a_deletion, NOTHING, "a deletion taken back, which is not possible here"),
    (_edits_what_is_ours, NOTHING, "a community of ours is described here only"),
)

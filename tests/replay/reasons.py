"""Which activities rightly do nothing here, or are refused, and why: rules, never file names."""

from collections.abc import Callable
from datetime import UTC, datetime

from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.activitypub.vocab.values import moment
from tests.replay.case import Case
from tests.replay.documents import host, id_of, is_public
from tests.replay.origin import Origin

NOTHING, REFUSED = "nothing", "refused"
_OF_STEWARDS = {"Add", "Remove", "Lock", "Delete"}
Rule = Callable[[Case, Origin], bool]


def reason(case: Case, origin: Origin) -> tuple[str, str] | None:
    """How it ends and why, if it should do nothing: the first rule that fits."""
    return next(((how, why) for rule, how, why in RULES if rule(case, origin)), None)


def _several_objects(case: Case, origin: Origin) -> bool:
    return isinstance(case.thing, list) and case.verb not in {"Announce", "Flag"}


def _of_another_host(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and bool(case.inner) and host(case.object_id) != host(case.actor)


def _of_a_closed_group(case: Case, origin: Origin) -> bool:
    theirs = any(host(one) == host(case.actor) for one in case.authors)
    anothers = case.verb == "Create" and bool(case.inner) and case.actor not in case.authors
    return anothers and theirs and not is_public(case.said, case.inner)


def _is_anothers(case: Case, origin: Origin) -> bool:
    theirs = [one for one in case.authors if origin.is_group(one) and host(one) == host(case.actor)]
    return case.verb == "Create" and bool(case.inner) and case.actor not in [*case.authors, *theirs]


def _by_somebody_else(case: Case, origin: Origin) -> bool:
    same = id_of(case.inner.get("actor", case.actor)) == case.actor
    return case.verb == "Undo" and not same and case.inner.get("type") not in _OF_STEWARDS


def _only_named(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and not case.inner


def _not_public(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and not is_public(case.said, case.inner)


def _no_post(case: Case, origin: Origin) -> bool:
    return case.verb == "Create" and case.inner.get("type") not in POST_TYPES


def _in_no_community(case: Case, origin: Origin) -> bool:
    starts = case.verb == "Create" and not case.inner.get("inReplyTo")
    place = case.via or case.community or case.group(origin.is_group)
    return starts and not place


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


def _takes_back_a_deletion_of_no_post(case: Case, origin: Origin) -> bool:
    undone = Case(case.json, case.inner, case.via)
    return case.verb == "Undo" and case.inner.get("type") == "Delete" and not undone.is_of_a_post


def _takes_back_their_own_deletion(case: Case, origin: Origin) -> bool:
    own = case.inner.get("type") == "Delete" and "summary" not in case.inner
    return case.verb == "Undo" and own


def _is_no_list_of_a_community(case: Case, origin: Origin) -> bool:
    return case.verb in {"Add", "Remove"} and not case.collection


def _moves_something_else(case: Case, origin: Origin) -> bool:
    return case.verb == "Move" and case.object_id != case.actor


def _stays(case: Case, origin: Origin) -> bool:
    return case.verb == "Move" and id_of(case.said.get("target")) == case.actor


def _is_over(case: Case, origin: Origin) -> bool:
    until = moment(case.said.get("endTime"))
    return case.verb == "Block" and until is not None and until <= datetime.now(UTC)


RULES: tuple[tuple[Rule, str, str], ...] = (
    (_several_objects, REFUSED, "a Create of several things (votes in a poll)"),
    (_of_another_host, REFUSED, "what it creates lies on another host than its actor"),
    (_of_a_closed_group, REFUSED, "a post that a group shows to its members only"),
    (_is_anothers, REFUSED, "a post that another actor than its author creates"),
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
    (
        _takes_back_a_deletion_of_no_post,
        NOTHING,
        "a deletion taken back of what is never held here",
    ),
    (_takes_back_their_own_deletion, REFUSED, "what its author deleted is gone for good"),
    (_is_no_list_of_a_community, NOTHING, "a list that is not of a community's stewards or pins"),
    (_is_over, NOTHING, "a ban that has ended already"),
    (_moves_something_else, NOTHING, "a Move of something other than who says it"),
    (_stays, REFUSED, "a Move from an account to itself"),
)

"""What `explain` says of a message, held against what it really did when it was replayed."""

from collections.abc import Callable

import orjson

from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.inbox.explain.documents import explain
from fedcop.inbox.explain.outcomes import Explanation, Outcome
from fedcop.wiring import OBJECT_TYPES
from tests.replay.case import Case
from tests.replay.documents import Document
from tests.replay.reasons import NOTHING, REFUSED
from tests.replay.result import Result

_POST = {Outcome.POST, Outcome.REPLY}
_OF: dict[Outcome, str] = {
    Outcome.POST: "threaded,edited,deleted",
    Outcome.REPLY: "reply,edited,deleted",
    Outcome.ACTOR: "profile,moved,deleted",
    Outcome.VOTE: "vote,unvote",
    Outcome.MEMBERSHIP: "member,left,accepted,rejected",
    Outcome.MODERATION: "removed,restored,locked,unlocked,banned,blocked,let in again,reported,"
    "steward,no longer steward,pinned,no longer pinned",
    Outcome.DELIVERY_ONLY: NOTHING,
    Outcome.IGNORED: NOTHING,
    Outcome.REFUSED: REFUSED,
}
"""What may have become of a message of which `explain` says so."""

Exempt = Callable[[Case, Explanation, Result], bool]


def _announced_by_its_id(case: Case, found: Explanation, result: Result) -> bool:
    """By a community it is a publication: a document does not tell whether its actor is one."""
    by_id = case.verb == "Announce" and not case.inner
    return (
        by_id
        and found.outcome is Outcome.DELIVERY_ONLY
        and result.outcome
        in {
            "threaded",
            "reply",
        }
    )


def _boosted(case: Case, found: Explanation, result: Result) -> bool:
    """The same the other way round: a post that is embedded, announced by a person."""
    embedded = case.verb == "Announce" and case.inner.get("type") in POST_TYPES
    return embedded and found.outcome in _POST and result.outcome == NOTHING


def _takes_back_own_deletion(case: Case, found: Explanation, result: Result) -> bool:
    """It counts as what it undoes; that those words are gone is said in the reason."""
    undone = case.verb == "Undo" and case.inner.get("type") == "Delete"
    return undone and found.outcome in _POST and result.outcome in {NOTHING, REFUSED}


def _deletes_a_private_message(case: Case, found: Explanation, result: Result) -> bool:
    """The id alone does not tell that it was a message to one person."""
    by_id = case.verb == "Delete" and case.object_id != case.actor
    return by_id and found.outcome in _POST and result.outcome == NOTHING


def _is_over(case: Case, found: Explanation, result: Result) -> bool:
    """What a ban is does not depend on the day on which somebody asks."""
    over = case.verb == "Block" and "endTime" in case.said
    return over and found.outcome is Outcome.MODERATION and result.outcome == NOTHING


def _of_a_closed_group(case: Case, found: Explanation, result: Result) -> bool:
    """Its host, which is asked for it, does not show it: a document alone does not tell that."""
    anothers = case.verb == "Create" and bool(case.inner) and case.actor not in case.authors
    return anothers and found.outcome is Outcome.DELIVERY_ONLY and result.outcome == REFUSED


def _of_a_group(case: Case, found: Explanation, result: Result) -> bool:
    """What a group says is in it: a document does not tell whether its author is one."""
    own = case.verb == "Create" and case.actor in case.authors and not case.community
    return own and found.outcome is Outcome.DELIVERY_ONLY and result.outcome == "threaded"


EXCEPTIONS: tuple[Exempt, ...] = (
    _announced_by_its_id,
    _boosted,
    _takes_back_own_deletion,
    _deletes_a_private_message,
    _is_over,
    _of_a_closed_group,
    _of_a_group,
)


def explained(document: Document) -> Explanation:
    """What `explain` says of the message as it is sent."""
    return explain(orjson.dumps(document.json), OBJECT_TYPES)


def disagreement(document: Document, result: Result) -> str:
    """How the two differ, in words; empty if they agree or an exception has a reason for it."""
    found, case = explained(document), Case.of(document.json)
    if result.outcome in _OF.get(found.outcome, "").split(","):
        return ""
    if any(exempt(case, found, result) for exempt in EXCEPTIONS):
        return ""
    return f"said “{found.outcome}” ({found.reason}), but it became “{result.outcome}” {result.why}"
